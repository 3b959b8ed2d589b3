import { RowChangedError, RowExistsError, type Tables, type Write } from '../../platform/storage/ports.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import type { KeptAlert } from '../timeline/alert.ts';
import { ALERT_ROW, alertCells, AlertDays, ALERTS, EVENT_ROWS, eventRow, keptAlert } from './alert-rows.ts';
import { alertId, windowStart, withSignal, type Alert, type RaisedSignal } from './alert.ts';

/** One transaction takes 100 writes, one of which is the alert's own row. */
const EVENTS_A_COMMIT = 99;
const ATTEMPTS = 50;
const ALERTS_AT_ONCE = 16;

/** What `raise` did. */
export interface Raised {
  /** Alerts that somebody is to be told of, and nobody has been yet; to be announced, again if need be. Not those that are only counted. */
  readonly unannounced: readonly string[];
  /** Alerts that did not exist before. */
  readonly created: number;
}

/** An alert as it stands after signals were added, and whether it did not exist before. */
interface Added {
  readonly alert: KeptAlert | undefined;
  readonly created: boolean;
}

/**
 * Keeps alerts in tables: one partition an alert, holding its own row and one row for each of its events. Both are written in one
 * transaction, so that an event delivered again is never counted twice, whatever crashed in between.
 */
export class AlertStore {
  readonly #tables: Tables;
  readonly #days: AlertDays;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#days = new AlertDays(tables);
  }

  /**
   * Adds signals to their alerts, which are created where they do not exist. Idempotent.
   * @param signals at most one of each rule and event
   */
  async raise(signals: readonly RaisedSignal[]): Promise<Raised> {
    const byAlert = [...Map.groupBy(signals, alertId)];
    const unannounced: string[] = [];
    let created = 0;
    for (let at = 0; at < byAlert.length; at += ALERTS_AT_ONCE) {
      const some = byAlert.slice(at, at + ALERTS_AT_ONCE);
      for (const added of await Promise.all(some.map(([id, raised]) => this.#raiseOne(id, raised)))) {
        if (added.created) created++;
        if (added.alert?.notified === false && added.alert.decision !== 'monitor') unannounced.push(added.alert.id);
      }
    }
    return { unannounced, created };
  }

  async #raiseOne(id: string, raised: readonly RaisedSignal[]): Promise<Added> {
    let added: Added = { alert: undefined, created: false };
    for (let at = 0; at < raised.length; at += EVENTS_A_COMMIT) {
      const { alert, created } = await this.#add(id, raised.slice(at, at + EVENTS_A_COMMIT));
      added = { alert, created: added.created || created };
    }
    return added;
  }

  async #add(id: string, raised: readonly RaisedSignal[]): Promise<Added> {
    let fresh = raised;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const row = await this.#tables.get(ALERTS, id, ALERT_ROW);
      const known = row && keptAlert(row);
      const alert = fresh.reduce<Alert | undefined>(withSignal, known);
      if (fresh.length === 0 || alert === undefined) return { alert: known, created: false };
      if (row === undefined) await this.#list(id, fresh);
      const notified = known?.notified === true;
      const cells = { ...alertCells(alert), notified };
      const own: Write =
        row === undefined
          ? { kind: 'insert', row: ALERT_ROW, cells }
          : { kind: 'replace', row: ALERT_ROW, cells, etag: row.etag };
      try {
        await this.#tables.commit(ALERTS, id, [own, ...fresh.map(({ event }) => eventRow(event))]);
        return { alert: { ...alert, notified }, created: row === undefined };
      } catch (error) {
        // Another instance wrote the alert, or an event is in it already: look again, and leave out what is known.
        if (!(error instanceof RowExistsError) && !(error instanceof RowChangedError)) throw error;
        fresh = await this.#unknown(id, fresh);
      }
    }
    throw new Error(
      `alert ${id} is written by too many instances at once: ${ATTEMPTS} attempts met a change each time`,
    );
  }

  async #unknown(id: string, raised: readonly RaisedSignal[]): Promise<readonly RaisedSignal[]> {
    const rows = await Promise.all(raised.map((one) => this.#tables.get(ALERTS, id, eventRow(one.event).row)));
    return raised.filter((_, at) => rows[at] === undefined);
  }

  async #list(id: string, [first]: readonly RaisedSignal[]): Promise<void> {
    if (first !== undefined) await this.#days.add(id, windowStart(first));
  }

  /** The alert, or undefined where there is none. */
  async get(id: string): Promise<KeptAlert | undefined> {
    const row = await this.#tables.get(ALERTS, id, ALERT_ROW);
    return row && keptAlert(row);
  }

  /** Records' own ids of the alert's events, in order of event time. */
  async eventIds(id: string): Promise<readonly string[]> {
    const ids: string[] = [];
    for await (const { cells } of rowsOf(this.#tables, ALERTS, id, EVENT_ROWS)) ids.push(String(cells['record']));
    return ids;
  }

  /** Notes that a person has been told. */
  async markNotified(id: string): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const row = await this.#tables.get(ALERTS, id, ALERT_ROW);
      if (row === undefined || row.cells['notified'] === true) return;
      try {
        const cells = { ...row.cells, notified: true };
        await this.#tables.commit(ALERTS, id, [{ kind: 'replace', row: ALERT_ROW, cells, etag: row.etag }]);
        return;
      } catch (error) {
        if (!(error instanceof RowChangedError)) throw error;
      }
    }
    throw new Error(`alert ${id} changes too often to be marked as notified`);
  }

  /** Alerts, those of the newest window first. */
  async *list(): AsyncGenerator<KeptAlert> {
    for await (const id of this.#days.ids()) {
      const alert = await this.get(id);
      if (alert) yield alert;
    }
  }
}
