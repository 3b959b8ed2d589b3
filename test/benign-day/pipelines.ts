import { SUBSCRIPTION } from '../../local/demo/tenant.ts';
import { DEPLOY, guid, KUBELET, LANDING_ZONE, TERRAFORM, type Workload } from './company.ts';
import type { DayMaker, DayRecord } from './day-maker.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ARM = 'Azure Resource Manager';
const ROLES = '/providers/Microsoft.Authorization/roleDefinitions';
const SCOPE = `/subscriptions/${SUBSCRIPTION}`;
const STORES = ['shopdata', 'shoplogs', 'shopmedia', 'shopstate', 'shopbackup', 'shopweb'];
const GITHUB = { issuer: 'token.actions.githubusercontent.com', audience: 'sts.amazonaws.com' };

/** One deployment of the shop from GitHub: to Azure, to the cluster and to AWS. */
export function deployment(make: DayMaker, time: number, number: number): DayRecord[] {
  const release = `shop-${number}`;
  const step = (n: number) => time + n * 7000;
  const azure = (n: number, operation: string, target: string, request = {}) =>
    make.azure(step(n), DEPLOY, operation, target, request);
  const helm = {
    user: DEPLOY.objectId,
    groups: ['system:authenticated', 'shop-deployers'],
    ip: DEPLOY.ip,
    agent: 'Helm/3.19.0',
    namespace: 'shop',
  };
  const { record, opened } = make.webIdentity(
    step(20),
    { ...GITHUB, subject: 'repo:contoso-example/shop:ref:refs/heads/main', ip: DEPLOY.ip },
    'release',
    'GitHubActions',
  );
  const aws = (n: number, service: string, name: string, request = {}) =>
    make.aws(step(n), opened, DEPLOY.ip, { service, name, request });
  return [
    make.workloadSignIn(step(0), DEPLOY, ARM),
    ...azure(1, 'Microsoft.Resources/deployments/write', `Microsoft.Resources/deployments/${release}`),
    ...azure(2, 'Microsoft.Web/sites/write', 'Microsoft.Web/sites/shop-web'),
    ...azure(3, 'Microsoft.Web/sites/config/write', 'Microsoft.Web/sites/shop-web'),
    ...azure(
      5,
      'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action',
      'Microsoft.ContainerService/managedClusters/shop',
    ),
    make.cluster(step(6), { ...helm, verb: 'list', resource: 'secrets', query: 'labelSelector=owner%3Dhelm' }),
    make.cluster(step(7), { ...helm, verb: 'create', resource: 'secrets', name: `sh.helm.release.v1.shop.v${number}` }),
    make.cluster(step(8), { ...helm, verb: 'patch', resource: 'configmaps', name: 'shop-settings' }),
    ...['web', 'worker', 'mail'].map((name, at) =>
      make.cluster(step(9 + at), { ...helm, verb: 'patch', resource: 'deployments', group: 'apps', name }),
    ),
    record,
    aws(21, 'ecr', 'GetAuthorizationToken'),
    aws(22, 'ecs', 'RegisterTaskDefinition', { family: 'shop-worker' }),
    aws(23, 'ecs', 'UpdateService', { cluster: 'shop', service: 'worker', taskDefinition: `shop-worker:${number}` }),
    aws(24, 'lambda', 'UpdateFunctionCode20150331v2', { functionName: 'shop-thumbnails' }),
    aws(25, 's3', 'PutBucketTagging', { bucketName: 'contoso-example-media' }),
    aws(26, 'cloudfront', 'CreateInvalidation', { distributionId: 'E2EXAMPLE' }),
  ];
}

/** One run of Terraform over everything; `changes` where it has something to change, otherwise it only looks. */
function terraformRun(make: DayMaker, time: number, number: number, changes: boolean): DayRecord[] {
  const step = (n: number) => time + n * 4000;
  const azure = (n: number, operation: string, target: string, request = {}) =>
    make.azure(step(n), TERRAFORM, operation, target, request);
  const { record, opened } = make.webIdentity(
    step(2),
    { ...GITHUB, subject: 'repo:contoso-example/platform:environment:production', ip: TERRAFORM.ip },
    'terraform',
    `run-${number}`,
  );
  const terraform = 'APN/1.0 HashiCorp/1.0 Terraform/1.14.0';
  const aws = (n: number, service: string, name: string, request = {}, response = {}) =>
    make.aws(step(n), opened, TERRAFORM.ip, { service, name, request, response }, terraform);
  const looks = [
    make.workloadSignIn(step(0), TERRAFORM, ARM),
    // It reads the keys of storage accounts and the administrator's kubeconfig in every run.
    ...STORES.flatMap((name, at) =>
      azure(3 + at, 'Microsoft.Storage/storageAccounts/listKeys/action', `Microsoft.Storage/storageAccounts/${name}`),
    ),
    ...azure(
      10,
      'Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action',
      'Microsoft.ContainerService/managedClusters/shop',
    ),
    ...['namespaces', 'resourcequotas'].map((kind, at) =>
      make.cluster(step(11 + at), {
        user: 'masterclient',
        groups: ['system:masters', 'system:authenticated'],
        ip: TERRAFORM.ip,
        agent: terraform,
        verb: 'get',
        resource: kind,
        name: 'shop',
      }),
    ),
    record,
    ...['DescribeVpcs', 'DescribeSecurityGroups', 'DescribeSubnets', 'DescribeInstances'].map((name, at) =>
      aws(14 + at, 'ec2', name),
    ),
    aws(19, 'ec2', 'DescribeInstanceAttribute', { instanceId: 'i-0abc1234def567890', attribute: 'userData' }),
    aws(20, 'iam', 'GetRole', { roleName: 'web-server' }),
    aws(21, 's3', 'GetBucketPolicy', { bucketName: 'contoso-example-media' }),
  ];
  return changes ? [...looks, ...terraformChanges(azure, aws)] : looks;
}

type Azure = (n: number, operation: string, target: string, request?: Record<string, string>) => DayRecord[];
type Aws = (n: number, service: string, name: string, request?: object, response?: object) => DayRecord;

/** What changes on this day: roles for workloads, ports of web servers, a bucket, a new role. */
function terraformChanges(azure: Azure, aws: Aws): DayRecord[] {
  const everybody = { fromPort: 443, toPort: 443, ipProtocol: 'tcp', ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } };
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const web = {
    access: 'Allow',
    direction: 'Inbound',
    protocol: 'Tcp',
    sourceAddressPrefix: 'Internet',
    sourcePortRange: '*',
    destinationAddressPrefix: '*',
    destinationPortRange: '443',
    priority: 200,
  };
  return [
    // AcrPull for the nodes, Reader for the product that watches.
    ...roleAssigned(azure, 30, 0x7b1, '7f951dda-4ed3-4680-a7ca-43fe172d538d', KUBELET.objectId),
    ...roleAssigned(azure, 31, 0x7b2, 'acdd72a7-3385-48ef-bd42-f606fba81ae7', guid(0xd04)),
    ...azure(32, 'Microsoft.Network/networkSecurityGroups/securityRules/write', `${NSG}/securityRules/web`, {
      requestbody: JSON.stringify({ properties: web }),
    }),
    ...azure(33, 'Microsoft.Network/networkSecurityGroups/securityRules/delete', `${NSG}/securityRules/old-web`),
    ...azure(
      34,
      'Microsoft.Insights/diagnosticSettings/write',
      `${VAULT}/providers/Microsoft.Insights/diagnosticSettings/to-siem`,
    ),
    aws(35, 'ec2', 'AuthorizeSecurityGroupIngress', {
      groupId: 'sg-0123456789abcdef0',
      ipPermissions: { items: [everybody] },
    }),
    aws(36, 'ec2', 'RevokeSecurityGroupIngress', {
      groupId: 'sg-0123456789abcdef1',
      ipPermissions: { items: [everybody] },
    }),
    aws(37, 'iam', 'CreateRole', { roleName: 'shop-worker', assumeRolePolicyDocument: JSON.stringify(trust) }),
    aws(38, 'iam', 'AttachRolePolicy', {
      roleName: 'shop-worker',
      policyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
    }),
    aws(39, 's3', 'CreateBucket', { bucketName: 'contoso-example-labels' }),
    aws(40, 's3', 'PutBucketPublicAccessBlock', {
      bucketName: 'contoso-example-labels',
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
    }),
    aws(41, 'ec2', 'RunInstances', { instanceType: 'm7g.large', subnetId: 'subnet-0abc1234def567890' }),
    aws(43, 'ec2', 'TerminateInstances', { instancesSet: { items: [{ instanceId: 'i-0abc1234def567899' }] } }),
  ];
}

const NSG = 'Microsoft.Network/networkSecurityGroups/shop-web';
const VAULT = 'Microsoft.KeyVault/vaults/kv-shop';

function roleAssigned(azure: Azure, n: number, number: number, role: string, principal: string): DayRecord[] {
  const properties = { PrincipalId: principal, RoleDefinitionId: `${SCOPE}${ROLES}/${role}`, Scope: SCOPE };
  return azure(
    n,
    'Microsoft.Authorization/roleAssignments/write',
    `${SCOPE}/providers/Microsoft.Authorization/roleAssignments/${guid(number)}`,
    { requestbody: JSON.stringify({ Properties: properties }) },
  );
}

/** The landing zone gives a team its new subscription: they own it. Settings for its logs are replaced. */
function newSubscription(make: DayMaker, time: number): DayRecord[] {
  const by = (n: number, operation: string, target: string, request = {}) =>
    make.azure(time + n * 5000, LANDING_ZONE, operation, target, request);
  return [
    make.workloadSignIn(time, LANDING_ZONE, ARM),
    ...by(1, 'Microsoft.Subscription/aliases/write', '/providers/Microsoft.Subscription/aliases/shop-test'),
    ...by(
      3,
      'Microsoft.Authorization/policyAssignments/write',
      `${SCOPE}/providers/Microsoft.Authorization/policyAssignments/tags`,
    ),
    ...roleAssigned(by, 4, 0x7c1, '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', guid(0x301)),
    ...by(
      6,
      'Microsoft.Insights/diagnosticSettings/write',
      `${SCOPE}/providers/Microsoft.Insights/diagnosticSettings/to-siem`,
    ),
  ];
}

/** The platform's pipeline brings the agents of the nodes up to date, which read the node's own log files. */
function agentsUpdated(make: DayMaker, time: number, by: Workload): DayRecord[] {
  const request = {
    kind: 'DaemonSet',
    metadata: { name: 'log-agent', namespace: 'monitoring' },
    spec: { template: { spec: { volumes: [{ name: 'logs', hostPath: { path: '/var/log' } }] } } },
  };
  const helm = { user: by.objectId, ip: by.ip, agent: 'Helm/3.19.0', namespace: 'monitoring' };
  return [
    make.workloadSignIn(time, by, ARM),
    make.cluster(time + 9000, { ...helm, verb: 'list', resource: 'secrets', query: 'labelSelector=owner%3Dhelm' }),
    make.cluster(time + 12_000, {
      ...helm,
      verb: 'patch',
      resource: 'daemonsets',
      group: 'apps',
      name: 'log-agent',
      request,
    }),
    make.cluster(time + 13_000, { ...helm, verb: 'patch', resource: 'configmaps', name: 'log-agent' }),
  ];
}

/** A build of machine images, shared with the company's other account. */
function imageBuilt(make: DayMaker, time: number): DayRecord[] {
  const { record, opened } = make.webIdentity(
    time,
    { ...GITHUB, subject: 'repo:contoso-example/images:ref:refs/heads/main', ip: '203.0.113.203' },
    'image-builder',
    'images',
  );
  const aws = (minutes: number, name: string, request = {}) =>
    make.aws(time + minutes * MINUTE, opened, '203.0.113.203', { service: 'ec2', name, request });
  return [
    record,
    aws(1, 'RunInstances', { instanceType: 'm7g.large' }),
    aws(12, 'CreateImage', { instanceId: 'i-0abc1234def567898', name: 'shop-base' }),
    aws(20, 'ModifyImageAttribute', {
      imageId: 'ami-0abc1234def567890',
      attributeType: 'launchPermission',
      launchPermission: { add: { items: [{ userId: '444455556666' }] } },
    }),
    aws(21, 'TerminateInstances', { instancesSet: { items: [{ instanceId: 'i-0abc1234def567898' }] } }),
  ];
}

/** Everything that pipelines do on the day. */
export function pipelines(make: DayMaker, start: number): DayRecord[] {
  const at = (hours: number) => start + hours * HOUR + make.random.below(20 * MINUTE);
  return [
    ...[9, 10, 11, 11.5, 13, 14, 14.6, 15, 16, 16.5].flatMap((hours, n) => deployment(make, at(hours), 700 + n)),
    ...[1, 5, 9.2, 13.2, 17, 21].flatMap((hours, n) => terraformRun(make, at(hours), 300 + n, n === 3)),
    ...newSubscription(make, at(10.5)),
    ...agentsUpdated(make, at(12), TERRAFORM),
    ...imageBuilt(make, at(6)),
  ];
}
