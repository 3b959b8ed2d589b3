import type { Tables } from '../../platform/storage/ports.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import { dayOf } from '../timeline/store/layout.ts';

/**
 * Incidents by the days of their last events: partition = day, row = incident; besides one partition that names the days, and one that names
 * the incidents. An incident that goes on for days stands in several, and counts in the one that it itself says.
 */
const INDEX = 'incidentdays';
const DAYS = 'days';
const IDS = 'ids';
const DAY = 86_400_000;
/** A JavaScript Date ends so many days after 1970. Days are counted down, because the newest are wanted first. */
const MAX_DAY = 100_000_000;

/** Finds incidents by day and by the beginning of their ids. Holds no state. */
export class IncidentDays {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /**
   * Names an incident. To be done before it is written: a crash between leaves an entry without an incident, never an incident that cannot be found.
   * @param lastSeen milliseconds since 1970-01-01T00:00:00Z
   */
  async add(id: string, lastSeen: number): Promise<void> {
    const day = keyOf(dayOf(lastSeen));
    await this.#tables.commit(INDEX, IDS, [{ kind: 'upsert', row: id, cells: {} }]);
    await this.#tables.commit(INDEX, DAYS, [{ kind: 'upsert', row: day, cells: {} }]);
    await this.#tables.commit(INDEX, day, [{ kind: 'upsert', row: id, cells: {} }]);
  }

  /** Days that end after `since`, newest first, counted from 1970-01-01 UTC. */
  async *days(since: number): AsyncGenerator<number> {
    for await (const row of this.#rows(DAYS, {})) {
      const day = MAX_DAY - Number(row);
      if ((day + 1) * DAY <= since) return;
      yield day;
    }
  }

  /** Ids of the incidents that had their last event on a day, at one time or another. */
  of(day: number): AsyncGenerator<string> {
    return this.#rows(keyOf(day), {});
  }

  /** Ids that begin so, in order. */
  async *startingWith(prefix: string): AsyncGenerator<string> {
    for await (const id of this.#rows(IDS, { from: prefix })) {
      if (!id.startsWith(prefix)) return;
      yield id;
    }
  }

  async *#rows(partition: string, { from }: { readonly from?: string }): AsyncGenerator<string> {
    for await (const { row } of rowsOf(this.#tables, INDEX, partition, { from })) yield row;
  }
}

const keyOf = (day: number): string => String(MAX_DAY - day).padStart(9, '0');
