import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffOf, type FoundSignal } from './signal-diff.ts';

const rule = { id: 'one', title: 'A trail is stopped', level: 'high' } as const;
const found = (more: Partial<FoundSignal> = {}): FoundSignal => ({
  rule,
  group: { principal: 'ann' },
  events: [0],
  ...more,
});

describe('diffOf', () => {
  it('finds no difference where each signal is expected, whatever their order', () => {
    expect(diffOf([], [])).toBeUndefined();
    const signals = [found(), found({ group: { principal: 'bob' }, events: [1, 2] })];
    expect(diffOf([{ group: { principal: 'bob' }, events: [2, 1] }, { rule: 'one' }], signals)).toBeUndefined();
    expect(diffOf([{ rule: 'A trail is stopped', level: 'high' }, {}], signals)).toBeUndefined();
  });

  it('shows what is missing, what is too much, and what is right', () => {
    const signals = [found(), found({ group: { principal: 'bob' }, events: [2, 1] })];
    expect(
      diffOf([{ group: { principal: 'ann' } }, { rule: 'two', level: 'low', group: { a: '1' }, events: [3] }], signals),
    ).toEqual([
      { sign: '-', text: 'low  two  a=1  record 3' },
      { sign: ' ', text: 'high  A trail is stopped  principal=ann  record 0' },
      { sign: '+', text: 'high  A trail is stopped  principal=bob  records 1, 2' },
    ]);
    expect(diffOf([{}], [])).toEqual([{ sign: '-', text: 'any rule' }]);
  });

  it('lets one signal found stand for one expected only', () => {
    expect(diffOf([{}, {}], [found()])?.map(({ sign }) => sign)).toEqual(['-', ' ']);
    expect(diffOf([{}], [found(), found()])?.map(({ sign }) => sign)).toEqual([' ', '+']);
  });

  it('knows no group that a signal does not own', () => {
    expect(diffOf([{ group: { constructor: 'x' } }], [found()])).toBeDefined();
  });

  it('finds the partners where there are any, however little is said of each', () => {
    const signal = fc.record({
      level: fc.constantFrom('low', 'high'),
      principal: fc.constantFrom('ann', 'bob'),
      event: fc.nat(2),
    });
    const drawnSignals = fc.array(fc.tuple(signal, fc.subarray(['level', 'group', 'events']), fc.nat()), {
      minLength: 1,
    });
    fc.assert(
      fc.property(drawnSignals, (drawn) => {
        const signals = drawn.map(([{ level, principal, event }]) =>
          found({ rule: { ...rule, level: level === 'low' ? 'low' : 'high' }, group: { principal }, events: [event] }),
        );
        const expected = signals.map(({ rule: { level }, group, events }, at) => {
          const stated = drawn[at]?.[1] ?? [];
          const all = { ...(stated.includes('level') && { level }), ...(stated.includes('group') && { group }) };
          return { signal: { ...all, ...(stated.includes('events') && { events }) }, place: drawn[at]?.[2] ?? 0 };
        });
        expected.sort((one, other) => one.place - other.place);
        const shuffled = expected.map(({ signal }) => signal);
        expect(diffOf(shuffled, signals)).toBeUndefined();
        expect(diffOf(shuffled, signals.slice(1))).toBeDefined();
      }),
    );
  });
});
