import type { RuleMatch } from '../../timeline/observation.ts';
import type { ReadRecord } from '../../timeline/read-record.ts';
import type { Signal } from '../../timeline/signal.ts';
import { silencedBy, type CorrelatedRules } from './correlator.ts';
import { FieldPicker } from './field-picker.ts';

/** The signals of a record that stand for themselves, and what stateful rules need of those that fired. */
export interface Standing {
  readonly signals: readonly Signal[];
  readonly matches: readonly RuleMatch[];
}

/** Tells signals that stand for themselves from those of rules that are there for stateful rules alone. */
export class StandingSignals {
  readonly #picker: FieldPicker;
  readonly #silenced: ReadonlySet<string>;

  constructor(rules: CorrelatedRules) {
    this.#picker = new FieldPicker(rules);
    this.#silenced = silencedBy(rules.correlations);
  }

  /** What an exception suppresses is no part of a correlation, and remains to be told as suppressed. */
  of(read: Pick<ReadRecord, 'fields'>, signals: readonly Signal[]): Standing {
    const fired = signals.filter(({ suppressed }) => suppressed === undefined).map(({ rule }) => rule.id);
    const matches = this.#picker.matches(read, fired);
    if (matches.length === 0) return { signals, matches };
    return {
      signals: signals.filter(({ rule, suppressed }) => suppressed !== undefined || !this.#silenced.has(rule.id)),
      matches,
    };
  }
}
