import type { SourceId } from '../../../timeline/event.ts';
import type { CorrelationRule, TypedCondition } from '../correlation-rule.ts';
import type { CorrelatedEvent, Point } from '../point.ts';
import type { Firing, Fold, FoldedRule } from './fold.ts';

type Condition = Extract<TypedCondition, { kind: 'sequence' }>;

/** Steps in order, the last first. */
interface Chain<E> {
  readonly point: Point<E>;
  readonly before: Chain<E> | undefined;
  /** Time of the first step. */
  readonly start: number;
  /** Which sources its steps are in, a bit for each. */
  readonly sources: number;
}

const SOURCE_BITS: Readonly<Record<SourceId, number>> = {
  'azure-activity': 1,
  entra: 2,
  'aks-audit': 4,
  cloudtrail: 8,
  json: 16,
  defender: 32,
  'security-hub': 64,
  github: 128,
  sarif: 256,
  trivy: 512,
  crosstrail: 1024,
};

/** So many chains are looked through for one that does not hold the event already. */
const MAX_TRIES = 16;

/** All rules one after the other, each on another event. Events of one time stand in whatever order suits. */
export function sequence<E extends CorrelatedEvent>(
  { rules, timespan }: CorrelationRule,
  condition: Condition,
): FoldedRule<E> {
  return { start: () => new Sequence(rules, timespan, condition), lookback: timespan };
}

class Sequence<E extends CorrelatedEvent> implements Fold<E> {
  readonly #rules: readonly string[];
  readonly #timespan: number;
  readonly #gap: number;
  readonly #wanted: number;
  /** For each step, those chains up to it that may still go on; by the sources that they are in, so that ties end the same way always. */
  readonly #chains: readonly (Latest<E> | undefined)[][];

  constructor(rules: readonly string[], timespan: number, { gap = timespan, sources }: Condition) {
    this.#rules = rules;
    this.#timespan = timespan;
    this.#gap = gap;
    this.#wanted = sources;
    this.#chains = rules.map(() => []);
  }

  take(moment: readonly Point<E>[]): readonly Firing<E>[] {
    const time = moment[0]?.time ?? 0;
    const byRule = Map.groupBy(moment, ({ rule }) => rule);
    const firings: Firing<E>[] = [];
    for (const [step, rule] of this.#rules.entries()) {
      for (const point of byRule.get(rule) ?? []) {
        const found = this.#chainsTo(point, step);
        for (const chain of found) this.#keep(chain, step);
        const [best] = step < this.#rules.length - 1 ? [] : found.filter(({ sources }) => this.#isEnough(sources));
        if (best !== undefined) firings.push({ time, points: pointsOf(best) });
      }
    }
    return firings;
  }

  /** The chains that end with a point, of each set of sources the one that began last; those that began last first. */
  #chainsTo(point: Point<E>, step: number): Chain<E>[] {
    const source = this.#bitOf(point);
    if (step === 0) return [{ point, before: undefined, start: point.time, sources: source }];
    const found: Chain<E>[] = [];
    for (const latest of this.#chains[step - 1] ?? []) {
      const before = latest?.best(point.time - this.#gap, (chain) => !hasEvent(chain, point));
      if (before === undefined || before.start < point.time - this.#timespan) continue;
      found.push({ point, before, start: before.start, sources: before.sources | source });
    }
    return found.sort((one, other) => other.start - one.start || one.sources - other.sources);
  }

  #keep(chain: Chain<E>, step: number): void {
    const bySources = this.#chains[step] ?? [];
    const latest = (bySources[chain.sources] ??= new Latest<E>());
    latest.add(chain);
  }

  /** Where one source is enough, all are taken for the same. */
  #bitOf({ event: { source = 'json' } }: Point<E>): number {
    if (this.#wanted === 1) return 1;
    return SOURCE_BITS[source];
  }

  #isEnough(sources: number): boolean {
    let count = 0;
    for (let left = sources; left > 0; left >>= 1) count += left & 1;
    return count >= this.#wanted;
  }
}

/** Chains of which, in order of time, each began later than those after it: any other is never the best again. */
class Latest<E extends CorrelatedEvent> {
  #chains: Chain<E>[] = [];
  #first = 0;

  /** @param chain whose last step is no earlier than those of all before */
  add(chain: Chain<E>): void {
    while (this.#chains.length > this.#first && (this.#chains.at(-1)?.start ?? Infinity) < chain.start) {
      this.#chains.pop();
    }
    this.#chains.push(chain);
  }

  /** Of the chains whose last step is no earlier than a time, the one that began last. @param from no earlier than before */
  best(from: number, fits: (chain: Chain<E>) => boolean): Chain<E> | undefined {
    while ((this.#chains[this.#first]?.point.time ?? Infinity) < from) this.#first += 1;
    if (this.#first > this.#chains.length / 2) {
      this.#chains = this.#chains.slice(this.#first);
      this.#first = 0;
    }
    const last = Math.min(this.#chains.length, this.#first + MAX_TRIES);
    for (let at = this.#first; at < last; at += 1) {
      const chain = this.#chains[at];
      if (chain !== undefined && fits(chain)) return chain;
    }
    return undefined;
  }
}

/** Whether a step of the chain is the point's own event, which is at the same time. */
function hasEvent<E extends CorrelatedEvent>(chain: Chain<E>, { event, time }: Point<E>): boolean {
  for (let step: Chain<E> | undefined = chain; step?.point.time === time; step = step.before) {
    if (step.point.event.id === event.id) return true;
  }
  return false;
}

function pointsOf<E>(chain: Chain<E>): Point<E>[] {
  const points: Point<E>[] = [];
  for (let step: Chain<E> | undefined = chain; step !== undefined; step = step.before) points.push(step.point);
  return points.reverse();
}
