import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectOf, parseJson } from '../../../../platform/json.ts';
import { correlationOf } from '../correlation-samples.ts';
import { DAY, foundIn, HOUR, MINUTE, pointOf, shownOf, START, statesOf, type Sample } from './typed-samples.ts';
import { typedStates } from './typed-state.ts';

const RULES = ['x', 'y', 'z'];
const KINDS = {
  first_seen: statesOf({
    type: 'first_seen',
    rules: RULES,
    timespan: '6h',
    condition: { field: 'v', learning: '2h' },
  }),
  impossible_travel: statesOf({ type: 'impossible_travel', rules: RULES, timespan: '5h' }),
  rate: statesOf(
    { type: 'rate', rules: RULES, timespan: '30m', condition: { factor: 1.5, 'at-least': 2, learning: '4h' } },
    { window: '20m' },
  ),
  'absence before': statesOf({ type: 'absence', rules: RULES, timespan: '1h', condition: { learning: '5h' } }),
  'absence after': statesOf({ type: 'absence', rules: RULES, timespan: '1h', condition: { direction: 'after' } }),
  sequence: statesOf({ type: 'sequence', rules: RULES, timespan: '2h', condition: { gap: '90m', sources: 2 } }),
};

/** Events of a day at times of which many are the same, in the order of their ids. */
const samples = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 24 * 6 }).map((tens) => tens * 10 * MINUTE),
    rule: fc.constantFrom(...RULES),
    v: fc.constantFrom('home', 'office', 'away'),
    latitude: fc.constantFrom(59, 60, -33),
    source: fc.constantFrom('entra' as const, 'cloudtrail' as const),
  }),
  { maxLength: 90, size: 'max' },
);
const events = samples.map((members) =>
  members.map(({ latitude, ...sample }, index): Sample => {
    const id = `[${String(index).padStart(2, '0')}]`;
    return { ...sample, id, from: { latitude, longitude: 18 } };
  }),
);

describe.each(Object.entries(KINDS))('%s', (_, make) => {
  it('finds the same in whatever order points come, and however often it is asked between', () => {
    fc.assert(
      fc.property(
        events.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        fc.infiniteStream(fc.boolean()),
        ([list, shuffled], asks) => {
          const group = make();
          for (const sample of shuffled) {
            group.add(pointOf(sample));
            if (asks.next().value) shownOf(group, sample.at);
          }
          expect(shownOf(group)).toEqual(foundIn(make, list));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('finds without a point what it would if that had never come', () => {
    fc.assert(
      fc.property(
        events.chain((list) => fc.tuple(fc.constant(list), fc.subarray(list))),
        ([list, left]) => {
          const group = make();
          for (const sample of list) group.add(pointOf(sample));
          shownOf(group);
          for (const sample of list) if (!left.includes(sample)) group.remove(pointOf(sample));
          expect(shownOf(group)).toEqual(foundIn(make, left));
          expect(group.size).toBe(left.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('finds the same where it forgets, and is restored, again and again', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 9 }), (list, hours) => {
        const ordered = list.toSorted((one, other) => one.at - other.at);
        const settled: [number, string][] = [];
        let group = make();
        let line = 0;
        for (const sample of ordered) {
          if (sample.at - line >= hours * HOUR) {
            line = sample.at;
            const before = shownOf(group, line - 1);
            group.forget(START + line);
            const restored = make();
            const summary = group.summary?.();
            if (summary !== undefined) restored.restore?.(objectOf(parseJson(JSON.stringify(summary))) ?? {});
            // What is not forgotten is given again, and so is what the summary holds.
            for (const other of ordered) if (other.at < line) restored.add(pointOf(other));
            restored.forget(START + line);
            group = restored;
            const after = shownOf(group, line - 1);
            for (const [time] of after) expect(time).toBeGreaterThan(line - 2 * HOUR);
            settled.push(...before.filter(([time]) => !after.some(([other]) => other === time)));
          }
          group.add(pointOf(sample));
        }
        expect([...settled, ...shownOf(group)]).toEqual(foundIn(make, list));
      }),
      { numRuns: 60 },
    );
  });

  it('gives what has not changed as the same object', () => {
    fc.assert(
      fc.property(events, (list) => {
        const group = make();
        for (const sample of list) group.add(pointOf(sample));
        const found = group.found(Infinity);
        group.add(pointOf({ id: 'later', at: 9 * DAY, rule: 'y' }));
        const again = group.found(Infinity);
        for (const one of found) expect(again.some((other) => other === one)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe('typedStates', () => {
  it('leaves the types of Sigma to others', () => {
    const count = correlationOf({ type: 'event_count', rules: ['r'], timespan: '1h', condition: { gte: 2 } });
    expect(typedStates(count)).toBeUndefined();
  });

  it('takes a summary that it cannot read for none', () => {
    for (const make of Object.values(KINDS)) {
      const group = make();
      for (const summary of [{}, { base: 'x' }, { base: 0, line: 0, held: {} }, { base: 0, line: 0, held: [] }]) {
        group.restore?.(summary);
      }
      expect(group.size).toBe(0);
      expect(group.summary?.()).toBeUndefined();
    }
  });
});
