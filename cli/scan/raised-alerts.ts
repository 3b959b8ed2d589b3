import type { CorrelatedSignal } from '../../pipeline/detection/correlation/correlated-signals.ts';
import type { CorrelatedEvent } from '../../pipeline/detection/correlation/point.ts';
import { alertId, withSignal, type Alert, type RaisedSignal } from '../../pipeline/incidents/alert.ts';
import type { Event } from '../../pipeline/timeline/event.ts';
import type { Signal } from '../../pipeline/timeline/signal.ts';
import type { Place } from './read-file.ts';

/** An alert with the records' own ids of its events, in order of event time. */
export interface ScanAlert extends Alert {
  readonly eventIds: readonly string[];
}

/** What alerts keep of an event, and where its record stands. */
export interface ScannedEvent extends CorrelatedEvent, Pick<Event, 'recordId'> {
  readonly place: Place;
}

interface Raised {
  readonly origin: Place;
  readonly alert: Alert;
  /** Event id → event time and the record's own id. */
  readonly events: Map<string, readonly [number, string]>;
}

/** Alerts in memory, made by the same functions as the stored ones. */
export class RaisedAlerts {
  readonly #raised = new Map<string, Raised>();
  readonly #maxEvents: number;

  /** @param maxEvents of each alert, this many events are remembered; one past them that is met twice counts twice */
  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  /** @returns false where the signal was known */
  add(signal: Signal, event: Event, origin: Place): boolean {
    return this.#put(alertId({ signal, event }), signal, event, origin);
  }

  /** Adds a signal of several events to one alert: that of the time at which it was first true. */
  addCorrelated({ signal, time, events }: CorrelatedSignal<ScannedEvent>): void {
    const [first] = events;
    if (first === undefined) return;
    const id = alertId({ signal, event: { ...first, time } });
    for (const event of events) this.#put(id, signal, event, event.place);
  }

  #put(id: string, signal: Signal, event: RaisedSignal['event'], origin: Place): boolean {
    const known = this.#raised.get(id);
    const events = known?.events ?? new Map<string, readonly [number, string]>();
    if (events.has(event.id)) return false;
    if (events.size < this.#maxEvents) events.set(event.id, [event.time, event.recordId]);
    const alert = withSignal(known?.alert, { signal, event });
    this.#raised.set(id, { origin: known?.origin ?? origin, alert: { ...alert, id }, events });
    return true;
  }

  /** Where the record stands that raised an alert: that of its events which was read first. */
  originOf(alertId: string): Place | undefined {
    return this.#raised.get(alertId)?.origin;
  }

  /** In order of first event, then of id. */
  alerts(): ScanAlert[] {
    return [...this.#raised.values()]
      .map(({ alert, events }) => ({ ...alert, eventIds: recordIds(events) }))
      .sort((a, b) => a.firstSeen - b.firstSeen || (a.id < b.id ? -1 : 1));
  }
}

function recordIds(events: ReadonlyMap<string, readonly [number, string]>): string[] {
  return [...events].sort(([a, [x]], [b, [y]]) => x - y || (a < b ? -1 : 1)).map(([, [, recordId]]) => recordId);
}
