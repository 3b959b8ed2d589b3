import { describe, expect, it } from 'vitest';
import { correlated, correlationOf, matched } from './correlation-samples.ts';
import { Correlator } from './correlator.ts';
import type { CorrelatedEvent } from './point.ts';

const START = Date.UTC(2026, 2, 2);
const SECOND = 1000;

const COUNT = { type: 'event_count', rules: ['r'], 'group-by': 'user', timespan: '10s', condition: { gte: 3 } };

const newCorrelator = (section: unknown = COUNT): Correlator<CorrelatedEvent> =>
  new Correlator(correlated(correlationOf(section, { id: 'x' })));

/** Adds a match of a user at a second. */
function add(correlator: Correlator<CorrelatedEvent>, second: number, user = 'anna', id = `e${second}`): void {
  correlator.add(matched(id, second, 'r', { user }));
}

/** Settles and forgets as far as a second. */
function goTo(correlator: Correlator<CorrelatedEvent>, second: number) {
  const changes = correlator.settle(START + second * SECOND);
  return { changes, summaries: correlator.forget(START + second * SECOND) };
}

const idsOf = ({ changes }: ReturnType<typeof goTo>): (readonly string[])[] =>
  changes.found.map(({ events }) => events.map(({ id }) => id));

describe('forgetting', () => {
  it('leaves what a window may still hold, and nothing else', () => {
    const correlator = newCorrelator();
    for (let second = 0; second < 5000; second += 1) {
      add(correlator, second, `user-${second}`);
      if (second % 100 === 0) goTo(correlator, second);
    }
    expect(correlator.size.events).toBeLessThan(500);
    goTo(correlator, 100_000);
    expect(correlator.size).toEqual({ events: 0, groups: 0 });
    expect(correlator.holds('e4999')).toBe(false);
  });

  it('tells nothing of what is settled for good', () => {
    const correlator = newCorrelator();
    for (const second of [1, 2, 3]) add(correlator, second);
    expect(idsOf(goTo(correlator, 5))).toEqual([['e1', 'e2', 'e3']]);
    expect(goTo(correlator, 1000).changes).toEqual({ found: [], withdrawn: [] });
    expect(correlator.settle()).toEqual({ found: [], withdrawn: [] });
    expect(correlator.signals()).toEqual([]);
  });

  it('lets what comes too late, or again, count for nothing', () => {
    const correlator = newCorrelator();
    for (const second of [100, 101]) add(correlator, second);
    goTo(correlator, 200);
    for (const second of [99, 100, 101]) add(correlator, second);
    expect(correlator.settle()).toEqual({ found: [], withdrawn: [] });
    expect(correlator.size.groups).toBe(0);
  });

  it('keeps the earliest of what goes on and on, and what a window holds', () => {
    const correlator = newCorrelator();
    let last: readonly string[] = [];
    for (let second = 0; second < 4000; second += 1) {
      add(correlator, second);
      if (second % 50 === 49) [last = []] = idsOf(goTo(correlator, second));
    }
    expect(correlator.signals()).toHaveLength(1);
    expect(last.slice(0, 1000)).toEqual(Array.from({ length: 1000 }, (_, at) => `e${at}`));
    expect(last.length).toBeLessThan(1100);
    expect(last.at(-1)).toBe('e3999');
    expect(correlator.size.events).toBeLessThan(1700);
  });

  it('says what must be kept of what may go on, until it is over', () => {
    const correlator = newCorrelator();
    for (let second = 0; second < 40; second += 1) add(correlator, second);
    const { summaries } = goTo(correlator, 39);
    const time = START + 2 * SECOND;
    expect(summaries).toEqual([
      { key: '["x"]', value: { from: START + 39 * SECOND } },
      { key: '["x","anna"]', value: { time, last: START + 38 * SECOND } },
    ]);
    const restarted = newCorrelator();
    restarted.restore(summaries);
    for (let second = 40; second >= 0; second -= 1) if (correlator.holds(`e${second}`)) add(restarted, second);
    restarted.settle(START + 39 * SECOND);
    add(restarted, 45);
    const { found } = restarted.settle();
    expect(found.map(({ key, events }) => [key, events.length])).toEqual([[`["x","anna",${time}]`, 41]]);
    expect(goTo(correlator, 60).summaries).toHaveLength(1);
  });

  it.each<[what: string, key: string, value: Record<string, string | number>]>([
    ['no key', 'x', { from: 1 }],
    ['a rule that is not there', '["y"]', { from: START * 2 }],
    ['no time', '["x"]', { from: 'now' }],
    ['no episode', '["x","anna"]', { time: 'now', last: 1 }],
    ['a group of a rule that is not there', '["y","anna"]', { time: 1, last: 1 }],
  ])('takes a summary with %s for none', (_, key, value) => {
    const correlator = newCorrelator();
    correlator.restore([{ key, value }]);
    for (const second of [1, 2, 3]) add(correlator, second);
    expect(correlator.settle().found).toHaveLength(1);
  });
});

describe('what is not decided yet', () => {
  const few = { ...COUNT, condition: { lte: 2 } };

  it('waits where a match that is to come could undo it, and is told without another match', () => {
    const correlator = newCorrelator(few);
    add(correlator, 1);
    add(correlator, 2);
    expect(correlator.settle(START).found).toEqual([]);
    expect(correlator.settle(START + 1 * SECOND).found.map(({ events }) => events.length)).toEqual([1]);
    expect(correlator.settle(START + 5 * SECOND).found.map(({ events }) => events.length)).toEqual([2]);
  });

  it('does not wait where it could not', () => {
    const correlator = newCorrelator();
    for (const second of [1, 2, 3]) add(correlator, second);
    expect(correlator.settle(START).found).toHaveLength(1);
  });

  it('is taken back where a match came later than expected', () => {
    const correlator = newCorrelator({ ...few, condition: { eq: 2 } });
    add(correlator, 2);
    add(correlator, 4);
    const { found } = correlator.settle(START + 10 * SECOND);
    expect(found.map(({ events }) => events.length)).toEqual([2]);
    add(correlator, 3);
    const { found: others, withdrawn } = correlator.settle(START + 10 * SECOND);
    expect(withdrawn).toEqual(found.map(({ key }) => key));
    expect(others.map(({ time }) => time)).toEqual([START + 3 * SECOND]);
  });
});

describe('a principal that turns out to be another', () => {
  it('takes its events along', () => {
    const joined = new Map<string, string>();
    const correlator = new Correlator<CorrelatedEvent>(
      correlated(correlationOf({ ...COUNT, 'group-by': 'principal' }, { id: 'x' })),
      { names: { principalOf: ({ principal }) => joined.get(principal) ?? principal } },
    );
    for (const id of ['a', 'b', 'c']) correlator.add(matched(id, 1, 'r'));
    expect(correlator.settle().found).toEqual([]);
    for (const id of ['a', 'b', 'c']) joined.set(`user:${id}`, 'person:anna');
    correlator.regroup(['a', 'b', 'c', 'none']);
    const [finding] = correlator.settle().found;
    expect(finding?.signal.group).toEqual({ principal: 'person:anna' });
    expect(correlator.size.groups).toBe(1);
    joined.delete('user:b');
    correlator.regroup(['a', 'b', 'c']);
    expect(correlator.settle()).toEqual({ found: [], withdrawn: [finding?.key] });
  });
});
