import type { AssetKind } from '../../timeline/asset.ts';
import { armKey, arnKey, awsAccountKey } from '../../timeline/entity-keys.ts';

/** The canonical key of what people write down: an Azure resource id, an ARN, an account of AWS, or a key as it is. */
export function keyOfId(id: string): string {
  if (id.startsWith('/')) return armKey(id);
  if (id.startsWith('arn:')) return arnKey(id);
  if (/^\d{12}$/.test(id)) return awsAccountKey(id);
  return id.startsWith('arm:') ? id.toLowerCase() : id;
}

const SLASH = 47;
const COLON = 58;

/** What the keys of things of an AWS account lie within besides: the service in the account, and the account. */
const serviceInAccount = (account: string, service: string): string => `${account}/${service}`;

/** No thing lies within more others than this: keys are short, but made by others. */
const MOST_CONTAINERS = 40;

/**
 * Keys of what the thing of a key lies within, the closest first: `arm:…/resourcegroups/rg`, `arm:/subscriptions/…`; of AWS also the service in
 * its account (`aws-account:111122223333/s3`) and the account; of a Kubernetes object its cluster. Takes time with the length of the key.
 * @param account key of the account where the key itself does not say it
 */
export function containersOf(key: string, account?: string): readonly string[] {
  if (key.startsWith('arm:')) return armContainers(key);
  const containers: string[] = [];
  // The parts of an ARN up to its account are no thing.
  const least = key.startsWith(ARN) ? endOfAccount(key) : 0;
  for (let end = key.length - 1; end > least && containers.length < MOST_CONTAINERS; end--) {
    const code = key.charCodeAt(end);
    if (code === SLASH || code === COLON) containers.push(key.slice(0, end));
  }
  if (key.startsWith(ARN)) {
    const [, , , service = '', , id = ''] = key.split(':', 6);
    const owner = account ?? (id === '' ? undefined : awsAccountKey(id));
    if (owner !== undefined) containers.push(serviceInAccount(owner, service), owner);
  } else if (key.startsWith('k8s:')) {
    const cluster = key.slice('k8s:'.length, key.indexOf(':', 'k8s:'.length));
    if (cluster.startsWith('/')) containers.push(armKey(cluster), ...armContainers(armKey(cluster)));
  }
  return containers;
}

const ARN = 'aws:arn:';

/** Where in the key of an ARN the colon behind its account is. */
function endOfAccount(key: string): number {
  let at = -1;
  for (let colons = 0; colons < 6; colons++) {
    at = key.indexOf(':', at + 1);
    if (at === -1) return key.length;
  }
  return at;
}

/** An id of ARM is pairs of type and name, and before those of a provider its name: `/subscriptions/<id>/resourcegroups/<name>/providers/<provider>/<type>/<name>`. */
function armContainers(key: string): readonly string[] {
  const containers: string[] = [];
  let at = 'arm:'.length;
  while (at !== -1 && containers.length < MOST_CONTAINERS) {
    const segments = key.startsWith('/providers/', at) ? 4 : 2;
    for (let segment = 0; segment < segments && at !== -1; segment++) at = key.indexOf('/', at + 1);
    if (at !== -1) containers.push(key.slice(0, at));
  }
  return containers.reverse();
}

/** Kinds by the type of an Azure resource, in lower case. */
const AZURE_KINDS: ReadonlyMap<string, AssetKind> = new Map([
  ['microsoft.compute/virtualmachines', 'compute'],
  ['microsoft.compute/virtualmachinescalesets', 'compute'],
  ['microsoft.web/sites', 'compute'],
  ['microsoft.app/containerapps', 'compute'],
  ['microsoft.containerinstance/containergroups', 'compute'],
  ['microsoft.storage/storageaccounts', 'storage'],
  ['microsoft.sql/servers', 'database'],
  ['microsoft.sql/servers/databases', 'database'],
  ['microsoft.sql/managedinstances', 'database'],
  ['microsoft.dbforpostgresql/flexibleservers', 'database'],
  ['microsoft.dbformysql/flexibleservers', 'database'],
  ['microsoft.documentdb/databaseaccounts', 'database'],
  ['microsoft.keyvault/vaults', 'secrets'],
  ['microsoft.containerservice/managedclusters', 'cluster'],
  ['microsoft.managedidentity/userassignedidentities', 'identity'],
]);

/** Kinds by the service and type in an ARN; without a type, by the service alone. */
const AWS_KINDS: ReadonlyMap<string, AssetKind> = new Map([
  ['ec2 instance', 'compute'],
  ['ec2 security-group', 'network'],
  ['ec2 network-interface', 'network'],
  ['ec2 elastic-ip', 'network'],
  ['ecr', 'image'],
  ['ecs', 'compute'],
  ['lambda', 'compute'],
  ['elasticloadbalancing', 'network'],
  ['s3', 'storage'],
  ['rds', 'database'],
  ['dynamodb', 'database'],
  ['redshift', 'database'],
  ['secretsmanager', 'secrets'],
  ['ssm', 'secrets'],
  ['kms', 'secrets'],
  ['eks', 'cluster'],
  ['iam', 'identity'],
]);

const PREFIX_KINDS: ReadonlyMap<string, AssetKind> = new Map([
  ['image', 'image'],
  ['github-repo', 'repository'],
  ['entra-sp', 'identity'],
  ['entra-user', 'identity'],
  ['entra-app', 'identity'],
  ['upn', 'identity'],
  ['ip', 'network'],
]);

/** The type of the Azure resource of a key, with those of the resources that it is a part of: `microsoft.sql/servers/databases`. */
export function armTypeOf(key: string): string | undefined {
  const at = key.lastIndexOf('/providers/');
  if (!key.startsWith('arm:') || at === -1) return undefined;
  const [namespace = '', ...rest] = key.slice(at + '/providers/'.length).split('/');
  return [namespace, ...rest.filter((_, index) => index % 2 === 0)].join('/');
}

/** What a thing is, as far as its key says. */
export function kindOfKey(key: string): AssetKind {
  const type = armTypeOf(key);
  if (type !== undefined) return AZURE_KINDS.get(type) ?? (type.startsWith('microsoft.network/') ? 'network' : 'other');
  if (key.startsWith('aws:arn:')) {
    const [, , , service = '', , , resource = ''] = key.split(':', 7);
    return AWS_KINDS.get(`${service} ${resource.split('/', 1)[0] ?? ''}`) ?? AWS_KINDS.get(service) ?? 'other';
  }
  return PREFIX_KINDS.get(key.slice(0, Math.max(0, key.indexOf(':')))) ?? 'other';
}

/** Whether a thing is what lets traffic to others in, or does not. */
export const isSecurityGroup = (key: string): boolean =>
  armTypeOf(key) === 'microsoft.network/networksecuritygroups' || /^aws:arn:[^:]*:ec2:.*:security-group\//.test(key);

/** The last part of a key, by which people know a thing. */
export const lastNameOf = (key: string): string => key.slice(Math.max(key.lastIndexOf('/'), key.lastIndexOf(':')) + 1);
