import { isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { Entity, EntityPart } from '../../timeline/entity.ts';
import {
  accessKeyKey,
  awsAccountKey,
  awsSourceIdentityKey,
  awsUniqueIdKey,
  identityCenterUserKey,
} from '../../timeline/entity-keys.ts';
import type { Actor, Session, User } from '../../timeline/ocsf/types.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';
import type { EntityList } from '../shared/entity-list.ts';
import { parseTime } from '../shared/time.ts';
import { parseArn, personOf } from '../shared/arn.ts';
import { federatedEntities } from './federation.ts';
import { serviceEntity } from './origin.ts';
import type { Place } from '../shared/aws-place.ts';

/** Who acted. */
export interface Identity {
  readonly principal: string;
  readonly actor: Actor;
  readonly user: User;
}

/** AWS writes this where it keeps a value to itself, such as the user name of a failed console sign-in. */
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';
const NOTHING: JsonObject = {};
const callers = new BoundedCache(parseArn);
const issuers = new BoundedCache(parseArn);
const LONGEST_ACCOUNT = 64;
const LONGEST_NAME = 128;

/**
 * Reads `userIdentity` of any type (AWS CloudTrail User Guide, "CloudTrail userIdentity element"): names its entities, the
 * acting one first, and the OCSF actor.
 */
export function identityOf(record: JsonObject, place: Place, entities: EntityList): Identity {
  const identity = objectOf(record['userIdentity']) ?? NOTHING;
  const session = objectOf(identity['sessionContext']);
  const issuer = session === undefined ? undefined : objectOf(session['sessionIssuer']);
  const issuerArn = issuer === undefined ? undefined : textOf(issuer['arn']);
  const arn = textOf(identity['arn']);
  const account = textOf(identity['accountId'])?.slice(0, LONGEST_ACCOUNT) ?? place.account;
  const invokedBy = textOf(identity['invokedBy']);
  const userName = visible(textOf(identity['userName'])) ?? signInName(record);
  const accessKeyId = textOf(identity['accessKeyId']);

  const acting = arn === undefined ? undefined : callers.get(arn);
  let principal: string;
  if (acting !== undefined) {
    entities.add(acting.asActor);
    entities.add(acting.person);
    principal = acting.asActor.key;
  } else {
    principal = withoutArn(identity, account, userName, invokedBy, place, entities);
  }
  if (issuerArn !== undefined) entities.add(issuers.get(issuerArn)?.asActor);
  if (accessKeyId !== undefined) entities.add(accessKeyOf(accessKeyId)?.asCredential);
  if (userName !== undefined) entities.add(personOf(userName));
  if (session?.['sourceIdentity'] !== undefined)
    addSourceIdentity(session['sourceIdentity'], account, 'actor', entities);
  if (identity['onBehalfOf'] !== undefined) entities.add(identityCenterUser(identity));
  const user = userOf(identity, account, arn, userName, acting?.name, session === undefined ? accessKeyId : undefined);
  const actor: Actor = {
    user,
    session: session === undefined ? undefined : sessionOf(session, arn, issuerArn, accessKeyId),
    idp: idpOf(identity, session),
    app_name: invokedBy,
  };
  return { principal, actor, user };
}

/** The name that Identity Center writes beside its sign-ins. */
function signInName(record: JsonObject): string | undefined {
  const additional = record['additionalEventData'];
  return isObject(additional) ? visible(textOf(additional['UserName'])) : undefined;
}

/** The principal of an identity that has no ARN: the strongest id that the record has for it. */
function withoutArn(
  identity: JsonObject,
  account: string,
  userName: string | undefined,
  invokedBy: string | undefined,
  place: Place,
  entities: EntityList,
): string {
  const type = identity['type'];
  if (type === 'WebIdentityUser' || type === 'SAMLUser') {
    const federated = federatedEntities(identity);
    for (const entity of federated) entities.add(entity);
    if (federated[0] !== undefined) return federated[0].key;
  }
  const found =
    identityCenterUser(identity) ??
    uniqueId(textOf(identity['principalId'])) ??
    (type === 'IAMUser' || type === 'Root' ? iamUser(place.partition, account, type, userName) : undefined) ??
    (invokedBy === undefined ? undefined : serviceEntity(account, invokedBy, 'actor'));
  if (found !== undefined) {
    entities.add(found);
    return found.key;
  }
  // Anonymous calls are kept apart by the account that recorded them.
  const known = account === '' || account === 'anonymous' ? place.account : account;
  const where = known === '' ? 'unknown' : known;
  const entity: Entity = { kind: 'account', key: awsAccountKey(where), part: 'actor', label: where };
  entities.add(entity);
  return entity.key;
}

const UNIQUE_ID = /^(?:A[A-Z0-9]{3}[A-Z0-9]{8,124})(?::[\w+=,.@-]{1,64})?$/;

/** A unique id of IAM (`AIDA…` of a user, `AROA…:<session name>` of a role session; AWS IAM User Guide, "IAM identifiers"). */
function uniqueId(principalId: string | undefined): Entity | undefined {
  if (principalId === undefined || !UNIQUE_ID.test(principalId)) return undefined;
  const kind = principalId.startsWith('AROA') ? 'role-session' : 'user';
  return { kind, key: awsUniqueIdKey(principalId), part: 'actor', label: principalId };
}

/** An IAM user, or root, of which the record has the name but no ARN, as failed console sign-ins do. */
function iamUser(partition: string, account: string, type: string, userName: string | undefined): Entity | undefined {
  const path = type === 'Root' ? 'root' : userName === undefined ? undefined : `user/${userName}`;
  return account === '' || path === undefined
    ? undefined
    : parseArn(`arn:${partition}:iam::${account}:${path}`)?.asActor;
}

/** The Identity Center user for whom the call was made (`onBehalfOf`). */
function identityCenterUser(identity: JsonObject): Entity | undefined {
  const onBehalfOf = objectOf(identity['onBehalfOf']);
  const userId = onBehalfOf === undefined ? undefined : textOf(onBehalfOf['userId']);
  if (onBehalfOf === undefined || userId === undefined || userId.length > LONGEST_NAME) return undefined;
  const storeArn = textOf(onBehalfOf['identityStoreArn']) ?? '';
  const store = storeArn.slice(storeArn.lastIndexOf('/') + 1).slice(0, LONGEST_NAME);
  return { kind: 'user', key: identityCenterUserKey(store, userId), part: 'actor', label: userId };
}

/**
 * Names who first opened a chain of sessions, as `sourceIdentity` keeps it through role chaining; also the person, where it is an e-mail
 * address.
 */
export function addSourceIdentity(
  value: Json | undefined,
  account: string,
  part: EntityPart,
  entities: EntityList,
): void {
  const name = textOf(value);
  if (name === undefined || name.length > LONGEST_NAME) return;
  entities.add({ kind: 'session', key: awsSourceIdentityKey(account, name), part, label: name });
  entities.add(personOf(name, part));
}

/** An access key, as the one used and as one that a call issued or changed. */
interface AccessKey {
  readonly asCredential: Entity;
  readonly asTarget: Entity;
}

const ACCESS_KEY = /^[A-Z0-9]{16,128}$/;

const accessKeys = new BoundedCache<AccessKey | undefined>((id) => {
  // Masked ids (`AKIA****`) would join what does not belong together.
  if (!ACCESS_KEY.test(id)) return undefined;
  const key = accessKeyKey(id);
  return {
    asCredential: { kind: 'access-key', key, part: 'credential', label: id },
    asTarget: { kind: 'access-key', key, part: 'target', label: id },
  };
});

/** Reads an access key id; undefined where it is masked or no id at all. */
export const accessKeyOf = (id: string): AccessKey | undefined => accessKeys.get(id);

const visible = (name: string | undefined): string | undefined => (name === HIDDEN ? undefined : name);

function userOf(
  identity: JsonObject,
  account: string,
  arn: string | undefined,
  userName: string | undefined,
  arnName: string | undefined,
  longTermKey: string | undefined,
): User {
  const type = textOf(identity['type']);
  const principalId = textOf(identity['principalId']);
  const uid = arn ?? principalId ?? textOf(identity['invokedBy']);
  const name = userName ?? arnName;
  return {
    type: typeName(type),
    type_id: typeId(type),
    uid,
    uid_alt: arn === undefined ? undefined : principalId,
    // OCSF asks of a user for an account, a name or an id.
    name: name ?? (uid === undefined && account === '' ? (type ?? 'Unknown') : undefined),
    account: account === '' ? undefined : { uid: account, type: 'AWS Account', type_id: 10 },
    programmatic_credentials: longTermKey === undefined ? undefined : [{ uid: longTermKey }],
  };
}

/** Captions of OCSF where it has a number for the type; beside 99 (Other) the type as CloudTrail names it. */
function typeName(type: string | undefined): string {
  if (type === 'IAMUser') return 'User';
  if (type === 'Root') return 'Admin';
  if (type === 'AWSService') return 'Service';
  return type ?? 'Unknown';
}

function typeId(type: string | undefined): 0 | 1 | 2 | 4 | 99 {
  if (type === 'IAMUser') return 1;
  if (type === 'Root') return 2;
  if (type === 'AWSService') return 4;
  return type === undefined ? 0 : 99;
}

function sessionOf(
  session: JsonObject,
  arn: string | undefined,
  issuer: string | undefined,
  accessKeyId: string | undefined,
): Session {
  const attributes = objectOf(session['attributes']);
  const mfa = attributes === undefined ? undefined : attributes['mfaAuthenticated'];
  return {
    uid: issuer === undefined ? undefined : arn,
    issuer,
    credential_uid: accessKeyId,
    created_time: attributes === undefined ? undefined : parseTime(attributes['creationDate']),
    is_mfa: mfa === undefined ? undefined : mfa === 'true' || mfa === true,
  };
}

function idpOf(identity: JsonObject, session: JsonObject | undefined): Actor['idp'] {
  const federation = session === undefined ? undefined : objectOf(session['webIdFederationData']);
  const provider =
    textOf(identity['identityProvider']) ??
    (federation === undefined ? undefined : textOf(federation['federatedProvider']));
  const onBehalfOf = objectOf(identity['onBehalfOf']);
  const store = onBehalfOf === undefined ? undefined : textOf(onBehalfOf['identityStoreArn']);
  return provider === undefined && store === undefined ? undefined : { name: provider, uid: store };
}
