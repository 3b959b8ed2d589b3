import { z } from 'zod';
import { RowChangedError, RowExistsError, type Cells, type Row, type Tables } from '../../platform/storage/ports.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import { jsonCells, valueOfCells } from '../../platform/storage/json-cells.ts';
import { postureCondition } from '../timeline/codec-parts.ts';
import type { ConditionEpisode } from './posture-conditions.ts';
import { episodeFields, postureMark } from './posture-summary.ts';

const TABLE = 'posture';
const CONDITIONS = 'conditions';
const ATTEMPTS = 20;

/**
 * Keeps what is weak and what was, in one partition of a table. Each row is written with the number of the revision of all state that it follows
 * from, and an older one never takes the place of a newer. Holds no state.
 */
export class PostureStore {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  write(episode: ConditionEpisode, revision: number): Promise<void> {
    return this.#put(episode.id, { ...jsonCells(episode), revision, gone: false }, revision);
  }

  /** Notes that it never was: what came late tells another story. */
  remove(id: string, revision: number): Promise<void> {
    return this.#put(id, { revision, gone: true }, revision);
  }

  /** All that is kept, in no order. @throws where a row is not what was written */
  async *list(): AsyncGenerator<ConditionEpisode> {
    for await (const { cells } of rowsOf(this.#tables, TABLE, CONDITIONS))
      if (cells['gone'] !== true) yield schema.parse(valueOfCells(cells));
  }

  async #put(id: string, cells: Cells, revision: number): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const row = await this.#tables.get(TABLE, CONDITIONS, id);
      if (row !== undefined && revisionOf(row) > revision) return;
      try {
        await this.#tables.commit(TABLE, CONDITIONS, [
          row === undefined ? { kind: 'insert', row: id, cells } : { kind: 'replace', row: id, cells, etag: row.etag },
        ]);
        return;
      } catch (error) {
        if (!(error instanceof RowExistsError) && !(error instanceof RowChangedError)) throw error;
      }
    }
    throw new Error(`the condition ${id} is written by too many instances at once`);
  }
}

const schema: z.ZodType<ConditionEpisode> = z.object({
  id: z.string(),
  condition: postureCondition,
  resource: z.string(),
  ...episodeFields,
  undone: postureMark.extend({ what: z.string() }).optional(),
});

const revisionOf = ({ cells }: Row): number => (typeof cells['revision'] === 'number' ? cells['revision'] : 0);
