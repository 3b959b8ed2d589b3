import { objectOf, openObject, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { arnKey } from '../../timeline/entity-keys.ts';
import type { PostureChange } from '../../timeline/posture-change.ts';
import { mends, weakens, type Place } from '../change-of.ts';
import { flagOf, membersOf, textsOf } from '../values.ts';
import { accountOf, type AwsCall, type AwsCalls } from './call.ts';

const OPENED = 'lets everyone in';
const CLOSED = 'no longer lets everyone in';
const LIFTED = 'no longer blocks public access';
const BLOCKED = 'blocks public access';

type Part = 'policy' | 'access list' | 'public access block';

function bucketOf({ request, partition }: AwsCall, part?: Part): Place | undefined {
  const name = textOf(request['bucketName']);
  if (name === undefined) return undefined;
  return { condition: 'storage-public', resource: arnKey(`arn:${partition}:s3:::${name}`), part };
}

/** What a call says of a part of its bucket: true makes it weak, false mends it, undefined says nothing. */
const ofBucket =
  (part: Part, isWeak: (request: JsonObject) => boolean | undefined) =>
  (call: AwsCall): readonly PostureChange[] => {
    const place = bucketOf(call, part);
    const weak = isWeak(call.request);
    if (place === undefined || weak === undefined) return [];
    if (part === 'public access block') return [weak ? weakens(place, LIFTED) : mends(place, BLOCKED)];
    return [weak ? weakens(place, OPENED) : mends(place, CLOSED)];
  };

/** Whether a statement lets everyone in. One that a condition narrows is not taken for such. */
function isPublic(statement: Json): boolean {
  const { Effect, Principal, Condition } = objectOf(statement) ?? {};
  if (Effect !== 'Allow' || (Condition !== undefined && Condition !== null)) return false;
  return Principal === '*' || membersOf(objectOf(Principal)?.['AWS']).includes('*');
}

function publicPolicy({ bucketPolicy }: JsonObject): boolean | undefined {
  const policy = openObject(bucketPolicy);
  return policy === undefined ? undefined : membersOf(policy['Statement']).some(isPublic);
}

const EVERYONE = ['acs.amazonaws.com/groups/global/allusers', 'acs.amazonaws.com/groups/global/authenticatedusers'];
const CANNED: ReadonlySet<string> = new Set(['public-read', 'public-read-write', 'authenticated-read']);

/** Whether an access list lets everyone, or every account of AWS, in: by a canned list, by headers or by grants. */
function publicList(request: JsonObject): boolean {
  if (textsOf(request['x-amz-acl']).some((list) => CANNED.has(list))) return true;
  const grants = objectOf(objectOf(request['AccessControlPolicy'])?.['AccessControlList'])?.['Grant'];
  const grantees = membersOf(grants).flatMap((grant) => textsOf(objectOf(objectOf(grant)?.['Grantee'])?.['URI']));
  const headers = Object.entries(request).flatMap(([name, value]) =>
    name.startsWith('x-amz-grant-') ? textsOf(value) : [],
  );
  return [...grantees, ...headers].some((text) => EVERYONE.some((group) => text.includes(group)));
}

const BLOCKS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];

/** Whether a configuration blocks less than all; what it leaves out is not blocked. */
function blocksLess(request: JsonObject): boolean | undefined {
  const configuration = objectOf(request['PublicAccessBlockConfiguration']);
  return configuration && BLOCKS.some((name) => flagOf(configuration[name]) !== true);
}

const ofAccount =
  (isWeak: (request: JsonObject) => boolean | undefined) =>
  (call: AwsCall): readonly PostureChange[] => {
    const place: Place = { condition: 'storage-public', resource: accountOf(call), part: 'public access block' };
    const weak = isWeak(call.request);
    if (weak === undefined) return [];
    return [weak ? weakens(place, LIFTED) : mends(place, BLOCKED)];
  };

function deleted(call: AwsCall): readonly PostureChange[] {
  const place = bucketOf(call);
  return place === undefined ? [] : [mends(place, 'is deleted')];
}

const always = (): boolean => true;
const never = (): boolean => false;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
export const BUCKETS: AwsCalls = {
  PutBucketPolicy: ofBucket('policy', publicPolicy),
  DeleteBucketPolicy: ofBucket('policy', never),
  PutBucketAcl: ofBucket('access list', publicList),
  CreateBucket: ofBucket('access list', (request) => (publicList(request) ? true : undefined)),
  DeleteBucket: deleted,
  PutBucketPublicAccessBlock: ofBucket('public access block', blocksLess),
  DeleteBucketPublicAccessBlock: ofBucket('public access block', always),
  PutAccountPublicAccessBlock: ofAccount(blocksLess),
  DeleteAccountPublicAccessBlock: ofAccount(always),
};
