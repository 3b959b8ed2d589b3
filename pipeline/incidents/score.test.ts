import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEVELS } from '../timeline/signal.ts';
import { scoreOf } from './score.ts';
import { alertOf, ANN, observation, START, type AlertSample } from './story-samples.ts';
import { tacticChain } from './tactic-chain.ts';

const event = () => observation('cloudtrail', 'ListBuckets');
const alert = (sample: AlertSample) => alertOf([event()], sample);

describe('one alert alone', () => {
  it.each([
    ['informational', 'low'],
    ['low', 'low'],
    ['medium', 'low'],
    ['high', 'medium'],
    ['critical', 'high'],
  ] as const)('%s makes %s', (severity, expected) => expect(scoreOf([alert({ severity })]).severity).toBe(expected));

  it('counts once, however often its rule fired', () => {
    const one = scoreOf([alert({ rule: 'a' })]);
    expect(scoreOf([alert({ rule: 'a' }), alert({ rule: 'a', severity: 'low' }), alert({ rule: 'a' })]).score).toBe(
      one.score,
    );
  });
});

describe('several alerts', () => {
  it('are graver with each rule, tactic and cloud, and where they touch rights', () => {
    const two = [alert({ rule: 'a' }), alert({ rule: 'b' })];
    const chain = [alert({ rule: 'a', techniques: ['T1078.004'] }), alert({ rule: 'b', techniques: ['T1537'] })];
    const rights = [alert({ rule: 'a', techniques: ['T1098'] }), alert({ rule: 'b', techniques: ['T1537'] })];
    const clouds = [alertOf([observation('entra', 'Add user')], { rule: 'a' }), alert({ rule: 'b' })];
    const score = (alerts: typeof two) => scoreOf(alerts).score;
    expect(score(two)).toBeGreaterThan(score(two.slice(0, 1)));
    expect(score(chain)).toBe(score(two) + 4);
    expect(score(rights)).toBe(score(chain) + 5);
    expect(score(clouds)).toBe(score(two) + 10);
  });

  it('across three clouds make a critical incident of a chain', () => {
    const chain = [
      alertOf([observation('entra', 'Sign-in activity')], { rule: 'a', techniques: ['T1566.002'] }),
      alertOf([observation('azure-activity', 'x')], { rule: 'b', techniques: ['T1098.003'] }),
      alertOf([observation('cloudtrail', 'StopLogging')], { rule: 'c', techniques: ['T1685.002'] }),
      alertOf([observation('cloudtrail', 'ModifySnapshotAttribute')], { rule: 'd', techniques: ['T1537'] }),
    ];
    expect(scoreOf(chain)).toMatchObject({ severity: 'critical' });
  });

  it('never make high of what is only counted', () => {
    const routine = ['a', 'b', 'c', 'd', 'e'].map((rule) =>
      alert({ rule, decision: 'monitor', techniques: ['T1098'] }),
    );
    expect(scoreOf(routine)).toMatchObject({ score: 59, severity: 'medium' });
    expect(scoreOf([...routine, alert({ rule: 'f', severity: 'low' })]).score).toBeGreaterThan(59);
  });

  it('make little of trifles in many places', () => {
    const trifles = (['entra', 'azure-activity', 'aks-audit', 'cloudtrail'] as const).map((source, at) =>
      alertOf([observation(source, 'x')], {
        rule: `r${at}`,
        severity: 'low',
        techniques: [['T1078', 'T1098', 'T1537', 'T1485'][at] ?? ''],
      }),
    );
    expect(scoreOf(trifles).severity).toBe('low');
  });
});

it('takes the root user for privilege', () => {
  const root = observation('cloudtrail', 'ListBuckets', { principal: 'aws:arn:aws:iam::111122223333:root' });
  expect(scoreOf([alertOf([root])]).score).toBe(scoreOf([alertOf([event()])]).score + 5);
  expect(ANN).not.toContain('root');
});

it('is the sum of its reasons, from 0 to 100, and the same in any order', () => {
  const sample = fc.record({
    rule: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    severity: fc.constantFrom(...LEVELS),
    decision: fc.constantFrom('block' as const, 'warn' as const, 'monitor' as const),
    techniques: fc.subarray(['T1078.004', 'T1098.003', 'T1685.002', 'T1537', 'T1485', 'T9999', 'constructor']),
  });
  const source = fc.constantFrom(
    'entra' as const,
    'azure-activity' as const,
    'aks-audit' as const,
    'cloudtrail' as const,
    'json' as const,
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(sample, source), { minLength: 1, maxLength: 12 }), (samples) => {
      const alerts = samples.map(([one, from]) => alertOf([observation(from, 'x', { time: START })], one));
      const { score, severity, reasons } = scoreOf(alerts);
      expect(score).toBe(reasons.reduce((sum, { points }) => sum + points, 0));
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(100);
      if (alerts.some(({ alert: { severity, decision } }) => severity === 'critical' && decision !== 'monitor'))
        expect(['high', 'critical']).toContain(severity);
      if (alerts.every(({ alert: { decision } }) => decision === 'monitor')) expect(score).toBeLessThan(60);
    }),
  );
});

describe('the chain of tactics', () => {
  it('takes one tactic of each technique, the first that is not there yet', () => {
    expect(tacticChain(['T1078.004'])).toEqual(['initial-access']);
    expect(tacticChain(['T1078.004', 'T1078.003', 'T1098.001'])).toEqual([
      'initial-access',
      'persistence',
      'privilege-escalation',
    ]);
    expect(tacticChain(['T1098', 'T1098', 'T1098'])).toEqual(['persistence']);
  });

  it('knows sub-techniques by their technique, and others not at all', () => {
    expect(tacticChain(['T1537.999'])).toEqual(['exfiltration']);
    expect(tacticChain(['T9999', '', '__proto__'])).toEqual([]);
  });
});
