import { canonicalAddress } from '../../../../platform/ip-address.ts';
import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../../../platform/json.ts';
import type { Grant } from '../../../timeline/asset.ts';
import { arnKey, awsAccountKey, boundedKey, ipKey } from '../../../timeline/entity-keys.ts';
import { lastNameOf } from '../asset-key.ts';
import type { StatedAsset } from '../inventory.ts';
import { objectsIn, textsIn } from '../json-lists.ts';
import { isEverybody } from '../open-to-internet.ts';
import { saidByTags, type TagNames } from '../tags.ts';
import { openPorts } from './aws-security-groups.ts';
import { ACCOUNT, openedBy } from './managed-policies.ts';

type Said = Pick<StatedAsset, 'exposure' | 'exposedBy' | 'identities' | 'behind'>;

/** What rows of other resources say, by key. */
interface Around {
  /** What a security group lets everybody in to; undefined where nothing. */
  readonly groups: ReadonlyMap<string, string | undefined>;
  /** The roles of instance profiles. */
  readonly profiles: ReadonlyMap<string, string>;
}

/** Assets of the rows of AWS Config (`config-queries.ts`): what can reach them, whom they can act as, what stands before them, and what their tags say. */
export function awsAssets(rows: readonly JsonObject[], tags: TagNames): StatedAsset[] {
  const around = aroundOf(rows);
  return rows.flatMap((row) => {
    const arn = textOf(row['arn']);
    const account = textOf(row['accountId']);
    const configuration = objectOf(row['configuration']) ?? {};
    if (arn?.startsWith('arn:') !== true) return [];
    if (objectOf(configuration['state'])?.['name'] === 'terminated') return [];
    const named = Object.fromEntries(
      objectsIn(row['tags']).flatMap(({ key, value }) => (typeof key === 'string' ? [[key, value]] : [])),
    );
    return {
      key: boundedKey(arnKey(arn)),
      name: (textOf(named['Name']) ?? textOf(row['resourceName']) ?? textOf(row['resourceId']))?.slice(0, 256),
      ...saidByTags(named, tags),
      ...saidBy(row, configuration, around),
      ...(account !== undefined && { account: awsAccountKey(account) }),
    };
  });
}

function aroundOf(rows: readonly JsonObject[]): Around {
  const groups = new Map<string, string | undefined>();
  const profiles = new Map<string, string>();
  for (const { resourceType, arn, configuration } of rows) {
    const [own, said] = [textOf(arn), objectOf(configuration)];
    if (own === undefined || said === undefined) continue;
    if (resourceType === 'AWS::EC2::SecurityGroup') groups.set(arnKey(own), openPorts(said['ipPermissions']));
    if (resourceType === 'AWS::IAM::Role')
      for (const profile of textsIn(said['instanceProfileList'], 'arn')) profiles.set(profile, arnKey(own));
  }
  return { groups, profiles };
}

function saidBy(row: JsonObject, configuration: JsonObject, around: Around): Said {
  switch (textOf(row['resourceType']) ?? '') {
    case 'AWS::EC2::Instance':
      return instance(row, configuration, around);
    case 'AWS::EC2::SecurityGroup':
      return securityGroup(row, around);
    case 'AWS::RDS::DBInstance': {
      const groups = textsIn(configuration['vpcSecurityGroups'], 'vpcSecurityGroupId');
      const isPublic = configuration['publiclyAccessible'] === true;
      return guarded(row, isPublic ? 'it is publicly accessible' : undefined, groups, around);
    }
    case 'AWS::ElasticLoadBalancingV2::LoadBalancer': {
      const { scheme, securityGroups } = configuration;
      const texts = (arrayOf(securityGroups) ?? []).flatMap((group) => textOf(group) ?? []);
      const isPublic = scheme === 'internet-facing';
      return guarded(
        row,
        isPublic ? 'it faces the internet' : undefined,
        [...texts, ...textsIn(securityGroups, 'value')],
        around,
        true,
      );
    }
    case 'AWS::S3::Bucket':
      return bucket(row);
    case 'AWS::EKS::Cluster':
      return cluster(configuration);
    case 'AWS::Lambda::Function':
      return { identities: roleIn(configuration['role']) };
    default:
      return {};
  }
}

const roleIn = (arn: Json | undefined): readonly string[] => [textOf(arn) ?? []].flat().map(arnKey);

function instance(row: JsonObject, configuration: JsonObject, around: Around): Said {
  const interfaces = objectsIn(configuration['networkInterfaces']);
  const given = interfaces.flatMap(({ association }) => textOf(objectOf(association)?.['publicIp']) ?? []);
  const texts = [textOf(configuration['publicIpAddress']) ?? [], given].flat();
  const addresses = [...new Set(texts.flatMap((text) => canonicalAddress(text) ?? []))];
  const groups = [
    ...textsIn(configuration['securityGroups'], 'groupId'),
    ...interfaces.flatMap(({ groups: own }) => textsIn(own, 'groupId')),
  ];
  const [first] = addresses;
  const said = guarded(row, first === undefined ? undefined : `public address ${first}`, [...new Set(groups)], around);
  const profile = textOf(objectOf(configuration['iamInstanceProfile'])?.['arn']);
  const role = profile === undefined ? undefined : around.profiles.get(profile);
  const ids = interfaces.flatMap(({ networkInterfaceId }) => textOf(networkInterfaceId) ?? []);
  return {
    ...said,
    identities: role === undefined ? [] : [role],
    behind: [
      ...(said.behind ?? []),
      ...addresses.map(ipKey),
      ...ids.map((id) => beside(row, `network-interface/${id}`)),
    ],
  };
}

/** @param bare whether it can be reached where no security group guards it at all */
function guarded(
  row: JsonObject,
  address: string | undefined,
  groupIds: readonly string[],
  { groups }: Around,
  bare = false,
): Said {
  const behind = groupIds.map((id) => beside(row, `security-group/${id}`));
  if (address === undefined) return { exposure: 'internal', exposedBy: 'it has no public address', behind };
  const open = behind.find((group) => groups.get(group) !== undefined);
  if (open !== undefined) {
    const ports = groups.get(open) ?? '';
    return {
      exposure: 'internet',
      exposedBy: `${address}, and ${lastNameOf(open)} lets every address in to ${ports}`,
      behind,
    };
  }
  if (bare && behind.length === 0) return { exposure: 'internet', exposedBy: address, behind };
  // A group that is not known may let anybody in.
  if (behind.some((group) => !groups.has(group))) return { behind };
  return { exposure: 'internal', exposedBy: `${address}, but no security group lets every address in`, behind };
}

/** Key of a resource of EC2 in the account and region of another. */
function beside({ arn, accountId, awsRegion }: JsonObject, resource: string): string {
  const partition = textOf(arn)?.split(':', 2)[1] ?? 'aws';
  return arnKey(`arn:${partition}:ec2:${textOf(awsRegion) ?? ''}:${textOf(accountId) ?? ''}:${resource}`);
}

function securityGroup(row: JsonObject, { groups }: Around): Said {
  const ports = groups.get(arnKey(textOf(row['arn']) ?? ''));
  return ports === undefined
    ? { exposure: 'internal', exposedBy: 'it does not let every address in' }
    : { exposure: 'internet', exposedBy: `it lets every address in to ${ports}` };
}

const BLOCKS = ['blockPublicAcls', 'ignorePublicAcls', 'blockPublicPolicy', 'restrictPublicBuckets'];

/** That public access is blocked is shown; whether a policy lets everyone in where it is not, is not. */
function bucket({ supplementaryConfiguration }: JsonObject): Said {
  const supplementary = objectOf(supplementaryConfiguration)?.['PublicAccessBlockConfiguration'];
  const block = objectOf(supplementary);
  const isBlocked = block !== undefined && BLOCKS.every((name) => block[name] === true);
  return isBlocked ? { exposure: 'internal', exposedBy: 'public access is blocked' } : {};
}

function cluster({ RoleArn, ResourcesVpcConfig }: JsonObject): Said {
  const { EndpointPublicAccess, PublicAccessCidrs } = objectOf(ResourcesVpcConfig) ?? {};
  const identities = roleIn(RoleArn);
  if (EndpointPublicAccess === false)
    return { identities, exposure: 'internal', exposedBy: 'its API server is private' };
  const ranges = (arrayOf(PublicAccessCidrs) ?? []).flatMap((range) => textOf(range) ?? []);
  return ranges.some(isEverybody)
    ? { identities, exposure: 'internet', exposedBy: 'its API server lets every network in' }
    : { identities };
}

/**
 * Rights of roles by AWS's own policies. What policies of one's own and inline policies allow, advanced queries do not show.
 */
export function awsGrants(rows: readonly JsonObject[]): Grant[] {
  return rows.flatMap(({ resourceType, arn, accountId, configuration }) => {
    const [role, account] = [textOf(arn), textOf(accountId)];
    if (resourceType !== 'AWS::IAM::Role' || role === undefined || account === undefined) return [];
    const policies = textsIn(objectOf(configuration)?.['attachedManagedPolicies'], 'policyArn');
    return policies.flatMap((policy) => {
      const opened = openedBy(policy);
      if (opened === undefined) return [];
      const scope = opened.service === ACCOUNT ? awsAccountKey(account) : `${awsAccountKey(account)}/${opened.service}`;
      return { principal: arnKey(role), scope, role: opened.name };
    });
  });
}
