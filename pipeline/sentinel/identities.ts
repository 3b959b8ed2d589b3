import { entraUserKey, upnKey } from '../timeline/entity-keys.ts';
import type { NamedEntity } from './entities.ts';
import type { EntityIds } from './entity-ids.ts';
import type { LogRow } from './logs/log-reader.ts';

/** Who is who as Crosstrail has learned it, at one moment. */
export interface IdentityReader {
  /** The key that stands for the principal of a key: itself, where nothing joins it. */
  resolve(key: string): string;
  /** All keys of the principal of a key, itself among them. */
  membersOf(key: string): readonly string[];
  /** A name for people. */
  labelOf(key: string): string | undefined;
  /** Keys of identities that are called so: by label, or by what their key ends with. Lower case. */
  called(name: string): readonly string[];
}

/** A person or workload behind accounts of an incident. */
export interface NamedPrincipal {
  /** The key that stands for it. */
  readonly principal: string;
  readonly label: string;
  /** Its other keys, as far as Crosstrail or the workspace know. */
  readonly aliases: readonly string[];
  /** All keys that it is to be asked after by: an id that may be a user's or a service principal's is there as both. */
  readonly keys: readonly string[];
  /** The accounts of the incident that are it, as Sentinel names them. */
  readonly named: readonly string[];
  /** Roles of the directory, and `disabled` where the account is; as far as the workspace knows. */
  readonly standing: readonly string[];
}

/** What became of the accounts of an incident. */
export interface ResolvedAccounts {
  readonly principals: readonly NamedPrincipal[];
  /** Names that may mean several, or nobody who is known; for people. */
  readonly unresolved: readonly string[];
}

/** A row of the query for identities. */
interface DirectoryEntry {
  readonly keys: readonly string[];
  readonly label: string | undefined;
  readonly standing: readonly string[];
  /** What it is found by, each lower case. */
  readonly ids: ReadonlySet<string>;
}

const MOST_CANDIDATES = 5;

/**
 * Who the accounts of an incident are: by their own ids, by the directory that the workspace has, and by what Crosstrail has joined. A bare name counts only
 * where it means one.
 * @param rows of the query for identities
 */
export function resolveAccounts(
  accounts: readonly NamedEntity[],
  rows: readonly LogRow[],
  identities: IdentityReader,
): ResolvedAccounts {
  const directory = rows.map(directoryEntry);
  const found = new Map<string, NamedPrincipal>();
  const unresolved: string[] = [];
  for (const account of accounts) {
    const candidates = new Map(candidatesOf(account, directory, identities).map((one) => [one.principal, one]));
    const [candidate, ...others] = candidates.values();
    if (candidate === undefined) {
      if (Object.keys(account.ids).length > 0) unresolved.push(`${account.label}: nobody of that name is known`);
    } else if (others.length > 0) {
      unresolved.push(`${account.label} may mean several: ${listed([...candidates.values()])}`);
    } else {
      const other = found.get(candidate.principal);
      found.set(candidate.principal, other === undefined ? candidate : together(other, candidate));
    }
  }
  return { principals: [...found.values()], unresolved };
}

function candidatesOf(
  account: NamedEntity,
  directory: readonly DirectoryEntry[],
  identities: IdentityReader,
): NamedPrincipal[] {
  const wanted = wantedIds(account.ids);
  const entries = directory.filter(({ ids }) => wanted.some((id) => ids.has(id)));
  const principalOf = (known: readonly DirectoryEntry[], own: readonly string[]): NamedPrincipal => {
    const said = known.flatMap(({ keys }) => keys);
    const joined = [...own, ...said].find((key) => identities.membersOf(key).length > 1);
    const principal = identities.resolve(joined ?? said[0] ?? own[0] ?? account.label);
    const aliases = [...new Set([...identities.membersOf(principal), ...said])].filter((key) => key !== principal);
    const label = identities.labelOf(principal) ?? known.find((entry) => entry.label !== undefined)?.label;
    return {
      principal,
      label: label ?? account.label,
      aliases,
      keys: [...new Set([principal, ...aliases, ...own])],
      named: [account.label],
      standing: [...new Set(known.flatMap(({ standing }) => standing))],
    };
  };
  const own = [...account.keys, ...(account.ids.objectIds ?? []).flatMap((id) => identities.called(id))];
  // Where rows of several say the same id, an id was given to another: what the account itself says counts.
  if (account.keys.length > 0) return [principalOf(byPerson(entries).length === 1 ? entries : [], own)];
  if (entries.length > 0) return byPerson(entries).map((of) => principalOf(of, []));
  return (account.ids.accountNames ?? []).flatMap((name) =>
    identities.called(name).map((key) => principalOf([], [key])),
  );
}

/** The entries of each person: several tables may name one. */
const byPerson = (entries: readonly DirectoryEntry[]): DirectoryEntry[][] => [
  ...Map.groupBy(entries, ({ keys }) => keys[0]).values(),
];

/** A name alone is asked only where there is nothing surer. */
function wantedIds({ upns = [], objectIds = [], sids = [], accountNames = [] }: EntityIds): readonly string[] {
  const sure = [...upns, ...objectIds, ...sids].map((id) => id.toLowerCase());
  return sure.length > 0 ? sure : accountNames;
}

function together(one: NamedPrincipal, other: NamedPrincipal): NamedPrincipal {
  const both = (list: 'aliases' | 'keys' | 'named' | 'standing'): string[] => [
    ...new Set([...one[list], ...other[list]]),
  ];
  return { ...one, aliases: both('aliases'), keys: both('keys'), named: both('named'), standing: both('standing') };
}

function directoryEntry(row: LogRow): DirectoryEntry {
  const text = (name: string): string | undefined => {
    const value = row[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [objectId, tenant, upn] = [text('ObjectId'), text('Tenant'), text('Upn')];
  const roles = row['Roles'];
  const ids = [objectId, upn, text('Mail'), text('Sid'), text('Name')].filter((id) => id !== undefined);
  return {
    keys: [
      ...(objectId !== undefined && tenant !== undefined ? [entraUserKey(tenant, objectId)] : []),
      ...(upn === undefined ? [] : [upnKey(upn)]),
    ],
    label: upn ?? text('DisplayName'),
    standing: [
      ...(text('Enabled')?.toLowerCase() === 'false' ? ['disabled'] : []),
      ...(Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : []),
    ],
    ids: new Set(ids.map((id) => id.toLowerCase())),
  };
}

function listed(principals: readonly NamedPrincipal[]): string {
  const names = principals.slice(0, MOST_CANDIDATES).map(({ label }) => label);
  const more = principals.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
