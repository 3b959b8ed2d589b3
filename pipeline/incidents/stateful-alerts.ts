import { RowChangedError, RowExistsError, type Row, type Tables, type Write } from '../../platform/storage/ports.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import type { Alert, KeptAlert } from '../timeline/alert.ts';
import { ALERT_ROW, alertCells, AlertDays, ALERTS, EVENT_ROWS, eventRow, keptAlert } from './alert-rows.ts';
import type { RaisedSignal } from './alert.ts';

/** One transaction takes 100 writes, one of which is the alert's own row. */
const EVENTS_A_COMMIT = 99;
const ATTEMPTS = 20;
/** Rows of no more events than this are kept of one alert: the earliest. Its count tells of all. */
export const MAX_KEPT_EVENTS = 1000;

/** An alert that is made of several events together. */
export interface StatefulAlert {
  readonly alert: Alert;
  /** Where its window begins: milliseconds since 1970-01-01T00:00:00Z. */
  readonly start: number;
  /** In order of time, then of id. */
  readonly events: readonly RaisedSignal['event'][];
  /** Alerts that are no more because this one has their events. */
  readonly replaces: readonly string[];
}

/**
 * Keeps the alerts of stateful rules, in the same tables as the others. What comes late may change them: they gain and lose events, and
 * can be withdrawn. Each is written with the number of the revision of all state that it follows from, and an older one never takes the place of a newer.
 */
export class StatefulAlerts {
  readonly #tables: Tables;
  readonly #days: AlertDays;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#days = new AlertDays(tables);
  }

  /**
   * Writes an alert as it stands. Idempotent.
   * @returns the alert as it is now kept: whether somebody was told of it, or of one whose place it takes; undefined where a newer revision withdrew it
   */
  async write({ alert, start, events, replaces }: StatefulAlert, revision: number): Promise<KeptAlert | undefined> {
    const told = (await Promise.all(replaces.map((id) => this.#told(id)))).includes(true);
    await this.#days.add(alert.id, start);
    const kept = events.slice(0, MAX_KEPT_EVENTS).map(eventRow);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const row = await this.#tables.get(ALERTS, alert.id, ALERT_ROW);
      if (row !== undefined && revisionOf(row) > revision) return keptAlert(row);
      const notified = told || row?.cells['notified'] === true;
      const cells = { ...alertCells(alert), notified, revision, withdrawn: false };
      try {
        await this.#tables.commit(ALERTS, alert.id, [ownRow(row, cells)]);
        await this.#writeEvents(alert.id, kept);
        return { ...alert, notified };
      } catch (error) {
        if (!(error instanceof RowExistsError) && !(error instanceof RowChangedError)) throw error;
      }
    }
    throw new Error(`alert ${alert.id} is written by too many instances at once`);
  }

  /** Notes that an alert is none any more; its rows stay, so that an older revision does not bring it back. */
  async withdraw(id: string, revision: number): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const row = await this.#tables.get(ALERTS, id, ALERT_ROW);
      if (row !== undefined && revisionOf(row) > revision) return;
      const cells = { alert: '', notified: false, ...row?.cells, revision, withdrawn: true };
      try {
        await this.#tables.commit(ALERTS, id, [ownRow(row, cells)]);
        return;
      } catch (error) {
        if (!(error instanceof RowExistsError) && !(error instanceof RowChangedError)) throw error;
      }
    }
    throw new Error(`alert ${id} is written by too many instances at once`);
  }

  async #told(id: string): Promise<boolean> {
    const row = await this.#tables.get(ALERTS, id, ALERT_ROW);
    return row?.cells['notified'] === true;
  }

  /** Makes the rows of events those given. Two that write at once may each leave a row that the other took out; the next revision rights it. */
  async #writeEvents(id: string, wanted: readonly Extract<Write, { kind: 'insert' }>[]): Promise<void> {
    const known = new Set<string>();
    for await (const { row } of rowsOf(this.#tables, ALERTS, id, EVENT_ROWS)) known.add(row);
    const writes: Write[] = [];
    for (const { row, cells } of wanted) if (!known.delete(row)) writes.push({ kind: 'upsert', row, cells });
    for (const row of known) writes.push({ kind: 'delete', row });
    for (let at = 0; at < writes.length; at += EVENTS_A_COMMIT) {
      await this.#tables.commit(ALERTS, id, writes.slice(at, at + EVENTS_A_COMMIT));
    }
  }
}

const ownRow = (row: Row | undefined, cells: Row['cells']): Write =>
  row === undefined
    ? { kind: 'insert', row: ALERT_ROW, cells }
    : { kind: 'replace', row: ALERT_ROW, cells, etag: row.etag };

function revisionOf({ cells }: Row): number {
  const { revision } = cells;
  return typeof revision === 'number' ? revision : 0;
}
