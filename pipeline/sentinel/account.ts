import type { JsonObject } from '../../platform/json.ts';
import {
  accessKeyKey,
  arnKey,
  entraObjectIdKey,
  entraUserKey,
  servicePrincipalKey,
  upnKey,
} from '../timeline/entity-keys.ts';
import type { EntityIds } from './entity-ids.ts';
import { textAt } from './entity-text.ts';

/** Who an account may be: keys, the surest first, and ids to ask after. */
export interface AccountIds {
  readonly keys: readonly string[];
  readonly ids: EntityIds;
  /** For people: the longest name that it has. */
  readonly name: string | undefined;
}

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const UPN = /^[^\s@\\]+@[\w-]+(?:\.[\w-]+)*$/;
const ARN = /^arn:aws[\w-]*:(?:iam|sts)::\d{12}:[^\s]+$/;
const ACCESS_KEY = /^A[KS]IA[A-Z0-9]{12,124}$/;
const ACCOUNT = /^\d{12}$/;
/** A guest's name in the inviting tenant: `ann_fabrikam.example#EXT#@contoso.onmicrosoft.com`. */
const GUEST = /^([^\s#]+)_([\w.-]+)#ext#$/i;

/**
 * Reads an account as Sentinel names it. Rules fill in what their data has: the name with or without its suffix or domain, the suffix with or
 * without `@`, an ARN or access key for a name, ids of Entra or of Active Directory, or any of these alone.
 * https://learn.microsoft.com/azure/sentinel/entities-reference#user-account
 * @param tenant of the workspace, for accounts that name none
 */
export function readAccount(properties: JsonObject, tenant?: string): AccountIds {
  const written = textAt(properties, 'accountName') ?? textAt(properties, 'friendlyName');
  const objectId = guidAt(properties, 'aadUserId') ?? guidAt(properties, 'objectGuid');
  const home = guidAt(properties, 'aadTenantId') ?? tenant?.toLowerCase();
  const sid = textAt(properties, 'sid');
  const entra = objectId === undefined ? [] : entraKeys(objectId, home);
  const aws = written === undefined ? undefined : awsIds(written, textAt(properties, 'cloudAppAccountId'));
  const names = written === undefined || aws?.isSure === true ? {} : namesOf(written, properties);
  return {
    keys: [...entra, ...(names.upns ?? []).slice(0, 1).map(upnKey), ...(aws?.keys ?? [])],
    ids: {
      ...names,
      ...aws?.ids,
      ...(objectId !== undefined && { objectIds: [objectId] }),
      ...(sid !== undefined && /^s-1-/i.test(sid) && { sids: [sid.toUpperCase()] }),
    },
    name: names.upns?.[0] ?? written ?? textAt(properties, 'displayName') ?? objectId ?? sid,
  };
}

/** Whether it is a user or a service principal nobody says. */
const entraKeys = (objectId: string, tenant: string | undefined): string[] =>
  tenant === undefined
    ? [entraObjectIdKey(objectId)]
    : [entraUserKey(tenant, objectId), servicePrincipalKey(tenant, objectId), entraObjectIdKey(objectId)];

/** Names that an account of a directory is asked after by. */
function namesOf(written: string, properties: JsonObject): EntityIds {
  const bare = written.slice(written.lastIndexOf('\\') + 1).replace(/^live\.com#/i, '');
  const suffix = textAt(properties, 'upnSuffix')?.replace(/^@/, '');
  const full = bare.includes('@') || suffix === undefined ? bare : `${bare}@${suffix}`;
  if (!UPN.test(full)) return bare === '' || /[@\s]/.test(bare) ? {} : { accountNames: [bare.toLowerCase()] };
  const upn = full.toLowerCase();
  const local = upn.slice(0, upn.lastIndexOf('@'));
  const guest = local.endsWith('#ext#') ? GUEST.exec(local) : undefined;
  // What a guest signs in with at home. Asked after, not taken for a key: only the directory knows.
  return { upns: guest ? [upn, `${guest[1] ?? ''}@${guest[2] ?? ''}`] : [upn] };
}

interface AwsIds {
  readonly keys: readonly string[];
  readonly ids: EntityIds;
  /** Whether the name can be nothing but AWS's. */
  readonly isSure: boolean;
}

function awsIds(written: string, account: string | undefined): AwsIds | undefined {
  if (ARN.test(written)) return { keys: [arnKey(written)], ids: { arns: [written] }, isSure: true };
  if (ACCESS_KEY.test(written)) {
    return { keys: [accessKeyKey(written)], ids: { accessKeys: [written] }, isSure: true };
  }
  if (account === undefined || !ACCOUNT.test(account) || !/^[\w+=,.@-]{1,64}$/.test(written)) return undefined;
  // The usual place of a user; one with a path is found by name.
  return { keys: [arnKey(`arn:aws:iam::${account}:user/${written}`)], ids: { awsUserNames: [written] }, isSure: false };
}

function guidAt(properties: JsonObject, name: string): string | undefined {
  const text = textAt(properties, name)?.toLowerCase();
  return text !== undefined && GUID.test(text) ? text : undefined;
}
