import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compileRules } from '../../pipeline/detection/loading/load.ts';
import { Correlator, type CorrelatedRules } from '../../pipeline/detection/correlation/correlator.ts';
import type { CorrelatedEvent } from '../../pipeline/detection/correlation/point.ts';
import type { RuleMatch } from '../../pipeline/timeline/observation.ts';
import { measure, type Rate, type Stage } from './rates.ts';

const EVENTS = 100_000;
/** So many events come at a time, and after each batch it is asked what changed. */
const BATCH = 1000;
/** Milliseconds from one event to the next. */
const STEP = 10;
const WINDOW = 60_000;
/** How many events one window holds, where all are in one group. */
const IN_WINDOW = WINDOW / STEP;
const KEYS = 1_000_000;

export interface CorrelationBench {
  readonly events: number;
  readonly rates: readonly Rate[];
  /** What a rule that counts events holds of each of a million groups with one event each, the events themselves aside. */
  readonly bytesPerKey: number;
}

interface Matched {
  readonly event: CorrelatedEvent;
  readonly matches: readonly RuleMatch[];
}

/** Measures correlation rules over a stream of matches: counts, different values, rules together; in order, late, and firing. */
export function benchCorrelation(): CorrelationBench {
  const counted = stream(EVENTS, (at) => ({ rule: 'rule-0', user: `user-${at % 1000}`, value: 'x' }));
  const valued = stream(EVENTS, (at) => ({ rule: 'rule-0', user: 'one', value: `value-${at % 2000}` }));
  const mixed = stream(EVENTS, (at) => ({ rule: `rule-${at % 9}`, user: `user-${at % 97}`, value: 'x' }));
  const late = counted.toSorted(byArrival);
  const texts = counted.map((one) => JSON.stringify(one));
  const never = { gte: IN_WINDOW * 2 };
  const stages: Stage[] = [
    ['bare JSON.parse', () => texts.forEach((text) => JSON.parse(text) as unknown)],
    ['event_count, 1,000 groups', running(rulesOf('event_count', 1, never), counted)],
    ['event_count, 1,000 groups, every tenth half a minute late', running(rulesOf('event_count', 1, never), late)],
    ['event_count, 1,000 groups that all fire', running(rulesOf('event_count', 1, { gte: 3 }), counted)],
    [
      'value_count, 2,000 values in each window',
      running(rulesOf('value_count', 1, { field: 'value', ...never }), valued),
    ],
    [
      'value_count, 2,000 values in each window, firing',
      running(rulesOf('value_count', 1, { field: 'value', gte: 1000 }), valued),
    ],
    ['temporal, 10 rules, 97 groups', running(rulesOf('temporal', 10, undefined), mixed)],
    ['temporal_ordered, 10 rules, 97 groups', running(rulesOf('temporal_ordered', 10, undefined), mixed)],
  ];
  return { events: EVENTS, rates: measure(stages, EVENTS), bytesPerKey: bytesPerKey() };
}

/** Every tenth event comes half a minute late. */
function byArrival(one: Matched, other: Matched): number {
  return arrivalOf(one) - arrivalOf(other);
}

const arrivalOf = ({ event: { time } }: Matched): number => (time % (STEP * 10) === 0 ? time + WINDOW / 2 : time);

function stream(
  length: number,
  make: (at: number) => { readonly rule: string; readonly user: string; readonly value: string },
): Matched[] {
  const start = Date.UTC(2026, 2, 2);
  return Array.from({ length }, (_, at) => {
    const { rule, user, value } = make(at);
    const event = { id: `event-${at}`, time: start + at * STEP, principal: `user:${user}` };
    return { event, matches: [{ rule, values: { user: [user], value: [value] } }] };
  });
}

function rulesOf(type: string, rules: number, condition: object | undefined): CorrelatedRules {
  const names = Array.from({ length: rules }, (_, at) => `rule-${at}`);
  const base = names.map((id) =>
    JSON.stringify({ title: id, id, logsource: { product: 'bench' }, detection: { s: { never: 1 }, condition: 's' } }),
  );
  const section = {
    type,
    rules: names,
    timespan: `${WINDOW / 1000}s`,
    'group-by': ['user'],
    ...(condition && { condition }),
  };
  const texts = [...base, JSON.stringify({ title: type, id: 'correlation', correlation: section })];
  const set = compileRules([{ file: 'bench.yml', text: texts.join('\n---\n') }]);
  if (set.rejected.length > 0) throw new Error(`a rule of the bench is not used: ${set.rejected[0]?.reason ?? ''}`);
  return set;
}

/** A stream from its beginning to its end: told of each batch, and forgetting what no window holds. */
function running(rules: CorrelatedRules, matched: readonly Matched[]): () => void {
  return () => {
    const correlator = new Correlator<CorrelatedEvent>(rules);
    for (let at = 0; at < matched.length; at += BATCH) {
      for (let next = at; next < at + BATCH; next += 1) {
        const one = matched[next];
        if (one !== undefined) correlator.addMatches(one.event, one.matches);
      }
      const decided = (matched[at]?.event.time ?? 0) - WINDOW;
      correlator.settle(decided);
      correlator.forget(decided);
    }
  };
}

function bytesPerKey(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const matched = stream(KEYS, (at) => ({ rule: 'rule-0', user: `user-${at}`, value: 'x' }));
  const correlator = new Correlator<CorrelatedEvent>(rulesOf('event_count', 1, { gte: 3 }));
  collect();
  const before = process.memoryUsage().heapUsed;
  for (const { event, matches } of matched) correlator.addMatches(event, matches);
  correlator.settle();
  collect();
  const bytes = process.memoryUsage().heapUsed - before;
  if (correlator.size.groups !== KEYS || matched.length !== KEYS) throw new Error('not all keys are held');
  return Math.round(bytes / KEYS);
}
