import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activityOfRow, weightiest } from './activity.ts';
import { activity, NINE } from './enrichment-samples.ts';
import { AWS_CALLS, SIGN_INS } from './logs/activity-queries.ts';
import { nextSteps, MOST_STEPS } from './next-steps.ts';

describe('a row of a query', () => {
  it('tells what was done', () => {
    const row = {
      Time: NINE,
      Id: 'r1',
      Who: 'arn:aws:iam::111122223333:user/ann',
      What: 'ListBuckets',
      Target: '',
      Outcome: 'failure',
    };
    expect(activityOfRow(row, AWS_CALLS)).toEqual({
      time: NINE,
      id: 'r1',
      where: 'AWS',
      who: 'arn:aws:iam::111122223333:user/ann',
      what: 'ListBuckets',
      target: undefined,
      from: undefined,
      outcome: 'failure',
      signals: [],
      count: 1,
    });
  });

  it('without a time is none, and what else is missing is said to be unknown', () => {
    expect(activityOfRow({ Who: 'ann' }, SIGN_INS)).toBeUndefined();
    expect(activityOfRow({ Time: NINE, Outcome: 'odd' }, SIGN_INS)).toMatchObject({
      who: 'somebody unknown',
      what: 'sign-ins',
      where: 'Entra',
      outcome: 'unknown',
    });
  });
});

describe('activities of several places', () => {
  it('are each there once: the same record from two places, and as the place tells it in which rules found something', () => {
    const { shown } = weightiest([activity({ who: 'row' }), activity({ who: 'event', signals: ['Rule'] })], NINE, 10);
    expect(shown).toMatchObject([{ who: 'event', count: 1 }]);
  });

  it('that repeat are one with a count, at the first time', () => {
    const { shown } = weightiest(
      [3, 1, 2].map((at) => activity({ id: `e${at}`, time: NINE + at })),
      NINE,
      10,
    );
    expect(shown).toMatchObject([{ time: NINE + 1, count: 3 }]);
  });

  it('without an id are the same only where all is', () => {
    const without = activity({ id: undefined });
    expect(weightiest([without, without, activity({ id: undefined, what: 'other' })], NINE, 10).shown).toHaveLength(2);
  });

  it('keep what rules found, then what is closest to the incident, in order of time, and count the rest', () => {
    const far = activity({ id: 'far', time: NINE - 1e7, what: 'far', signals: ['Rule'] });
    const near = [1, 2, 3].map((at) => activity({ id: `n${at}`, time: NINE + at * 1000, what: `near ${at}` }));
    const { shown, left } = weightiest([...near, far], NINE, 2);
    expect(shown.map(({ what }) => what)).toEqual(['far', 'near 1']);
    expect(left).toBe(2);
  });

  it('give the same in any order', () => {
    const some = [1, 2, 3, 4, 5].map((at) => activity({ id: `e${at}`, time: NINE + at, what: `what ${at % 3}` }));
    const expected = weightiest(some, NINE, 3);
    fc.assert(
      fc.property(fc.shuffledSubarray(some, { minLength: some.length }), (order) => {
        expect(weightiest(order, NINE, 3)).toEqual(expected);
      }),
    );
  });
});

describe('next steps', () => {
  const grounds = { techniques: [], aws: false, exploited: false, indicators: false };

  it('are those that techniques call for, also below them, the most urgent first', () => {
    const keys = nextSteps({ ...grounds, techniques: ['T1098.001', 't1078', 'T1485'] }).map(({ key }) => key);
    expect(keys).toEqual(['stop-destruction', 'revoke-sessions', 'remove-credentials']);
  });

  it('are those that what is known calls for', () => {
    expect(nextSteps({ ...grounds, exploited: true, indicators: true }).map(({ key }) => key)).toEqual([
      'patch-vulnerability',
      'block-address',
    ]);
    expect(nextSteps({ ...grounds, aws: true, techniques: ['T1087'] }).map(({ key }) => key)).toEqual([
      'deactivate-access-key',
    ]);
  });

  it('are none where nothing calls for any, and never many', () => {
    expect(nextSteps({ ...grounds, techniques: ['T9999', 'nonsense'] })).toEqual([]);
    const all = Array.from({ length: 700 }, (_, at) => `T${1000 + at}`);
    expect(nextSteps({ techniques: all, aws: true, exploited: true, indicators: true })).toHaveLength(MOST_STEPS);
  });
});
