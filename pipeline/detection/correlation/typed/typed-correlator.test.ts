import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correlated, correlationOf, matched } from '../correlation-samples.ts';
import { Correlator, type CorrelatedRules, type MatchedRecord } from '../correlator.ts';
import type { CorrelatedEvent } from '../point.ts';
import { atOnce, restarted, Told } from '../told-samples.ts';

type Matched = MatchedRecord<CorrelatedEvent>;

const MINUTE = 60_000;
const DAY = 86_400;
const START = Date.UTC(2026, 2, 2);
/** Records come no later than so many minutes. */
const LATENESS = 20;

/** A rule of each kind, over the rules r and s, with all that it is built on; by principal or by a field. */
const rules = fc
  .record({
    section: fc.constantFrom<object>(
      { type: 'first_seen', timespan: '3h', condition: { field: 'v', learning: '1h' } },
      { type: 'impossible_travel', timespan: '2h' },
      { type: 'rate', timespan: '20m', condition: { factor: 1.5, 'at-least': 2, learning: '1h' } },
      { type: 'absence', timespan: '30m', condition: { learning: '2h' } },
      { type: 'absence', timespan: '30m', condition: { direction: 'after' } },
      { type: 'sequence', timespan: '1h', condition: { gap: '30m', sources: 2 } },
    ),
    by: fc.constantFrom('g', 'principal'),
    chained: fc.boolean(),
  })
  .map(({ section, by, chained }): CorrelatedRules => {
    const more = { id: 'low', crosstrail: { window: '30m' }, generate: true };
    const low = correlationOf({ ...section, rules: ['r', 's'], 'group-by': by }, more);
    const above = { type: 'temporal_ordered', rules: ['low', 's'], timespan: '40m', 'group-by': by };
    return correlated(low, ...(chained ? [correlationOf(above, { id: 'high', generate: true })] : []));
  });

const record = fc.record({
  minute: fc.nat(60).map((tens) => tens * 10),
  rules: fc.constantFrom(['r'], ['s'], ['r', 's']),
  g: fc.constantFrom('one', 'two'),
  v: fc.constantFrom('home', 'office', 'away'),
  principal: fc.constantFrom('user:a', 'user:b'),
  latitude: fc.constantFrom(59, -33),
  source: fc.constantFrom('entra' as const, 'cloudtrail' as const),
  delay: fc.nat(LATENESS),
});

/** Records, and the minute at which each comes; in order of that. */
const stream = fc.array(record, { maxLength: 40, size: 'max' }).map((list) =>
  list
    .map(({ minute, rules: fired, g, v, principal, latitude, source, delay }, at) => {
      const { event, ...rest } = matched(`e${String(at).padStart(2, '0')}`, minute * 60, fired, { g, v });
      const action = { from: { latitude, longitude: 18 } };
      const one: Matched = { ...rest, event: { ...event, principal, source, action } };
      return { one, comes: minute + delay };
    })
    .sort((a, b) => a.comes - b.comes),
);

describe('rules of the project’s own types in a correlator', () => {
  it.each([
    ['', false],
    [', though it is started anew now and then', true],
  ])('tell what one look at all records gives, in batches and forgetting%s', (_, restarts) => {
    let found = 0;
    fc.assert(
      fc.property(rules, stream, fc.integer({ min: 1, max: 8 }), (set, coming, size) => {
        let correlator = new Correlator<CorrelatedEvent>(set);
        const told = new Told();
        for (let at = 0; at < coming.length; at += size) {
          const batch = coming.slice(at, at + size);
          for (const { one } of batch) correlator.add(one);
          const decided = START + ((batch.at(-1)?.comes ?? 0) - LATENESS) * MINUTE - 1;
          told.take(correlator.settle(decided));
          const summaries = correlator.forget(decided);
          // Between two starts it forgets several times, not each time all.
          if (!restarts || at % 3 !== 0) continue;
          const come = coming.slice(0, at + size).map(({ one }) => one);
          correlator = restarted(correlator, set, summaries, come);
          const before = told.all;
          told.take(correlator.settle(decided));
          expect(told.all).toEqual(before);
        }
        told.take(correlator.settle());
        const all = atOnce(
          set,
          coming.map(({ one }) => one),
        );
        found += all.length;
        expect(told.all).toEqual(all);
      }),
      { numRuns: 200 },
    );
    expect(found).toBeGreaterThan(0);
  });

  it('tell what they would have told, had it always been known who is behind the events', () => {
    fc.assert(
      fc.property(rules, stream, (set, coming) => {
        const person = 'person:ada';
        let joined = false;
        const principalOf = ({ principal }: CorrelatedEvent): string => (joined ? person : principal);
        const correlator = new Correlator<CorrelatedEvent>(set, { names: { principalOf } });
        const told = new Told();
        for (const [at, { one }] of coming.entries()) {
          correlator.add(one);
          if (at !== Math.floor(coming.length / 2)) continue;
          told.take(correlator.settle());
          joined = true;
          correlator.regroup(coming.map(({ one: { event } }) => event.id));
        }
        told.take(correlator.settle());
        const named = coming.map(({ one }) => ({ ...one, event: { ...one.event, principal: person } }));
        expect(told.all).toEqual(atOnce(set, named));
      }),
      { numRuns: 200 },
    );
  });

  it('do not take for new what somebody did under another name, long ago', () => {
    const section = { type: 'first_seen', rules: ['r'], timespan: '30d', condition: { field: 'v', learning: '7d' } };
    const set = correlated(correlationOf({ ...section, 'group-by': 'principal' }));
    const newest = (regroups: boolean): string[] => {
      let joined = false;
      const principalOf = ({ principal }: CorrelatedEvent): string => (joined ? 'person:ada' : principal);
      const correlator = new Correlator<CorrelatedEvent>(set, { names: { principalOf } });
      const add = (id: string, day: number, v: string, principal: string): void => {
        const { event, ...rest } = matched(id, day * DAY, 'r', { v });
        correlator.add({ ...rest, event: { ...event, principal } });
      };
      for (let day = 0; day < 10; day += 1) add(`a${day}`, day, day < 9 ? 'office' : 'home', 'user:ada');
      for (let day = 0; day < 10; day += 1) add(`b${day}`, day, 'home', 'role:ada');
      correlator.settle(START + 9.5 * DAY * 1000);
      correlator.forget(START + 9.5 * DAY * 1000);
      joined = true;
      if (regroups) correlator.regroup(['a9', 'b9']);
      add('c', 10, 'office', 'role:ada');
      return correlator.settle().found.flatMap(({ events }) => events.map(({ id }) => id));
    };
    expect(newest(true)).not.toContain('c');
  });
});
