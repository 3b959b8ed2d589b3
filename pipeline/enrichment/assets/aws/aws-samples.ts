/** Configuration items of AWS Config, for tests: more than the queries select. */
import type { JsonObject } from '../../../../platform/json.ts';

export const ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '444455556666';
export const REGION = 'eu-central-1';

interface Place {
  readonly account?: string;
  readonly region?: string;
}

const item = (
  resourceType: string,
  arn: string,
  configuration: JsonObject,
  { account = ACCOUNT, region = REGION }: Place = {},
  more: JsonObject = {},
): JsonObject => ({
  version: '1.3',
  configurationItemStatus: 'OK',
  resourceType,
  resourceId: arn.slice(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1),
  arn,
  accountId: account,
  awsRegion: region,
  tags: [],
  configuration,
  ...more,
});

export const tags = (named: Readonly<Record<string, string>>): JsonObject => ({
  tags: Object.entries(named).map(([key, value]) => ({ key, value, tag: `${key}=${value}` })),
});

interface InstanceParts extends Place {
  readonly publicIp?: string;
  readonly groups?: readonly string[];
  readonly profile?: string;
  readonly state?: string;
  readonly named?: Readonly<Record<string, string>>;
}

export const instanceArn = (id: string, { account = ACCOUNT, region = REGION }: Place = {}): string =>
  `arn:aws:ec2:${region}:${account}:instance/${id}`;

export function instance(id: string, parts: InstanceParts = {}): JsonObject {
  const { publicIp, groups = ['sg-0web'], profile, state = 'running', named = {} } = parts;
  const list = groups.map((groupId) => ({ groupId, groupName: groupId }));
  const configuration: JsonObject = {
    instanceId: id,
    state: { name: state, code: 16 },
    securityGroups: list,
    networkInterfaces: [
      {
        networkInterfaceId: `eni-${id}`,
        groups: list,
        ...(publicIp !== undefined && { association: { publicIp, ipOwnerId: 'amazon' } }),
      },
    ],
    ...(publicIp !== undefined && { publicIpAddress: publicIp }),
    ...(profile !== undefined && { iamInstanceProfile: { arn: profile, id: 'AIPAEXAMPLE' } }),
    keyName: 'ops',
  };
  return item('AWS::EC2::Instance', instanceArn(id, parts), configuration, parts, tags(named));
}

export const securityGroup = (id: string, ipPermissions: JsonObject[], place: Place = {}): JsonObject =>
  item(
    'AWS::EC2::SecurityGroup',
    `arn:aws:ec2:${place.region ?? REGION}:${place.account ?? ACCOUNT}:security-group/${id}`,
    { groupId: id, groupName: id, ipPermissions },
    place,
  );

export const OPEN_443: JsonObject = {
  ipProtocol: 'tcp',
  fromPort: 443,
  toPort: 443,
  ipv4Ranges: [{ cidrIp: '0.0.0.0/0' }],
  ipv6Ranges: [],
  ipRanges: ['0.0.0.0/0'],
};
export const OFFICE_22: JsonObject = {
  ...OPEN_443,
  fromPort: 22,
  toPort: 22,
  ipv4Ranges: [],
  ipRanges: ['198.51.100.0/24'],
};

export const WEB_ROLE = `arn:aws:iam::${ACCOUNT}:role/web`;
export const WEB_PROFILE = `arn:aws:iam::${ACCOUNT}:instance-profile/web-profile`;

export const role = (policies: readonly string[]): JsonObject =>
  item(
    'AWS::IAM::Role',
    WEB_ROLE,
    {
      roleName: 'web',
      instanceProfileList: [{ arn: WEB_PROFILE, instanceProfileName: 'web-profile', roles: [{ arn: WEB_ROLE }] }],
      attachedManagedPolicies: policies.map((policyArn) => ({
        policyArn,
        policyName: policyArn.split('/').at(-1) ?? '',
      })),
      rolePolicyList: [{ policyName: 'inline', policyDocument: '%7B%7D' }],
    },
    { region: 'global' },
  );

export const bucket = (
  name: string,
  blocked: boolean | undefined,
  named: Readonly<Record<string, string>> = {},
): JsonObject =>
  item(
    'AWS::S3::Bucket',
    `arn:aws:s3:::${name}`,
    { name },
    {},
    {
      ...tags(named),
      resourceName: name,
      supplementaryConfiguration: {
        BucketPolicy: { policyText: null },
        ...(blocked !== undefined && {
          PublicAccessBlockConfiguration: {
            blockPublicAcls: blocked,
            ignorePublicAcls: true,
            blockPublicPolicy: true,
            restrictPublicBuckets: true,
          },
        }),
      },
    },
  );

export const database = (publiclyAccessible: boolean, groups: readonly string[]): JsonObject =>
  item('AWS::RDS::DBInstance', `arn:aws:rds:${REGION}:${ACCOUNT}:db:orders`, {
    publiclyAccessible,
    masterUsername: 'orders',
    vpcSecurityGroups: groups.map((vpcSecurityGroupId) => ({ vpcSecurityGroupId, status: 'active' })),
  });

export const balancer = (scheme: string, securityGroups: readonly string[]): JsonObject =>
  item(
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/app/web/0a`,
    {
      scheme,
      securityGroups: [...securityGroups],
    },
  );

export const cluster = (ResourcesVpcConfig: JsonObject): JsonObject =>
  item('AWS::EKS::Cluster', `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/shop`, { RoleArn: WEB_ROLE, ResourcesVpcConfig });

export const lambda = (): JsonObject =>
  item('AWS::Lambda::Function', `arn:aws:lambda:${REGION}:${ACCOUNT}:function:orders`, {
    role: WEB_ROLE,
    runtime: 'nodejs24.x',
  });
