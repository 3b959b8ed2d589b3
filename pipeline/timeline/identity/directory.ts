import { z } from 'zod';
import { MAX_DEPTH, isDeeperThan, parseJson, type Json } from '../../../platform/json.ts';
import {
  applicationKey,
  arnKey,
  armKey,
  entraCredentialKey,
  entraObjectIdKey,
  entraUserKey,
  identityCenterUserKey,
  servicePrincipalKey,
  upnKey,
} from '../entity-keys.ts';
import { CsvError, parseCsv } from '../../../platform/csv.ts';
import { linkOf, type Link, type LinkKind } from './link.ts';
import { subjectOfIssuer, trustsOf, type Trusts } from './trust.ts';

/** No directory has more entries of one kind than this. */
export const MAX_ENTRIES = 500_000;
const MAX_IDS = 64;
const MAX_TEXT = 512;
const MAX_FAULTS = 10;

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const text = (pattern: RegExp, expected: string) =>
  z
    .string(`expected ${expected}`)
    .max(MAX_TEXT, `expected at most ${MAX_TEXT} characters`)
    .regex(pattern, `expected ${expected}`);
const guid = text(GUID, 'a GUID');
const name = text(/^[^\s@]+@[^\s@]+$/, 'a user principal name or e-mail address');
const arn = text(/^arn:[^:]+:iam::\d{12}:user\/\S+$/, 'the ARN of an IAM user');
const identityCenterId = text(/^d-[0-9a-z]+\/\S+$/, '<identity store>/<user id>, such as d-1234567890/<user id>');
const resource = text(/^\/subscriptions\/\S+$/i, 'an Azure resource id');
const issuer = text(/^https:\/\/\S+$/i, 'an issuer as https://…');
const samlProvider = text(/^arn:[^:]+:iam::\d{12}:saml-provider\/\S+$/, 'the ARN of a SAML provider');
const list = <T extends z.ZodType>(of: T) => z.array(of).max(MAX_IDS, `expected at most ${MAX_IDS}`).optional();
const entries = <T extends z.ZodType>(of: T) =>
  z.array(of).max(MAX_ENTRIES, `expected at most ${MAX_ENTRIES} entries`).default([]);

const userSchema = z.strictObject({
  tenant: guid,
  objectId: guid,
  userPrincipalName: name.optional(),
  otherMails: list(name),
  identityCenterIds: list(identityCenterId),
  awsUsers: list(arn),
});
const servicePrincipalSchema = z.strictObject({
  tenant: guid,
  objectId: guid,
  appId: guid.optional(),
  federatedCredentials: list(z.strictObject({ id: guid.optional(), issuer, subject: text(/\S/, 'a subject') })),
});
const managedIdentitySchema = z.strictObject({
  tenant: guid,
  objectId: guid,
  appId: guid.optional(),
  resourceId: resource,
});
const schema = z.strictObject({
  users: entries(userSchema),
  servicePrincipals: entries(servicePrincipalSchema),
  managedIdentities: entries(managedIdentitySchema),
  trusts: z
    .strictObject({
      oidc: entries(z.strictObject({ issuer, tenant: guid.optional(), cluster: resource.optional() })),
      saml: entries(z.strictObject({ provider: samlProvider, issuer: text(/\S/, 'an issuer'), tenant: guid })),
    })
    .default({ oidc: [], saml: [] }),
});
type Snapshot = z.output<typeof schema>;

/** A directory at one time: who is who, and which issuers are trusted for whom. */
export interface Directory {
  readonly links: readonly Link[];
  readonly trusts: Trusts;
  readonly entries: number;
}

/** Thrown where a directory cannot be used; names the row and the field of each fault, up to ten. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
}

/**
 * Reads a directory snapshot: JSON (`{"users":[…],"servicePrincipals":[…],"managedIdentities":[…],"trusts":{"oidc":[…],"saml":[…]}}`) or CSV, a
 * row an entry, with a column `kind` (`user`, `service-principal`, `managed-identity`) and columns named as the fields of JSON, lists parted by
 * `;`. Trusts and federated credentials are in JSON only.
 * @throws DirectoryError
 */
export function parseDirectory(written: string): Directory {
  const isJson = /^\ufeff?\s*\{/.test(written);
  const places: Places = new Map();
  const raw = isJson ? jsonOf(written) : csvOf(written, places);
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw new DirectoryError(faultsOf(parsed.error, places));
  const snapshot = parsed.data;
  return {
    links: linksOfSnapshot(snapshot, places),
    trusts: trustsOf(snapshot.trusts.oidc, snapshot.trusts.saml),
    entries: snapshot.users.length + snapshot.servicePrincipals.length + snapshot.managedIdentities.length,
  };
}

/** For CSV the line of the file in which each entry stands, by `<list>/<index>`. */
type Places = Map<string, number>;

const placeOf = (places: Places, kind: string, index: number): string => {
  const line = places.get(`${kind}/${index}`);
  return line === undefined ? `${kind}, row ${index + 1}` : `line ${line}`;
};

function jsonOf(written: string): Json {
  let json;
  try {
    json = parseJson(written.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new DirectoryError(`it is no JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}`);
  }
  if (isDeeperThan(json, MAX_DEPTH)) throw new DirectoryError(`it nests deeper than ${MAX_DEPTH}`);
  return json;
}

const LISTS = new Map([
  ['user', 'users'],
  ['service-principal', 'servicePrincipals'],
  ['managed-identity', 'managedIdentities'],
] as const);
const LIST_COLUMNS: ReadonlySet<string> = new Set(['otherMails', 'identityCenterIds', 'awsUsers']);
const COLUMNS: ReadonlySet<string> = new Set([
  'kind', 'tenant', 'objectId', 'userPrincipalName', 'appId', 'resourceId', ...LIST_COLUMNS,
]); // prettier-ignore

function csvOf(written: string, places: Places): unknown {
  const lists = { users: [] as object[], servicePrincipals: [] as object[], managedIdentities: [] as object[] };
  for (const { line, cells } of rowsOf(written)) {
    for (const column of cells.keys()) {
      if (!COLUMNS.has(column))
        throw new DirectoryError(
          `line 1: there is no column ${JSON.stringify(column.slice(0, 60))}; there are ${[...COLUMNS].join(', ')}`,
        );
    }
    const kind = cells.get('kind') ?? '';
    const name = [...LISTS].find(([known]) => known === kind)?.[1];
    if (name === undefined)
      throw new DirectoryError(
        `line ${line}: kind: expected ${[...LISTS.keys()].join(', ')}; found ${JSON.stringify(kind.slice(0, 60))}`,
      );
    const filled = [...cells].filter(([column, cell]) => column !== 'kind' && cell !== '');
    places.set(`${name}/${lists[name].length}`, line);
    lists[name].push(
      Object.fromEntries(
        filled.map(([column, cell]) => [
          column,
          LIST_COLUMNS.has(column)
            ? cell
                .split(';')
                .map((part) => part.trim())
                .filter((part) => part !== '')
            : cell,
        ]),
      ),
    );
  }
  return lists;
}

function rowsOf(written: string): ReturnType<typeof parseCsv> {
  try {
    return parseCsv(written, MAX_ENTRIES);
  } catch (error) {
    throw error instanceof CsvError ? new DirectoryError(error.message) : error;
  }
}

function faultsOf({ issues }: z.ZodError, places: Places): string {
  const faults = issues.slice(0, MAX_FAULTS).map(({ path, message }) => {
    const [kind, second, third] = path;
    const [where, rest] =
      typeof second === 'number'
        ? [placeOf(places, String(kind), second), path.slice(2)]
        : typeof third === 'number'
          ? [`${String(kind)}.${String(second)}, row ${third + 1}`, path.slice(3)]
          : ['the directory', path];
    const field = rest.map(String).join('.').slice(0, 100);
    return `${where}: ${field === '' ? '' : `${field}: `}${message.slice(0, 200)}`;
  });
  const more = issues.length - faults.length;
  return [...faults, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function linksOfSnapshot({ users, servicePrincipals, managedIdentities }: Snapshot, places: Places): Link[] {
  const links: Link[] = [];
  const linkTo = (kind: LinkKind, place: string, one: string, other: string, what: string) =>
    links.push(linkOf(kind, one, other, { eventId: place, source: 'directory', time: 0, what }));
  const own = 'the directory has both in one entry';
  for (const [index, user] of users.entries()) {
    const place = placeOf(places, 'users', index);
    const key = entraUserKey(user.tenant, user.objectId);
    linkTo('immutable-id', place, key, entraObjectIdKey(user.objectId), own);
    if (user.userPrincipalName !== undefined) linkTo('directory', place, key, upnKey(user.userPrincipalName), own);
    for (const mail of user.otherMails ?? []) linkTo('directory', place, key, upnKey(mail), own);
    for (const id of user.identityCenterIds ?? []) {
      const slash = id.indexOf('/');
      linkTo('directory', place, key, identityCenterUserKey(id.slice(0, slash), id.slice(slash + 1)), own);
    }
    for (const awsUser of user.awsUsers ?? []) linkTo('directory', place, key, arnKey(awsUser), own);
  }
  for (const [index, { tenant, objectId, appId, federatedCredentials }] of servicePrincipals.entries()) {
    const place = placeOf(places, 'servicePrincipals', index);
    const key = servicePrincipalKey(tenant, objectId);
    linkTo('immutable-id', place, key, entraObjectIdKey(objectId), own);
    if (appId !== undefined) linkTo('directory', place, key, applicationKey(appId), own);
    for (const { id, issuer, subject } of federatedCredentials ?? []) {
      linkTo(
        'federation',
        place,
        key,
        subjectOfIssuer(issuer, subject),
        'the application trusts this federated subject',
      );
      if (id !== undefined) linkTo('directory', place, key, entraCredentialKey(id), own);
    }
  }
  for (const [index, { tenant, objectId, appId, resourceId }] of managedIdentities.entries()) {
    const place = placeOf(places, 'managedIdentities', index);
    const key = servicePrincipalKey(tenant, objectId);
    linkTo('immutable-id', place, key, entraObjectIdKey(objectId), own);
    linkTo('directory', place, key, armKey(resourceId), own);
    if (appId !== undefined) linkTo('directory', place, key, applicationKey(appId), own);
  }
  return links;
}
