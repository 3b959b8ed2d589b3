import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Tables, Write } from '../../platform/storage/ports.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import { workspacePath, type IncidentAddress, type WorkspaceAddress } from './incident-address.ts';
import type { SentinelIncident } from './incident.ts';

const TABLE = 'sentinelenriched';
/** Of one commit. */
const MOST_WRITES = 100;

const row = z.object({
  content: z.string(),
  at: z.number(),
  tries: z.int().min(0),
  complete: z.boolean(),
});

/** What is known of an incident that was enriched, or that it was tried with. */
export interface EnrichedIncident {
  /** Of what it was made of: {@link contentOf}. */
  readonly content: string;
  /** When it was last tried, milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  /** How often it was tried since its content is this. */
  readonly tries: number;
  /** Whether nothing was missing, and nothing can come any more. */
  readonly complete: boolean;
}

/** Tried again after so long, then after twice and four times as long, and not again: milliseconds. */
const FIRST_PAUSE = 30 * 60_000;
const MOST_TRIES = 4;
/** What happened in an incident may still come to be known within this: milliseconds. */
const SETTLED_AFTER = 2 * 3_600_000;

/** What an incident is made of: its alerts. Not its comments, labels, severity and state, which enrichment and people change. */
export function contentOf({ title, firstActivity, lastActivity, techniques, properties }: SentinelIncident): string {
  const additional = properties['additionalData'];
  const parts = [title, firstActivity ?? null, lastActivity ?? null, [...techniques].sort(), alertsOf(additional)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

const alertsOf = (additional: unknown): unknown => {
  const counts = z.object({ alertsCount: z.number() }).safeParse(additional);
  return counts.success ? counts.data.alertsCount : null;
};

/** What is to be noted after a try. @param missing whether something could not be asked */
export function afterTry(
  incident: SentinelIncident,
  before: EnrichedIncident | undefined,
  now: number,
  missing: boolean,
): EnrichedIncident {
  const content = contentOf(incident);
  const settled = now - (incident.lastActivity ?? incident.created ?? 0) > SETTLED_AFTER;
  const tries = before?.content === content ? before.tries + 1 : 1;
  return { content, at: now, tries, complete: settled && !missing };
}

/** Whether it is time to enrich an incident: it is new, it has other alerts, or more may be known of it by now. */
export function isDue(incident: SentinelIncident, before: EnrichedIncident | undefined, now: number): boolean {
  if (before?.content !== contentOf(incident)) return true;
  if (before.complete || before.tries >= MOST_TRIES) return false;
  return now - before.at >= FIRST_PAUSE * 2 ** (before.tries - 1);
}

/** Which incidents were enriched, in a table. Lost, they are enriched once more, which changes nothing where nothing is new. */
export class EnrichedIncidents {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  async get(address: IncidentAddress): Promise<EnrichedIncident | undefined> {
    const found = await this.#tables.get(TABLE, ...placeOf(address));
    return found && row.safeParse(found.cells).data;
  }

  async note(address: IncidentAddress, enriched: EnrichedIncident): Promise<void> {
    const [partition, key] = placeOf(address);
    await this.#tables.commit(TABLE, partition, [{ kind: 'upsert', row: key, cells: { ...enriched } }]);
  }

  /** Forgets what was last tried before then, milliseconds since 1970-01-01T00:00:00Z. */
  async dropBefore(workspace: WorkspaceAddress, limit: number): Promise<void> {
    const partition = partitionOf(workspace);
    let old: Write[] = [];
    for await (const { row: key, cells } of rowsOf(this.#tables, TABLE, partition)) {
      const read = row.safeParse(cells);
      if (!read.success || read.data.at < limit) old.push({ kind: 'delete', row: key });
      if (old.length < MOST_WRITES) continue;
      await this.#tables.commit(TABLE, partition, old);
      old = [];
    }
    if (old.length > 0) await this.#tables.commit(TABLE, partition, old);
  }
}

/** Azure compares names without case. */
const partitionOf = (workspace: WorkspaceAddress): string =>
  createHash('sha256').update(workspacePath(workspace).toLowerCase()).digest('hex').slice(0, 32);

const placeOf = (address: IncidentAddress): [partition: string, row: string] => [
  partitionOf(address),
  address.incident.toLowerCase(),
];
