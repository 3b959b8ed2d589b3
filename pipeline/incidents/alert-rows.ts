import { createHash } from 'node:crypto';
import { z } from 'zod';
import { jsonCells, valueOfCells } from '../../platform/storage/json-cells.ts';
import { MAX_CELL_TEXT, StorageLimitError } from '../../platform/storage/limits.ts';
import type { Cells, Row, Tables, Write } from '../../platform/storage/ports.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import type { Alert, KeptAlert } from '../timeline/alert.ts';
import { LEVELS } from '../timeline/signal.ts';
import type { RaisedSignal } from './alert.ts';

/** Table of alerts: partition = alert, rows = the alert and its events. */
export const ALERTS = 'alerts';
export const ALERT_ROW = 'alert';
/** Row keys of events lie from this one to the other (exclusive). */
export const EVENT_ROWS = { after: 'e|', to: 'e}' } as const;

/** Alerts by the day of their window, so that they can be listed: partition = day, and one partition that names the days. */
const DAYS = 'alertdays';
const MAX_DAYS_REMEMBERED = 1000;

/** Names alerts by the day of their window. Holds what it wrote lately, which may be forgotten. */
export class AlertDays {
  readonly #tables: Tables;
  readonly #listed = new Set<string>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /**
   * Written before the alert itself: a crash between leaves an entry without an alert, which `list` skips, never an alert that is not listed.
   * @param start of the alert's window, milliseconds since 1970-01-01T00:00:00Z
   */
  async add(id: string, start: number): Promise<void> {
    const day = new Date(start).toISOString().slice(0, 10);
    if (!this.#listed.has(day)) {
      await this.#tables.commit(DAYS, 'days', [{ kind: 'upsert', row: day, cells: {} }]);
      // An attacker's clock may name any day: what is remembered stays small, and a day forgotten is only written again.
      if (this.#listed.size >= MAX_DAYS_REMEMBERED) this.#listed.clear();
      this.#listed.add(day);
    }
    const row = `${String(start).padStart(15, '0')}|${id}`;
    await this.#tables.commit(DAYS, day, [{ kind: 'upsert', row, cells: {} }]);
  }

  /** Ids, those of the newest window first. */
  async *ids(): AsyncGenerator<string> {
    for (const day of (await this.#rows('days')).reverse()) {
      for (const row of (await this.#rows(day)).reverse()) yield row.slice(row.indexOf('|') + 1);
    }
  }

  async #rows(partition: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { row } of rowsOf(this.#tables, DAYS, partition)) keys.push(row);
    return keys;
  }
}

/** The row of one event of an alert; the same for the same event. */
export function eventRow(event: RaisedSignal['event']): Extract<Write, { kind: 'insert' }> {
  const hash = createHash('sha256').update(event.id).digest('hex').slice(0, 32);
  const row = `e|${String(event.time).padStart(15, '0')}|${hash}`;
  return { kind: 'insert', row, cells: { event: event.id, record: event.recordId.slice(0, 8192) } };
}

const level = z.enum(LEVELS);
const schema = z.object({
  id: z.string(),
  rule: z.object({ id: z.string(), title: z.string(), level }),
  severity: level,
  decision: z.enum(['block', 'warn', 'monitor']),
  escalate: z.object({ count: z.number(), decision: z.enum(['block', 'warn']) }).optional(),
  techniques: z.array(z.string()),
  principals: z.array(z.string()),
  group: z.record(z.string(), z.string()),
  count: z.number(),
  firstSeen: z.number(),
  lastSeen: z.number(),
});

/**
 * The cells that hold an alert: one of text, or where that is too small for what fifty principals are called, several of bytes.
 * @throws StorageLimitError where it is too large for a row
 */
export function alertCells(alert: Alert): Cells {
  const text = JSON.stringify(alert);
  const cells = text.length <= MAX_CELL_TEXT ? { alert: text } : jsonCells(alert);
  if (cells === undefined) throw new StorageLimitError(`The alert ${alert.id} is too large for a row of a table.`);
  return cells;
}

/** Undefined where the alert was withdrawn. @throws where the row is not what was written */
export function keptAlert(row: Row): KeptAlert | undefined {
  if (row.cells['withdrawn'] === true) return undefined;
  const alert = schema.parse(valueOfCells(row.cells) ?? JSON.parse(String(row.cells['alert'])));
  return { ...alert, notified: row.cells['notified'] === true };
}
