import type { Tables } from '../../platform/storage/ports.ts';
import { isId } from '../../pipeline/incidents/story/people.ts';
import { keptIdentities } from '../../pipeline/correlation/kept-identities.ts';
import type { Source } from '../../pipeline/sources/source.ts';
import type { Directory } from '../../pipeline/timeline/identity/directory.ts';
import { IdentityGraph } from '../../pipeline/timeline/identity/identity-graph.ts';
import { linksOf } from '../../pipeline/timeline/identity/links-of.ts';
import type { EntityKind } from '../../pipeline/timeline/entity.ts';
import { readFile } from '../scan/read-file.ts';
import type { KnownKeys } from './find-keys.ts';

/** What was read of files to resolve identities by. */
export interface Identities {
  readonly graph: IdentityGraph;
  readonly known: KnownKeys;
  readonly rejected: number;
  /** Files that could not be read, with the reason. */
  readonly unreadable: readonly string[];
}

const NO_RULES = { match: () => [] };
const NOBODY: ReadonlySet<EntityKind> = new Set(['ip', 'resource', 'vulnerability', 'account', 'device']);

/** Reads log files for who is who. Memory grows with the identities and links that they name, not with the records. */
export async function readIdentities(
  files: readonly string[],
  directory: Directory | undefined,
  source: Source | undefined,
): Promise<Identities> {
  const graph = new IdentityGraph();
  const known = new Map<string, string | undefined>();
  const unreadable: string[] = [];
  let rejected = 0;
  for (const link of directory?.links ?? []) graph.add(link);
  for (const file of files) {
    for await (const piece of readFile(file, NO_RULES, source)) {
      if (piece.unreadable) unreadable.push(`${file}: ${piece.rejected[0]?.reason ?? 'it cannot be read'}`);
      else rejected += piece.rejected.length;
      for (const { event } of piece.accepted) {
        for (const link of linksOf(event, directory?.trusts)) graph.add(link);
        for (const { kind, key, label } of event.entities)
          if (!NOBODY.has(kind)) known.set(key, smaller(known.get(key), label));
      }
    }
  }
  for (const key of graph.keys()) if (!known.has(key)) known.set(key, undefined);
  return { graph, known, rejected, unreadable };
}

/** Takes who is who from what a deployment keeps of it. */
export async function keptGraph(tables: Tables, directory: Directory | undefined): Promise<Identities> {
  const graph = new IdentityGraph();
  const known = new Map<string, string | undefined>();
  const { links, entities } = await keptIdentities(tables);
  for (const link of [...(directory?.links ?? []), ...links]) graph.add(link);
  for (const { kind, key, label } of entities) {
    if (!NOBODY.has(kind)) known.set(key, smaller(known.get(key), label));
  }
  for (const key of graph.keys()) if (!known.has(key)) known.set(key, undefined);
  return { graph, known, rejected: 0, unreadable: [] };
}

/** The same name, whatever the order of the events; ids name nobody. */
const smaller = (a: string | undefined, b: string | undefined): string | undefined =>
  b === undefined || isId(b) || (a !== undefined && a <= b) ? a : b;
