import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_KEPT_EVENTS } from '../incidents/stateful-alerts.ts';
import type { Observation } from '../timeline/observation.ts';
import { alertOf, MINUTE, NOON, observation, signal } from './observation-samples.ts';
import { RaisedAlerts, type Finding } from './raised-alerts.ts';

const fired = (id: string, minutes: number, rule = 'r') => observation(id, minutes, { signals: [signal(rule)] });

const finding = (key: string, events: readonly Observation[], more: Partial<Finding> = {}): Finding => ({
  key,
  signal: signal('many'),
  time: events.at(-1)?.time ?? NOON,
  events,
  ...more,
});

/** Ids of the alerts that are to be written and withdrawn. */
function settled(alerts: RaisedAlerts) {
  const { written, withdrawn } = alerts.takeChanges().stateful;
  return { written: written.map(({ alert }) => alert.id), withdrawn };
}

describe('alerts of single events', () => {
  it('are one for the events of one window, in order of time, whatever the order in which they come', () => {
    const events = [fired('1', 0), fired('2', 1), fired('3', 2), fired('4', 90), fired('5', 91, 'other')];
    const whole = new RaisedAlerts();
    for (const event of events) whole.add(event);
    expect(
      whole.all().map(({ alert, events: [...its] }) => [alert.count, its.map(({ recordId }) => recordId)]),
    ).toEqual([
      [3, ['1', '2', '3']],
      [1, ['4']],
      [1, ['5']],
    ]);
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
        const alerts = new RaisedAlerts();
        for (const event of shuffled) {
          alerts.add(event);
          alerts.takeChanges();
        }
        expect(alerts.all()).toEqual(whole.all());
      }),
    );
  });

  it('are told of for incidents when they change, and never to be written', () => {
    const alerts = new RaisedAlerts();
    alerts.add(fired('1', 0));
    const { changed, stateful } = alerts.takeChanges();
    expect([...changed.keys()]).toEqual([alertOf(fired('1', 0))]);
    expect(stateful).toEqual({ written: [], withdrawn: [] });
    expect(alerts.takeChanges().changed.size).toBe(0);
  });

  it('count a rule once that is said twice to have fired on an event', () => {
    const alerts = new RaisedAlerts();
    alerts.add(observation('twice', 0, { signals: [signal('twice'), signal('twice')] }));
    expect(alerts.all()[0]?.alert.count).toBe(1);
  });

  it('count all, and keep the earliest of very many', () => {
    const alerts = new RaisedAlerts();
    const many = Array.from({ length: MAX_KEPT_EVENTS + 5 }, (_, n) => fired(String(n).padStart(5, '0'), n / 60));
    for (const event of many.toReversed()) alerts.add(event);
    const [flood] = alerts.all();
    expect(flood?.alert.count).toBe(many.length);
    expect(flood?.events).toEqual(many.slice(0, MAX_KEPT_EVENTS));
  });
});

describe('alerts of stateful rules', () => {
  const [one, two, three] = [fired('1', 0), fired('2', 5), fired('3', 10)];

  it('are written with their events, in the window in which the rule was first true', () => {
    const alerts = new RaisedAlerts();
    alerts.find(finding('k', [one, two], { time: two.time }));
    expect(alerts.takeChanges().stateful.written).toMatchObject([
      { start: NOON, alert: { count: 2, firstSeen: NOON, lastSeen: two.time }, events: [one, two], replaces: [] },
    ]);
    expect(settled(alerts)).toEqual({ written: [], withdrawn: [] });
  });

  it('are one for the episodes of one window, each event once, until the last episode is lost', () => {
    const alerts = new RaisedAlerts();
    alerts.find(finding('k', [one, two]));
    alerts.find(finding('l', [two, three]));
    const [id] = settled(alerts).written;
    expect(alerts.all()).toMatchObject([{ alert: { id, count: 3 }, events: [one, two, three] }]);
    alerts.lose('k');
    expect(settled(alerts)).toEqual({ written: [id], withdrawn: [] });
    expect(alerts.all()).toMatchObject([{ alert: { count: 2 }, events: [two, three] }]);
    alerts.lose('l');
    alerts.lose('unknown');
    expect(settled(alerts)).toEqual({ written: [], withdrawn: [id] });
    expect(settled(alerts)).toEqual({ written: [], withdrawn: [] });
    expect(alerts.all()).toEqual([]);
  });

  it('of which nobody heard are withdrawn without a word', () => {
    const alerts = new RaisedAlerts();
    alerts.find(finding('k', [one]));
    alerts.lose('k');
    expect(settled(alerts)).toEqual({ written: [], withdrawn: [] });
  });

  it('name those whose place they take: of the same rule, with an event of theirs', () => {
    const alerts = new RaisedAlerts();
    const of = (who: string, rule = 'many') => signal(rule, 'high', { principal: who });
    alerts.find(finding('a', [one], { signal: of('a') }));
    alerts.find(finding('b', [two], { signal: of('b') }));
    alerts.find(finding('apart', [three], { signal: of('apart') }));
    alerts.find(finding('other rule', [one], { signal: of('a', 'other') }));
    const [a, b] = settled(alerts).written;
    for (const key of ['a', 'b', 'apart', 'other rule']) alerts.lose(key);
    alerts.find(finding('joined', [one, two], { signal: of('joined') }));
    const { written, withdrawn } = alerts.takeChanges().stateful;
    expect(written.map(({ replaces }) => replaces)).toEqual([[a, b]]);
    expect(withdrawn).toHaveLength(4);
  });

  it('are the same whatever the order of their findings', () => {
    const findings = [
      finding('a', [one, two]),
      finding('b', [two, three]),
      finding('c', [three], { time: NOON + 90 * MINUTE }),
    ];
    const madeOf = (order: readonly Finding[]) => {
      const alerts = new RaisedAlerts();
      for (const each of order) alerts.find(each);
      alerts.takeChanges();
      return { all: alerts.all(), findings: alerts.findings() };
    };
    expect(madeOf(findings).all).toHaveLength(2);
    fc.assert(
      fc.property(fc.shuffledSubarray(findings, { minLength: findings.length }), (order) => {
        expect(madeOf(order)).toEqual(madeOf(findings));
      }),
    );
  });
});

describe('findings that outlive their events', () => {
  const old = finding('old', [fired('1', 0)]);
  const young = finding('young', [fired('2', 30)]);

  it('are given once when they are old, and again when they changed', () => {
    const alerts = new RaisedAlerts();
    for (const each of [old, young]) alerts.find(each);
    expect(alerts.takeOld(NOON + MINUTE)).toEqual([old]);
    expect(alerts.takeOld(NOON + MINUTE)).toEqual([]);
    const changed = { ...old, events: [fired('0', -1), ...old.events] };
    alerts.find(changed);
    expect(alerts.takeOld(NOON + MINUTE)).toEqual([changed]);
  });

  it('are named once as lost when they stand no more, so many at a time', () => {
    const alerts = new RaisedAlerts();
    alerts.restore(old);
    alerts.restore(young);
    alerts.find({ ...old, events: [fired('0', -1)] });
    expect(alerts.takeLost(10)).toEqual([]);
    alerts.takeOld(Infinity);
    alerts.lose('old');
    alerts.forget(alerts.takeChanges().stateful.written[0]?.alert.id ?? '');
    expect(alerts.takeLost(1)).toHaveLength(1);
    expect(alerts.takeLost(10)).toHaveLength(1);
    expect(alerts.takeLost(10)).toEqual([]);
  });

  it('are forgotten with their alert, without a word', () => {
    const alerts = new RaisedAlerts();
    alerts.add(fired('3', 0));
    alerts.find(old);
    const ids = [...alerts.takeChanges().changed.keys()];
    for (const id of ids) alerts.forget(id);
    expect(alerts.all()).toEqual([]);
    expect(alerts.findings()).toEqual([]);
    expect(alerts.takeChanges()).toMatchObject({ changed: new Map(), stateful: { written: [], withdrawn: [] } });
  });
});
