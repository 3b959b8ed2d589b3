import type { CorrelatedSignal } from '../../pipeline/detection/correlation/correlated-signals.ts';
import type { Event } from '../../pipeline/timeline/event.ts';
import type { Signal } from '../../pipeline/timeline/signal.ts';
import { RaisedAlerts, type ScanAlert, type ScannedEvent } from './raised-alerts.ts';
import type { Place } from './read-file.ts';
import { SuppressedSignals } from './suppressed-signals.ts';

/** What a set of rules finds in events, in memory: alerts, and what exceptions suppressed. */
export class Findings {
  readonly #raised: RaisedAlerts;
  readonly #suppressed: SuppressedSignals;

  /** @param maxEvents of each alert, this many events are remembered, and as many of what is suppressed of each rule; one past them that is met twice counts twice */
  constructor(maxEvents = Infinity) {
    this.#raised = new RaisedAlerts(maxEvents);
    this.#suppressed = new SuppressedSignals(maxEvents);
  }

  /** @returns false where the signal was known */
  add(signal: Signal, event: Event, place: Place): boolean {
    return signal.suppressed === undefined
      ? this.#raised.add(signal, event, place)
      : this.#suppressed.add(signal, event);
  }

  /** Adds the signal of a correlation rule to its alert. */
  addCorrelated(found: CorrelatedSignal<ScannedEvent>): void {
    this.#raised.addCorrelated(found);
  }

  /** In order of first event, then of id. */
  alerts(): ScanAlert[] {
    return this.#raised.alerts();
  }

  /** Where the record stands that raised an alert: that of its events which was read first. */
  originOf(alertId: string): Place | undefined {
    return this.#raised.originOf(alertId);
  }

  /** How many signals each exception suppressed, by its id. */
  suppressed(): ReadonlyMap<string, number> {
    return this.#suppressed.counts();
  }
}
