import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { correlated, correlationOf, matched } from './correlation-samples.ts';
import { Correlator, evaluateCorrelations, type MatchedRecord } from './correlator.ts';
import type { CorrelatedEvent } from './point.ts';

type Records = readonly MatchedRecord<CorrelatedEvent>[];

/** What correlations mean, by the definition and nothing else. */
function byDefinition(section: Section, records: Records): string[] {
  const { timespan, type, gte } = section;
  const groups = Map.groupBy(records, ({ fields }) => JSON.stringify(fields['g']));
  return [...groups.values()]
    .flatMap((members) => {
      const sorted = members.toSorted((a, b) => a.event.time - b.event.time || (a.event.id < b.event.id ? -1 : 1));
      const moments = [...new Set(sorted.map(({ event }) => event.time))];
      const window = (now: number): Records =>
        sorted.filter(({ event }) => event.time <= now && event.time >= now - timespan * 1000);
      const holding = moments.filter((now) => (measured(type, window(now)) ?? -Infinity) >= gte);
      const episodes: number[][] = [];
      for (const now of holding) {
        const open = episodes.at(-1);
        if (open === undefined || now - (open.at(-1) ?? 0) > timespan * 1000) episodes.push([now]);
        else open.push(now);
      }
      return episodes.map((times) => {
        const ids = sorted.filter((one) => times.some((now) => window(now).includes(one))).map(({ event }) => event.id);
        return { time: times[0] ?? 0, text: ids.join(' ') };
      });
    })
    .toSorted((a, b) => a.time - b.time)
    .map(({ text }) => text);
}

function measured(type: Section['type'], window: Records): number | undefined {
  const values = window.map(({ fields }) => fields['v']).filter((value) => typeof value === 'number');
  const sorted = values.toSorted((a, b) => a - b);
  switch (type) {
    case 'event_count':
      return window.length;
    case 'value_count':
      return new Set(values).size;
    case 'value_sum':
      return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
    case 'value_avg':
      return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
    case 'value_median':
      return values.length === 0
        ? undefined
        : ((sorted[(values.length - 1) >> 1] ?? 0) + (sorted[values.length >> 1] ?? 0)) / 2;
    case 'temporal':
      return new Set(window.flatMap(({ ruleIds }) => ruleIds)).size;
  }
}

interface Section {
  readonly type: 'event_count' | 'value_count' | 'value_sum' | 'value_avg' | 'value_median' | 'temporal';
  readonly timespan: number;
  readonly gte: number;
}

describe('any correlation over any records in any order', () => {
  const section = fc.record<Section>({
    type: fc.constantFrom('event_count', 'value_count', 'value_sum', 'value_avg', 'value_median', 'temporal'),
    timespan: fc.integer({ min: 1, max: 20 }),
    gte: fc.integer({ min: 1, max: 3 }),
  });
  const record = fc.record({
    second: fc.nat(60),
    rules: fc.constantFrom(['r'], ['s'], ['t'], ['r', 's']),
    g: fc.constantFrom('one', 'two'),
    v: fc.option(fc.integer({ min: -4, max: 8 }), { nil: null }),
  });

  it('gives what the definition says', () => {
    fc.assert(
      fc.property(section, fc.array(record, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (shape, list, random) => {
        const { type, timespan, gte } = shape;
        const condition = type.startsWith('value_') ? { field: 'v', gte } : { gte };
        const rules = correlated(
          correlationOf({ type, rules: ['r', 's', 't'], 'group-by': ['g'], timespan: `${timespan}s`, condition }),
        );
        // One match a record, but for temporal: there the rules of a record count.
        const records = list.map(({ second, rules: ids, g, v }, at) =>
          matched(`e${String(at).padStart(2, '0')}`, second, type === 'temporal' ? ids : ids.slice(0, 1), { g, v }),
        );
        const shuffled = records
          .map((one) => [random.next().value, one] as const)
          .sort(([a], [b]) => a - b)
          .map(([, one]) => one);
        const given = evaluateCorrelations(rules, shuffled);
        expect(given).toEqual(evaluateCorrelations(rules, records));
        const texts = given.map(({ events }) => events.map(({ id }) => id).join(' '));
        expect(texts.toSorted()).toEqual(byDefinition(shape, records).toSorted());
      }),
      { numRuns: 300 },
    );
  });
});

describe('many records', () => {
  it.each<[type: string, more: JsonObject]>([
    ['event_count', {}],
    ['value_count', { field: 'v' }],
    ['value_sum', { field: 'v' }],
    ['value_median', { field: 'v' }],
    ['value_percentile', { field: 'v', percentile: 99 }],
    ['temporal', {}],
    ['temporal_ordered', {}],
  ])('%s takes time by their number alone, though all are in one window', (type, more) => {
    const rules = correlated(
      correlationOf({
        type,
        rules: ['r', 's', 't'],
        timespan: '30d',
        condition: { ...more, gte: type.startsWith('temporal') ? 3 : 1000 },
      }),
    );
    const records = Array.from({ length: 40_000 }, (_, at) =>
      matched(`e${at}`, at, ['r', 's', 't'][at % 3] ?? 'r', { v: (at * 7919) % 39_989 }),
    );
    const started = performance.now();
    expect(evaluateCorrelations(rules, records)).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('are taken one after the other in time by their number alone, however many one window holds', () => {
    const section = { rules: ['r'], timespan: '30d' };
    const rules = correlated(
      correlationOf({ ...section, type: 'event_count', condition: { gte: 1e6 } }, { id: 'count' }),
      correlationOf({ ...section, type: 'value_count', condition: { field: 'v', gte: 1e6 } }, { id: 'values' }),
      correlationOf({ ...section, type: 'value_sum', condition: { field: 'v', gte: 1e12 } }, { id: 'sum' }),
    );
    const correlator = new Correlator<CorrelatedEvent>(rules);
    const started = performance.now();
    for (let at = 0; at < 40_000; at += 1) {
      correlator.add(matched(`e${at}`, at, 'r', { v: at }));
      correlator.settle();
    }
    expect(performance.now() - started).toBeLessThan(3000);
    expect(correlator.signals()).toEqual([]);
  });

  it('that come out of order are taken batch by batch in time by what a window holds', () => {
    const rules = correlated(
      correlationOf({ type: 'event_count', rules: ['r'], timespan: '10m', condition: { gte: 1e6 } }),
    );
    const correlator = new Correlator<CorrelatedEvent>(rules);
    const started = performance.now();
    for (let batch = 0; batch < 400; batch += 1) {
      for (let at = 0; at < 100; at += 1) {
        const second = batch * 100 + at - (at % 2) * 300;
        correlator.add(matched(`e${batch}-${at}`, second + 1000, 'r'));
      }
      correlator.settle();
    }
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
