import { z } from 'zod';
import type { Cells, Tables } from '../../platform/storage/ports.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import type { WorkspaceAddress } from './incident-address.ts';
import { outwardIncidentId } from './sentinel-ids.ts';

const TABLE = 'sentinelincidents';
/** What was finished longer ago than this is forgotten: milliseconds. */
const KEPT = 90 * 24 * 3_600_000;

const row = z.object({
  /** Of how it was to stand when it was last written. */
  digest: z.string(),
  title: z.string(),
  severity: z.enum(['Informational', 'Low', 'Medium', 'High']),
  status: z.enum(['New', 'Active', 'Closed']),
  /** Somebody deleted it in Sentinel, or it was closed: it is not looked at any more unless it changes. */
  done: z.boolean(),
  /** Somebody deleted it in Sentinel: it is not made again. */
  deleted: z.boolean(),
  /** When it was written, milliseconds since 1970-01-01T00:00:00Z. */
  at: z.number(),
});

/** What is known of an incident that was sent. */
export type SentIncident = Readonly<z.infer<typeof row>>;

/** Which incidents of Crosstrail were sent to a workspace, by their ids. Lost, they are found again in Sentinel, for their names there are made of their ids. */
export class SentIncidents {
  readonly #tables: Tables;
  readonly #partition: string;

  constructor(tables: Tables, workspace: WorkspaceAddress) {
    this.#tables = tables;
    this.#partition = outwardIncidentId(workspace, '');
  }

  /** All, but for those done long ago, which are deleted. */
  async all(now: number): Promise<Map<string, SentIncident>> {
    const all = new Map<string, SentIncident>();
    for await (const { row: id, cells } of rowsOf(this.#tables, TABLE, this.#partition)) {
      const read = row.safeParse(cells);
      if (!read.success) continue;
      if (read.data.done && read.data.at < now - KEPT) await this.#delete(id);
      else all.set(id, read.data);
    }
    return all;
  }

  async note(id: string, sent: SentIncident): Promise<void> {
    const cells: Cells = { ...sent };
    await this.#tables.commit(TABLE, this.#partition, [{ kind: 'upsert', row: id, cells }]);
  }

  async #delete(id: string): Promise<void> {
    await this.#tables.commit(TABLE, this.#partition, [{ kind: 'delete', row: id }]);
  }
}
