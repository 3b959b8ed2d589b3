import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CorrelationRule } from './correlation-rule.ts';
import { correlated, correlationOf, matched } from './correlation-samples.ts';
import { Correlator, type MatchedRecord } from './correlator.ts';
import type { CorrelatedEvent } from './point.ts';
import { atOnce, restarted, Told } from './told-samples.ts';

type Matched = MatchedRecord<CorrelatedEvent>;

const SECOND = 1000;
const START = Date.UTC(2026, 2, 2);

const GROUPED = [undefined, ['g'], ['principal'], ['g', 'principal']] as const;

const seconds = fc.integer({ min: 1, max: 20 }).map((count) => `${count}s`);

/** The section of a correlation of Sigma's over the rules r, s and t. */
const sigma = fc
  .record({
    type: fc.constantFrom(
      'event_count',
      'value_count',
      'value_sum',
      'value_avg',
      'value_median',
      'value_percentile',
      'temporal',
      'temporal_ordered',
      'expression',
    ),
    timespan: seconds,
    operator: fc.constantFrom('gte', 'gt', 'lte', 'eq', 'neq'),
    number: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ type, timespan, operator, number }) => {
    const least = operator === 'gt' ? Math.min(number, 2) : number;
    const value = type.startsWith('value_') ? { field: 'v' } : {};
    const percent = type === 'value_percentile' ? { percentile: 60 } : {};
    const condition = type === 'expression' ? 'r and s and not t' : { ...value, ...percent, [operator]: least };
    return { type: type === 'expression' ? 'temporal' : type, timespan, condition };
  });

/** The section of one of the project's own types. */
const typed = fc
  .record({ timespan: seconds, gap: fc.constantFrom(undefined, '1s') })
  .chain(({ timespan, gap }) =>
    fc.constantFrom(
      { type: 'first_seen', timespan, condition: { field: 'v', learning: '1s' } },
      { type: 'rate', timespan, condition: { factor: 1.5, 'at-least': 2, learning: timespan } },
      { type: 'absence', timespan, condition: { direction: 'before' } },
      { type: 'absence', timespan, condition: { direction: 'after' } },
      { type: 'sequence', timespan, condition: { gap } },
    ),
  );

/** A correlation of any type, and maybe one built on it. */
const correlation = fc
  .record({ section: fc.oneof({ weight: 3, arbitrary: sigma }, typed), group: fc.constantFrom(...GROUPED) })
  .map(({ section, group }): CorrelationRule =>
    correlationOf(
      { ...section, rules: ['r', 's', 't'], ...(group && { 'group-by': group }) },
      { id: 'low', crosstrail: { window: '10s' } },
    ),
  )
  .chain((low) =>
    fc.record({
      low: fc.constant({ ...low, generate: true }),
      chained: fc.constantFrom(undefined, 'event_count', 'temporal_ordered', 'temporal', 'value_count'),
      group: fc.constantFrom(...GROUPED),
      timespan: fc.integer({ min: 1, max: 20 }),
    }),
  )
  .map(({ low, chained, group, timespan }) => {
    if (chained === undefined) return correlated(low);
    const rules = chained === 'event_count' ? ['low'] : ['low', 't'];
    const condition = chained === 'value_count' ? { field: 'v', gte: 2 } : { gte: chained === 'event_count' ? 2 : 1 };
    const section = { type: chained, rules, timespan: `${timespan}s`, condition, ...(group && { 'group-by': group }) };
    return correlated(low, correlationOf(section, { id: 'high', correlation: section, generate: true }));
  });

const record = fc.record({
  second: fc.nat(60),
  rules: fc.constantFrom(['r'], ['s'], ['t'], ['r', 's'], ['t', 'r'], ['s', 't', 'r']),
  g: fc.constantFrom('one', 'ONE', 'two', ['one', 'two']),
  v: fc.option(fc.constantFrom(-4, 0.1, 0.2, 0.3, 1, 2, 3, 8), { nil: null }),
  principal: fc.constantFrom('user:a', 'user:b', 'unknown'),
});

const records = fc.array(record, { maxLength: 30 }).map((list) =>
  list.map(({ second, rules, g, v, principal }, at): Matched => {
    const { event, ...rest } = matched(`e${String(at).padStart(2, '0')}`, second, rules, { g, v });
    return { ...rest, event: { ...event, principal } };
  }),
);

/** The records in another order, some of them twice, in batches; after each, what is decided by then, in seconds. */
const arrival = records.chain((all) =>
  fc.record({
    all: fc.constant(all),
    batches: fc
      .tuple(
        fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2, maxLength: all.length * 2 }),
        fc.array(fc.nat({ max: 70 }), { maxLength: 8 }),
      )
      .map(([order, decided]) => {
        const length = Math.ceil(order.length / (decided.length + 1));
        return decided.map((second, at) => ({
          second,
          records: at === decided.length - 1 ? order.slice(at * length) : order.slice(at * length, (at + 1) * length),
        }));
      }),
  }),
);

describe('any correlation, whatever the order and the batches in which records come', () => {
  it('tells in the end what one look at all of them gives', () => {
    fc.assert(
      fc.property(correlation, arrival, (rules, { all, batches }) => {
        const correlator = new Correlator<CorrelatedEvent>(rules);
        const told = new Told();
        for (const batch of batches) {
          for (const one of batch.records) correlator.add(one);
          told.take(correlator.settle(START + batch.second * SECOND));
        }
        for (const one of all) correlator.add(one);
        told.take(correlator.settle());
        expect(told.all).toEqual(atOnce(rules, all));
        expect(correlator.settle()).toEqual({ found: [], withdrawn: [] });
      }),
      { numRuns: 400 },
    );
  });

  it('tells what it would have told, had it always known who is behind the events', () => {
    const names = fc.array(
      fc.array(fc.constantFrom('user:a', 'user:b', 'person:x', 'unknown'), { minLength: 30, maxLength: 30 }),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(correlation, arrival, names, (rules, { all, batches }, changes) => {
        let known: readonly string[] = [];
        const principalOf = ({ id, principal }: CorrelatedEvent): string => known[Number(id.slice(1))] ?? principal;
        const correlator = new Correlator<CorrelatedEvent>(rules, { names: { principalOf } });
        const told = new Told();
        for (const [at, batch] of batches.entries()) {
          for (const one of batch.records) correlator.add(one);
          known = changes[at % changes.length] ?? [];
          correlator.regroup(all.map(({ event }) => event.id));
          told.take(correlator.settle(START + batch.second * SECOND));
        }
        for (const one of all) correlator.add(one);
        told.take(correlator.settle());
        const named = all.map((one) => ({ ...one, event: { ...one.event, principal: principalOf(one.event) } }));
        expect(told.all).toEqual(atOnce(rules, named));
      }),
      { numRuns: 400 },
    );
  });
});

describe('a correlator that forgets', () => {
  /** Records that come no more than so many seconds late, by the second at which they come. */
  const stream = records.chain((all) =>
    fc
      .array(fc.nat(9), { minLength: all.length, maxLength: all.length })
      .map((delays) =>
        all
          .map((one, at) => ({ one, comes: (one.event.time - START) / SECOND + (delays[at] ?? 0) }))
          .sort((a, b) => a.comes - b.comes),
      ),
  );

  it.each([
    ['', false],
    [', though it is started anew each time', true],
  ])('tells what one look at all records gives%s', (_, restarts) => {
    fc.assert(
      fc.property(correlation, stream, fc.integer({ min: 1, max: 5 }), (rules, coming, size) => {
        let correlator = new Correlator<CorrelatedEvent>(rules);
        const told = new Told();
        for (let at = 0; at < coming.length; at += size) {
          const batch = coming.slice(at, at + size);
          for (const { one } of batch) correlator.add(one);
          const decided = START + ((batch.at(-1)?.comes ?? 0) - 9) * SECOND;
          told.take(correlator.settle(decided));
          const summaries = correlator.forget(decided);
          if (!restarts) continue;
          const come = coming.slice(0, at + size).map(({ one }) => one);
          correlator = restarted(correlator, rules, summaries, come);
          const before = told.all;
          told.take(correlator.settle(decided));
          expect(told.all).toEqual(before);
        }
        told.take(correlator.settle());
        const all = coming.map(({ one }) => one);
        expect(told.all).toEqual(atOnce(rules, all));
      }),
      { numRuns: 400 },
    );
  });
});
