import { textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { Entity } from '../../timeline/entity.ts';
import { accessKeyKey, arnKey, awsAccountKey, imageKey, scanTargetKey } from '../../timeline/entity-keys.ts';
import type { ResourceDetails } from '../../timeline/ocsf/types.ts';
import { parseArn } from '../shared/arn.ts';
import { objectAt, textAt, textsAt } from './fields.ts';

/** A resource that a finding is about: what it is in OCSF, and its entities, that which is weak or attacked first. */
export interface AwsResource {
  readonly details: ResourceDetails;
  readonly entities: readonly Entity[];
}

/** What the formats say of a resource, in common. */
export interface ResourceParts {
  /** As the finding names it: an ARN, or the id that its service gave it. */
  readonly id: string;
  readonly arn?: string | undefined;
  /** `AwsEc2Instance`, `AWS_EC2_INSTANCE` or `AWS::EC2::Instance`. */
  readonly type: string | undefined;
  readonly name?: string | undefined;
  readonly region: string | undefined;
  readonly partition: string;
  readonly account: string;
  /** What the finding says of it beside. */
  readonly details: JsonObject | undefined;
}

const ACCOUNT_ID = /^\d{12}$/;

/** The number of an account; empty for anything else. */
export function accountIdOf(value: Json | undefined): string {
  const account = textOf(value);
  return account !== undefined && ACCOUNT_ID.test(account) ? account : '';
}

/** The partition that a finding names, `aws` where it names none. */
export const partitionOf = (value: Json | undefined): string =>
  value === 'aws-cn' || value === 'aws-us-gov' ? value : 'aws';

const ACCESS_KEY = /^AWS::IAM::AccessKey:([A-Z0-9]{16,128})$/;
const ACCOUNT = /^(?:AWS::::Account:)?(\d{12})$/;
const INSTANCE = /^i-[0-9a-f]{8,17}$/;
const REPOSITORY_IMAGE = /^(arn:[^:]{1,32}:ecr:([^:]{1,32}):(\d{12}):repository\/([^:]{1,256}))\/sha256:[0-9a-f]{64}$/;
/** A version of a Lambda function, which is the function for all others. */
const VERSION = /^(arn:[^:]{1,32}:lambda:[^:]{1,32}:\d{12}:function:[^:]{1,140}):(?:\$LATEST|\d{1,20})$/;
const LONGEST_LABEL = 256;

/** Names a resource as CloudTrail and inventories do: by ARN where it has one; an image by its repository, and by the name under which it is run. */
export function awsResource(parts: ResourceParts): AwsResource {
  const { id, type, name, region } = parts;
  const arn = arnOf(parts);
  return {
    details: {
      uid: arn ?? id,
      uid_alt: arn === undefined || arn === id ? undefined : id,
      name,
      type,
      region,
      cloud_partition: parts.partition,
      role_id: 3,
    },
    entities: entitiesOf(parts, arn),
  };
}

function arnOf({ id, arn, region, partition, account }: ResourceParts): string | undefined {
  const written = arn?.startsWith('arn:') === true ? arn : id.startsWith('arn:') ? id : undefined;
  if (written !== undefined) return VERSION.exec(written)?.[1] ?? written;
  return INSTANCE.test(id) && account !== '' && region !== undefined
    ? `arn:${partition}:ec2:${region}:${account}:instance/${id}`
    : undefined;
}

function entitiesOf(parts: ResourceParts, arn: string | undefined): Entity[] {
  const { id, name } = parts;
  const accessKey = ACCESS_KEY.exec(id)?.[1];
  if (accessKey !== undefined)
    return [{ kind: 'access-key', key: accessKeyKey(accessKey), part: 'credential', label: accessKey }];
  const account = ACCOUNT.exec(id)?.[1];
  if (account !== undefined) return [{ kind: 'account', key: awsAccountKey(account), part: 'target', label: account }];
  const image = imageOf(parts, arn);
  if (image !== undefined) return image;
  const named = arn === undefined ? undefined : parseArn(arn)?.asTarget;
  if (named !== undefined) return [named];
  return [{ kind: 'resource', key: scanTargetKey(id), part: 'target', label: (name ?? id).slice(0, LONGEST_LABEL) }];
}

/** An image of ECR: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`, and its repository. */
function imageOf({ details, partition }: ResourceParts, arn: string | undefined): Entity[] | undefined {
  const found = arn === undefined ? null : REPOSITORY_IMAGE.exec(arn);
  if (found === null) return undefined;
  const [, repositoryArn = '', region = '', account = '', repository = ''] = found;
  const image = objectAt(details, 'AwsEcrContainerImage', 'awsEcrContainerImage', 'awsEcrContainerImageDetails');
  const [tag] = textsAt(image, 'ImageTags', 'imageTags') ?? [];
  const host = `${account}.dkr.ecr.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
  const reference = `${host}/${repository}${tag === undefined ? '' : `:${tag}`}`;
  return [
    { kind: 'resource', key: imageKey(reference), part: 'target', label: reference.slice(0, LONGEST_LABEL) },
    { kind: 'resource', key: arnKey(repositoryArn), part: 'target', label: `repository/${repository}` },
  ];
}

/** The identity behind an access key that a finding is about, as CloudTrail names it; undefined where the finding does not say. */
export function keyHolder(parts: ResourceParts): Entity | undefined {
  const holder = objectAt(parts.details, 'AwsIamAccessKey');
  const type = textAt(holder, 'PrincipalType')?.toLowerCase();
  const id = textAt(holder, 'PrincipalId');
  const name = textAt(holder, 'PrincipalName', 'UserName');
  const account = accountIdOf(holder?.AccountId) || parts.account;
  const service = (path: string, of: 'iam' | 'sts') =>
    parseArn(`arn:${parts.partition}:${of}::${account}:${path}`)?.asActor;
  if (account === '') return undefined;
  // A role session's id is `AROA…:<session name>`, a federated user's `<account>:<name>`.
  const session = id === undefined || !id.includes(':') ? undefined : id.slice(id.indexOf(':') + 1);
  switch (type) {
    case 'root':
      return service('root', 'iam');
    case 'iamuser':
      return name === undefined ? undefined : service(`user/${name}`, 'iam');
    case 'assumedrole':
      return name === undefined || session === undefined
        ? undefined
        : service(`assumed-role/${name}/${session}`, 'sts');
    case 'federateduser':
      return session === undefined ? undefined : service(`federated-user/${session}`, 'sts');
    default:
      return undefined;
  }
}
