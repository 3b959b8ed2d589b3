import { createHash } from 'node:crypto';
import { z } from 'zod';
import { RowExistsError, type Row, type Tables, type Write } from '../../platform/storage/ports.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import { LEVELS, type RuleSummary } from '../timeline/signal.ts';
import { bucketOf, bucketOfTable, dayOf, type Bucket } from '../timeline/store/layout.ts';

/** A signal that an exception suppressed, and what a person needs to find its event. */
export interface SuppressedSignal {
  /** The id of the exception. */
  readonly exception: string;
  readonly rule: RuleSummary;
  readonly event: {
    readonly id: string;
    readonly recordId: string;
    /** Milliseconds since 1970-01-01T00:00:00Z. */
    readonly time: number;
    readonly principal: string;
  };
}

const PREFIX = 'suppressed';
/** Partition that names the days on which there are signals. */
const DAYS = 'days';
const DAY = 86_400_000;
/** A JavaScript Date ends so many days after 1970. */
const MAX_DAY = 100_000_000;
const ROWS_A_COMMIT = 100;
/** Ids and principals come from records; so that a row is small, longer ones are cut. */
const MAX_TEXT = 1024;

/**
 * Keeps what exceptions suppressed: tables by month of event time, so that retention drops whole tables; in each, a partition a day
 * and a row for each rule and event. Days and times are counted down, because the newest are wanted first. Holds no state.
 */
export class SuppressedStore {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /**
   * Keeps signals; those of a rule and event that are there stay as they are, so that what is delivered again changes nothing.
   * @returns those that were not there
   */
  async keep(signals: readonly SuppressedSignal[]): Promise<readonly SuppressedSignal[]> {
    const kept: SuppressedSignal[] = [];
    for (const [day, ofDay] of Map.groupBy(signals, ({ event }) => dayOf(event.time))) {
      const { table } = bucketOf(PREFIX, day * DAY);
      // Before the signals: a crash between leaves a day without any, never one that is not listed.
      await this.#tables.commit(table, DAYS, [{ kind: 'upsert', row: dayKey(day), cells: {} }]);
      const byRow = [...new Map(ofDay.map((signal) => [rowKey(signal), signal]))];
      for (let at = 0; at < byRow.length; at += ROWS_A_COMMIT) {
        kept.push(...(await this.#insert(table, String(day), byRow.slice(at, at + ROWS_A_COMMIT))));
      }
    }
    return kept;
  }

  async #insert(table: string, partition: string, byRow: readonly Keyed[]): Promise<readonly SuppressedSignal[]> {
    let fresh = byRow;
    // Each round but the last finds at least one that exists.
    for (let round = 0; fresh.length > 0 && round <= byRow.length; round += 1) {
      try {
        await this.#tables.commit(table, partition, fresh.map(insertion));
        return fresh.map(([, signal]) => signal);
      } catch (error) {
        if (!(error instanceof RowExistsError)) throw error;
        const found = await Promise.all(fresh.map(([row]) => this.#tables.get(table, partition, row)));
        fresh = fresh.filter((_, at) => found[at] === undefined);
      }
    }
    return [];
  }

  /**
   * What was suppressed, newest event first.
   * @param exception only by the exception of this id
   * @param since only events from this time on, milliseconds since 1970-01-01T00:00:00Z
   */
  async *list({ exception, since = -Infinity }: { exception?: string | undefined; since?: number | undefined } = {}) {
    for (const { table } of (await this.#buckets()).filter(({ end }) => end > since)) {
      for await (const { row: day } of rowsOf(this.#tables, table, DAYS)) {
        if ((dayOfKey(day) + 1) * DAY <= since) break;
        for await (const row of rowsOf(this.#tables, table, String(dayOfKey(day)))) {
          const signal = readSignal(row);
          if (signal.event.time < since) break;
          if (exception === undefined || signal.exception === exception) yield signal;
        }
      }
    }
  }

  /** Drops whole months that ended at `time` or before. */
  async dropBefore(time: number): Promise<void> {
    for (const { table, end } of await this.#buckets()) if (end <= time) await this.#tables.drop(table);
  }

  /** Newest first. */
  async #buckets(): Promise<Bucket[]> {
    const names = await this.#tables.list(PREFIX);
    const buckets = names.map((table) => bucketOfTable(PREFIX, table)).filter((bucket) => bucket !== undefined);
    return buckets.sort((one, other) => other.end - one.end);
  }
}

type Keyed = readonly [row: string, signal: SuppressedSignal];

const dayKey = (day: number): string => String(MAX_DAY - day).padStart(9, '0');
const dayOfKey = (key: string): number => MAX_DAY - Number(key);

/** The same for the same rule and event. */
function rowKey({ rule, event }: SuppressedSignal): string {
  const countdown = DAY - 1 - (event.time - dayOf(event.time) * DAY);
  const hash = createHash('sha256')
    .update(JSON.stringify([rule.id, event.id]))
    .digest('hex');
  return `${String(countdown).padStart(8, '0')}-${hash.slice(0, 32)}`;
}

function insertion([row, { exception, rule, event }]: Keyed): Write {
  const { id, title, level: severity } = rule;
  const kept: SuppressedSignal = {
    exception,
    rule: { id, title: title.slice(0, MAX_TEXT), level: severity },
    event: {
      id: event.id,
      recordId: event.recordId.slice(0, MAX_TEXT),
      time: event.time,
      principal: event.principal.slice(0, MAX_TEXT),
    },
  };
  return { kind: 'insert', row, cells: { signal: JSON.stringify(kept) } };
}

const schema = z.object({
  exception: z.string(),
  rule: z.object({ id: z.string(), title: z.string(), level: z.enum(LEVELS) }),
  event: z.object({ id: z.string(), recordId: z.string(), time: z.number(), principal: z.string() }),
});

function readSignal({ cells }: Row): SuppressedSignal {
  return schema.parse(JSON.parse(String(cells['signal'])));
}
