import { describe, expect, it } from 'vitest';
import type { Level } from '../timeline/signal.ts';
import {
  canBecome,
  decidingReviews,
  standingOf,
  type IncidentState,
  type Review,
  type Reviewed,
  type Verdict,
} from './incident-state.ts';

const review = (state: IncidentState, revision: number): Review => ({
  state,
  by: 'ann',
  at: revision * 1000,
  revision,
});
const closing = (verdict: Verdict, alerts: readonly string[], severity: Level = 'medium', revision = 5): Review => ({
  ...review('closed', revision),
  closed: { verdict, seen: { alerts, rules: alerts.map(ruleId), severity } },
});
const reviewed = (since: number, reviews: readonly Review[], merged: Reviewed['merged'] = []): Reviewed => ({
  since,
  reviews,
  merged,
});
/** The alert `a2` is one of the rule `a`. */
const ruleId = (alert: string) => alert.slice(0, 1);
const ruleOf = (alert: string) => ({ id: ruleId(alert), title: `Rule ${ruleId(alert)}` });

function standing(alertIds: readonly string[], severity: Level, ...deciding: readonly (Review | undefined)[]) {
  return standingOf({ alertIds, severity }, deciding, ruleOf);
}

describe('standingOf', () => {
  it('is open while nobody looked, and then where it was brought to', () => {
    expect(standing(['a1'], 'high', undefined)).toEqual({ state: 'open' });
    expect(standing(['a1'], 'high', review('contained', 3))).toEqual({ state: 'contained' });
  });

  it.each<Verdict>(['true-positive', 'benign', 'false-positive'])(
    'stays closed as %s while no alert joins',
    (verdict) => {
      expect(standing(['a1'], 'critical', closing(verdict, ['a1', 'b1']))).toEqual({ state: 'closed', verdict });
    },
  );

  it('opens what was a true positive with any alert that joins', () => {
    expect(standing(['a1', 'a2'], 'low', closing('true-positive', ['a1']))).toEqual({
      state: 'open',
      reopened: 'an alert joined after it was closed',
    });
  });

  it.each<Verdict>(['benign', 'false-positive'])(
    'opens what was %s only with a new rule or a higher severity',
    (verdict) => {
      const before = closing(verdict, ['a1', 'b1']);
      expect(standing(['a1', 'a2', 'b2'], 'medium', before)).toEqual({ state: 'closed', verdict });
      expect(standing(['a1', 'a2', 'c1'], 'medium', before)).toEqual({
        state: 'open',
        reopened: '2 alerts joined after it was closed, by a rule that had no part in it: Rule c',
      });
      expect(standing(['a1', 'a2'], 'high', before)).toEqual({
        state: 'open',
        reopened: 'an alert joined after it was closed, and its severity rose from medium to high',
      });
    },
  );

  it('takes a rule that is not known for a new one', () => {
    const deciding = [closing('benign', ['a1'])];
    expect(standingOf({ alertIds: ['a1', 'a2'], severity: 'low' }, deciding, () => undefined)).toMatchObject({
      state: 'open',
      reopened: 'an alert joined after it was closed: a2',
    });
  });

  it('is as urgent as the most urgent of several', () => {
    expect(standing(['a1'], 'low', review('contained', 1), review('acknowledged', 2), closing('benign', []))).toEqual({
      state: 'acknowledged',
    });
    expect(standing(['a1'], 'low', closing('benign', ['a1']), undefined)).toEqual({ state: 'open' });
  });

  it('stays closed where each part was seen by whoever closed it, with the gravest verdict', () => {
    const parts = [closing('benign', ['a1']), closing('true-positive', ['b1'])];
    expect(standing(['a1', 'b1'], 'high', ...parts)).toEqual({ state: 'closed', verdict: 'true-positive' });
    expect(standing(['a1', 'b1', 'a2'], 'medium', ...parts)).toMatchObject({ state: 'open' });
  });
});

describe('decidingReviews', () => {
  const old = review('contained', 4);

  it('is the last review', () => {
    expect(decidingReviews(reviewed(1, [review('acknowledged', 2), old]))).toEqual([old]);
    expect(decidingReviews(reviewed(1, []))).toEqual([undefined]);
  });

  it('keeps the say of what was merged, until somebody reviews the whole', () => {
    const merged = [{ revision: 7, reviewed: reviewed(2, [old]) }];
    expect(decidingReviews(reviewed(1, [], merged))).toEqual([undefined, old]);
    expect(decidingReviews(reviewed(1, [review('closed', 6)], merged))).toEqual([review('closed', 6), old]);
    expect(decidingReviews(reviewed(1, [review('closed', 7)], merged))).toEqual([review('closed', 7)]);
  });

  it('passes the state on to an incident that is only a new name', () => {
    const merged = [{ revision: 7, reviewed: reviewed(2, [old]) }];
    expect(decidingReviews(reviewed(7, [], merged))).toEqual([old]);
    const twice = [{ revision: 9, reviewed: reviewed(7, [], merged) }];
    expect(decidingReviews(reviewed(9, [], twice))).toEqual([old]);
  });
});

it('lets nobody lower a state but by opening it again', () => {
  const states: readonly IncidentState[] = ['open', 'acknowledged', 'contained', 'closed'];
  const allowed = states.flatMap((from) => states.filter((to) => canBecome(from, to)).map((to) => `${from} > ${to}`));
  expect(allowed).toEqual([
    'open > acknowledged',
    'open > contained',
    'open > closed',
    'acknowledged > open',
    'acknowledged > contained',
    'acknowledged > closed',
    'contained > open',
    'contained > closed',
    'closed > open',
  ]);
});
