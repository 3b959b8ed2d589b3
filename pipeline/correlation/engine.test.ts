import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correlated, correlationOf } from '../detection/correlation/correlation-samples.ts';
import { NO_TRUSTS } from '../timeline/identity/trust.ts';
import type { Observation } from '../timeline/observation.ts';
import { CorrelationEngine, DEFAULT_HORIZON, type EngineOptions, type Kept } from './engine.ts';
import {
  alertOf,
  credential,
  KEY,
  linkBetween,
  MARA,
  MINUTE,
  NOON,
  observation,
  signal,
} from './observation-samples.ts';

const RULES = correlated(
  correlationOf(
    { type: 'event_count', rules: ['r'], timespan: '1h', 'group-by': ['principal'], condition: { gte: 2 } },
    { level: 'high' },
  ),
);
const engineOf = (options: Partial<EngineOptions> = {}) => new CorrelationEngine({ rules: RULES, ...options });

const matched = { matches: [{ rule: 'r', values: {} }] };
const withKey = { principal: KEY, entities: [credential(KEY)] };
const LINK = linkBetween('issued-credential', MARA, KEY);
const WEAKENED = { condition: 'logging-off', resource: 'aws:trail', weakened: true, what: 'stops it' } as const;

/** Mara signs in, makes a key, and with it stops a trail and does something twice. */
const story: readonly Observation[] = [
  observation('1', 0, { entry: true }),
  observation('2', 1, { signals: [signal('key made')], links: [LINK] }),
  observation('3', 2, { ...withKey, ...matched }),
  observation('4', 3, { ...withKey, signals: [signal('trail stopped')], posture: [WEAKENED] }),
  observation('5', 4, { ...withKey, ...matched }),
];

/** All that an engine says in the end. */
const saidOf = (engine: CorrelationEngine) => ({
  alerts: engine.alerts(),
  incidents: engine.incidents(),
  conditions: engine.conditions(),
  findings: engine.findings(),
});

describe('CorrelationEngine', () => {
  it('joins what one did under several keys: alerts, stateful rules, weaknesses, one incident', () => {
    const engine = engineOf();
    for (const one of story) expect(engine.take(one)).toBe(true);
    const changes = engine.settle();
    expect(changes.alerts).toMatchObject([{ alert: { count: 2, group: { principal: MARA } } }]);
    expect(changes.conditions).toMatchObject([{ resource: 'aws:trail' }]);
    expect(changes.incidents).toMatchObject([
      { principals: [{ id: MARA, aliases: [KEY] }], eventIds: ['2', '3', '4', '5'] },
    ]);
    expect(engine.alerts()).toHaveLength(3);
    expect(engine.size).toBe(5);
    expect(engine.links).toBe(1);
  });

  it('says the same whatever the order, what comes twice, and how often it is asked', () => {
    const whole = engineOf();
    for (const one of story) whole.take(one);
    whole.settle();
    const shuffled = fc.shuffledSubarray([...story, ...story], { minLength: 2 * story.length });
    fc.assert(
      fc.property(shuffled, fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }), (order, asked) => {
        const engine = engineOf();
        for (const [at, one] of order.entries()) {
          engine.take(one);
          if (asked[at] === true) engine.settle();
        }
        engine.settle();
        expect(saidOf(engine)).toEqual(saidOf(whole));
      }),
    );
  });

  it('says what changed once, and nothing where what came was known', () => {
    const engine = engineOf();
    for (const one of story) engine.take(one);
    engine.settle();
    expect(engine.takeLinks()).toEqual([LINK]);
    for (const one of story) expect(engine.take(one)).toBe(false);
    expect(Object.values(engine.settle()).flat()).toEqual([]);
    expect(engine.takeLinks()).toEqual([]);
  });

  it('takes back what a link learned late shows to be another’s, and says what took its place', () => {
    const engine = engineOf();
    for (const one of [...story.slice(2), observation('0', 0, { signals: [signal('before')] })]) engine.take(one);
    const before = engine.settle();
    expect(before.incidents).toHaveLength(2);
    engine.learn([LINK]);
    const { alerts, withdrawnAlerts, incidents, goneIncidents } = engine.settle();
    expect(withdrawnAlerts).toEqual(before.alerts.map(({ alert }) => alert.id));
    expect(alerts.map(({ replaces }) => replaces)).toEqual([withdrawnAlerts]);
    expect(goneIncidents).toEqual([{ id: expect.any(String) as string, into: incidents[0]?.id }]);
  });

  it('leads on from an incident whose every alert another took the place of', () => {
    const engine = engineOf();
    const of = (id: string, minutes: number) => observation(id, minutes, { ...withKey, ...matched });
    for (const one of [of('1', 0), of('2', 1)]) engine.take(one);
    const [alone] = engine.settle().incidents;
    engine.learn([LINK]);
    const { incidents, goneIncidents } = engine.settle();
    expect(incidents).toHaveLength(1);
    expect(goneIncidents).toEqual([{ id: alone?.id, into: incidents[0]?.id }]);
  });

  it('knows a directory from the first', () => {
    const engine = engineOf({ directory: { links: [LINK], trusts: NO_TRUSTS, entries: 1 } });
    engine.take(observation('1', 0, matched));
    engine.take(observation('2', 1, { ...withKey, ...matched }));
    expect(engine.settle().alerts).toMatchObject([{ alert: { count: 2 } }]);
    expect(engine.takeLinks()).toEqual([]);
  });
});

describe('an engine that forgets', () => {
  const HOURS = 60 * MINUTE;
  const settledWith = (observations: readonly Observation[], options: Partial<EngineOptions> = {}) => {
    const engine = engineOf(options);
    for (const one of observations) engine.take(one);
    engine.settle();
    return engine;
  };
  const lone = observation('lone', 0, { ...matched, principal: 'upn:ben@contoso.example', entities: [] });

  it('drops what no rule and no alert needs, and what raised alerts only with these', () => {
    const engine = settledWith([...story, lone]);
    const { observations, findings } = engine.forget(NOON + 2 * HOURS);
    expect(observations).toEqual([lone.id]);
    expect(findings).toMatchObject([{ eventIds: ['cloudtrail/3', 'cloudtrail/5'] }]);
    expect(engine.get(lone.id)).toBeUndefined();
    expect(engine.incidents()).toHaveLength(1);
    expect(engine.forget(NOON + DEFAULT_HORIZON).observations).toEqual([]);
    expect(engine.forget(NOON + DEFAULT_HORIZON + HOURS).observations).toHaveLength(story.length);
    expect(saidOf(engine)).toMatchObject({ alerts: [], incidents: [], findings: [] });
    expect(engine.size).toBe(0);
  });

  it('takes nothing back for having forgotten it', () => {
    const engine = settledWith(story);
    engine.forget(NOON + DEFAULT_HORIZON + HOURS);
    expect(Object.values(engine.settle()).flat()).toEqual([]);
  });

  it('goes by the horizon that it is given', () => {
    const engine = settledWith(story, { horizon: HOURS });
    expect(engine.forget(NOON + 30 * MINUTE).observations).toEqual([]);
    expect(engine.forget(NOON + 2 * HOURS).observations).toHaveLength(story.length);
  });

  it('is, restored from what was kept, as if it had never stopped', () => {
    const engine = settledWith([...story, lone]);
    const { observations, findings, summaries, posture } = engine.forget(NOON + 2 * HOURS);
    const kept: Kept = {
      observations: [...story, lone].filter(({ id }) => !observations.includes(id)),
      links: engine.takeLinks(),
      ...{ findings, summaries, posture },
    };
    const next = engineOf();
    next.restore(kept);
    next.settle();
    expect(next.takeLinks()).toEqual([]);
    const late = observation('6', 6 * 60, { ...withKey, signals: [signal('later')] });
    for (const each of [engine, next]) {
      each.take(late);
      each.settle();
    }
    expect(saidOf(next)).toEqual(saidOf(engine));
    expect(next.incidents()).toMatchObject([{ alertIds: expect.arrayContaining([alertOf(late)]) as string[] }]);
    next.forget(NOON + 3 * DEFAULT_HORIZON);
    expect(next.takeLostFindings(10)).toEqual(findings.map(({ key }) => key));
  });

  it('tells by which watermark about so many are left', () => {
    const entries = Array.from({ length: 100 }, (_, n) => observation(`entry ${n}`, n, { entry: true }));
    const engine = settledWith(entries);
    engine.forget(engine.timeToKeep(50));
    expect(engine.size).toBe(45);
    expect(engineOf().timeToKeep(50)).toBe(-Infinity);
  });
});
