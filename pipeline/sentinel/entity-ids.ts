/** What somebody or something is asked after by: ids of an incident's entities, by kind of id. */

/** Kinds of ids, each with what its values look like. */
export const ID_KINDS = [
  /** User principal names and mail addresses, lower case. */
  'upns',
  /** Object ids of Entra, lower case. */
  'objectIds',
  /** Account names without domain or suffix: `ann`, lower case. They may mean several people. */
  'accountNames',
  /** Security identifiers: `S-1-5-21-…`. */
  'sids',
  /** IP addresses in canonical text. */
  'addresses',
  /** ARM ids, lower case. */
  'resources',
  /** ARNs, as written. */
  'arns',
  /** AWS access key ids. */
  'accessKeys',
  /** Names of IAM users, as written. */
  'awsUserNames',
  /** Domain names, lower case. */
  'domains',
  /** Host names without domain, lower case. */
  'hosts',
] as const;
export type IdKind = (typeof ID_KINDS)[number];

/** Ids by kind, each list without repetition. */
export type EntityIds = { readonly [K in IdKind]?: readonly string[] | undefined };

/** Asked after at most so many ids of one kind; the first that the incident names. */
export const MOST_IDS = 100;

/** The ids of several, each once. */
export function allIds(several: Iterable<EntityIds>): Readonly<Record<IdKind, readonly string[]>> {
  const found: Record<IdKind, Set<string>> = {
    upns: new Set(),
    objectIds: new Set(),
    accountNames: new Set(),
    sids: new Set(),
    addresses: new Set(),
    resources: new Set(),
    arns: new Set(),
    accessKeys: new Set(),
    awsUserNames: new Set(),
    domains: new Set(),
    hosts: new Set(),
  };
  for (const ids of several) {
    for (const kind of ID_KINDS) {
      for (const id of ids[kind] ?? []) if (found[kind].size < MOST_IDS) found[kind].add(id);
    }
  }
  const lists = ID_KINDS.map((kind) => [kind, [...found[kind]]] as const);
  return Object.fromEntries(lists) as Record<IdKind, readonly string[]>;
}
