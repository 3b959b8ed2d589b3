import type { ReadRecord } from '../../timeline/read-record.ts';
import type { Signal } from '../../timeline/signal.ts';
import { groupedSignal } from '../matching/signal-of.ts';
import { Correlator, type CorrelatedRules } from './correlator.ts';
import type { CorrelationSignal } from './finding.ts';
import type { CorrelatedEvent } from './point.ts';
import { StandingSignals } from './standing-signals.ts';

/** The signal of a correlation rule, and what it is made of. */
export interface CorrelatedSignal<E> extends Pick<CorrelationSignal<E>, 'time' | 'first' | 'last' | 'events'> {
  readonly signal: Signal;
}

/**
 * Stands between the signals of single events and what is made of them, where all events are at hand: holds back those that are
 * there for correlations alone, and gives the signals of correlations in their place.
 */
export class CorrelatedSignals<E extends CorrelatedEvent> {
  readonly #correlator: Correlator<E> | undefined;
  readonly #standing: StandingSignals;

  constructor(rules: CorrelatedRules) {
    this.#correlator = rules.correlations.length === 0 ? undefined : new Correlator(rules);
    this.#standing = new StandingSignals(rules);
  }

  /**
   * Takes the signals of a record, and gives those that stand for themselves. What an exception suppresses is no part of a
   * correlation, and remains to be told as suppressed.
   * @param event what signals of correlations say of the record's event
   */
  take(read: Pick<ReadRecord, 'fields'>, signals: readonly Signal[], event: E): readonly Signal[] {
    if (this.#correlator === undefined || signals.length === 0) return signals;
    const standing = this.#standing.of(read, signals);
    this.#correlator.addMatches(event, standing.matches);
    return standing.signals;
  }

  /** How many records were no part of a correlation because they say no time. */
  get untimed(): number {
    return this.#correlator?.untimed ?? 0;
  }

  /** The signals of correlations over all that was taken, in order of time. */
  finish(): CorrelatedSignal<E>[] {
    return (this.#correlator?.signals() ?? []).map(({ rule, group, time, first, last, events }) => ({
      signal: groupedSignal(rule, group),
      ...{ time, first, last, events },
    }));
  }
}
