import { CorrelatedSignals, type CorrelatedSignal } from '../../pipeline/detection/correlation/correlated-signals.ts';
import type { CorrelatedRules } from '../../pipeline/detection/correlation/correlator.ts';
import { actionOf } from '../../pipeline/timeline/action-of.ts';
import type { Event } from '../../pipeline/timeline/event.ts';
import type { ReadRecord } from '../../pipeline/timeline/read-record.ts';
import type { Signal } from '../../pipeline/timeline/signal.ts';
import { RaisedAlerts, type ScanAlert, type ScannedEvent } from './raised-alerts.ts';
import type { Place } from './read-file.ts';
import { SuppressedSignals } from './suppressed-signals.ts';

/** What a set of rules finds in events, in memory: alerts, also those of correlations, and what exceptions suppressed. */
export class Findings {
  readonly #correlated: CorrelatedSignals<ScannedEvent>;
  readonly #raised: RaisedAlerts;
  readonly #suppressed: SuppressedSignals;

  /** @param maxEvents of each alert, this many events are remembered, and as many of what is suppressed of each rule; one past them that is met twice counts twice */
  constructor({ rules = [], correlations = [] }: Partial<CorrelatedRules>, maxEvents = Infinity) {
    this.#correlated = new CorrelatedSignals({ rules, correlations });
    this.#raised = new RaisedAlerts(maxEvents);
    this.#suppressed = new SuppressedSignals(maxEvents);
  }

  /**
   * Takes the signals of a record.
   * @returns those that stand for themselves and were not known
   */
  take(read: ReadRecord, signals: readonly Signal[], event: Event, place: Place): readonly Signal[] {
    if (signals.length === 0) return signals;
    const { id, recordId, time, principal, source } = event;
    const scanned = { id, recordId, time, principal, source, action: actionOf(event.ocsf), place };
    const standing = this.#correlated.take(read, signals, scanned);
    return standing.filter((signal) =>
      signal.suppressed === undefined ? this.#raised.add(signal, event, place) : this.#suppressed.add(signal, event),
    );
  }

  /** Takes what correlations make of all that was taken, once that is all there is. */
  finish(): readonly CorrelatedSignal<ScannedEvent>[] {
    const found = this.#correlated.finish();
    for (const signal of found) this.addCorrelated(signal);
    return found;
  }

  /** Takes a signal of several events. */
  addCorrelated(found: CorrelatedSignal<ScannedEvent>): void {
    this.#raised.addCorrelated(found);
  }

  /** How many records were no part of a correlation because they say no time. */
  get untimed(): number {
    return this.#correlated.untimed;
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
