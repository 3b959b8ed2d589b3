import { alertId, withSignal, type Alert } from '../../pipeline/incidents/alert.ts';
import type { Event } from '../../pipeline/timeline/event.ts';
import type { Signal } from '../../pipeline/timeline/signal.ts';

/** An alert with the records' own ids of its events, in order of event time. */
export interface ScanAlert extends Alert {
  readonly eventIds: readonly string[];
}

/** Alerts in memory, made by the same functions as the stored ones. */
export class RaisedAlerts {
  readonly #alerts = new Map<string, Alert>();
  /** Event id → event time and the record's own id, by alert. */
  readonly #events = new Map<string, Map<string, readonly [number, string]>>();
  readonly #maxEvents: number;

  /** @param maxEvents of each alert, this many events are remembered; one past them that is met twice counts twice */
  constructor(maxEvents = Infinity) {
    this.#maxEvents = maxEvents;
  }

  /** @returns the alert with the signal in it; undefined where the signal was known */
  add(signal: Signal, event: Event): Alert | undefined {
    const raised = { signal, event };
    const id = alertId(raised);
    const events = this.#events.get(id) ?? new Map<string, readonly [number, string]>();
    if (events.has(event.id)) return undefined;
    if (events.size < this.#maxEvents) events.set(event.id, [event.time, event.recordId]);
    this.#events.set(id, events);
    const alert = withSignal(this.#alerts.get(id), raised);
    this.#alerts.set(id, alert);
    return alert;
  }

  /** In order of first event, then of id. */
  alerts(): ScanAlert[] {
    return [...this.#alerts.values()]
      .map((alert) => ({ ...alert, eventIds: this.#eventIds(alert.id) }))
      .sort((a, b) => a.firstSeen - b.firstSeen || (a.id < b.id ? -1 : 1));
  }

  #eventIds(id: string): string[] {
    const events = [...(this.#events.get(id) ?? [])];
    return events.sort(([a, [x]], [b, [y]]) => x - y || (a < b ? -1 : 1)).map(([, [, recordId]]) => recordId);
  }
}
