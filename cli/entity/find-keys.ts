import { accessKeyKey, arnKey, armKey, upnKey } from '../../pipeline/timeline/entity-keys.ts';

/** Keys under which somebody may be meant, and the names for people that events give them. */
export type KnownKeys = ReadonlyMap<string, string | undefined>;

/**
 * The keys that a person may mean by an id: the key itself, a user principal name, an ARN, an Azure resource id, an access key id, an object
 * id, or else any key or name that ends with it (`ann` for `user/ann`). Letters compare without case where nothing matches as written.
 */
export function findKeys(id: string, known: KnownKeys): string[] {
  const exact = [id, ...formsOf(id)].filter((key) => known.has(key));
  if (exact.length > 0) return exact;
  const folded = id.toLowerCase();
  const found: string[] = [];
  for (const [key, label] of known) {
    if (endOf(key) === folded || label?.toLowerCase() === folded) found.push(key);
  }
  return found.sort();
}

function formsOf(id: string): string[] {
  if (id.startsWith('arn:')) return [arnKey(id)];
  if (id.startsWith('/')) return [armKey(id)];
  if (id.includes('@')) return [upnKey(id)];
  return /^A[KS]IA[A-Z0-9]{12,124}$/.test(id) ? [accessKeyKey(id)] : [];
}

/** What a key ends with, after the last of the marks that part it. */
const endOf = (key: string): string =>
  key.slice(Math.max(key.lastIndexOf('/'), key.lastIndexOf(':'), key.lastIndexOf('|')) + 1).toLowerCase();
