/** How tests hold what a correlator tells bit by bit against what one look at all records gives. */
import { Correlator, evaluateCorrelations, type CorrelatedRules, type MatchedRecord } from './correlator.ts';
import type { CorrelationChanges } from './finding.ts';
import type { Summary } from './group-state.ts';
import type { CorrelatedEvent } from './point.ts';

type Matched = MatchedRecord<CorrelatedEvent>;

/** What stands by what was told: rule, group, time and events of each finding. */
export class Told {
  readonly #byKey = new Map<string, string>();

  take({ found, withdrawn }: CorrelationChanges<CorrelatedEvent>): void {
    for (const key of withdrawn) this.#byKey.delete(key);
    for (const { key, signal, time, events } of found) {
      this.#byKey.set(key, shown(signal.rule.id, signal.group, time, events));
    }
  }

  get all(): string[] {
    return [...this.#byKey.values()].sort();
  }
}

const shown = (rule: string, group: object, time: number, events: readonly CorrelatedEvent[]): string =>
  `${rule} ${JSON.stringify(group)} @${new Date(time).toISOString()}: ${events.map(({ id }) => id).join(' ')}`;

/** What one look at all records gives, as {@link Told} has it. */
export const atOnce = (rules: CorrelatedRules, records: readonly Matched[]): string[] =>
  evaluateCorrelations(rules, records)
    .map(({ rule, group, time, events }) => shown(rule.id, group, time, events))
    .sort();

/**
 * A correlator as it is after a restart: of the summaries, as they are read from where they were kept, and of the records that it held.
 * @param records all that came
 */
export function restarted(
  before: Correlator<CorrelatedEvent>,
  rules: CorrelatedRules,
  summaries: readonly Summary[],
  records: readonly Matched[],
): Correlator<CorrelatedEvent> {
  const after = new Correlator<CorrelatedEvent>(rules);
  after.restore(JSON.parse(JSON.stringify(summaries)) as Summary[]);
  for (const one of records.toReversed()) if (before.holds(one.event.id)) after.add(one);
  return after;
}
