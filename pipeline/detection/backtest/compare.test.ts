import { describe, expect, it } from 'vitest';
import type { Alert } from '../../timeline/alert.ts';
import type { Signal } from '../../timeline/signal.ts';
import { compileRules } from '../loading/load.ts';
import { ruleText } from '../testing/rule-samples.ts';
import type { TypeScriptRule } from '../rule.ts';
import { compare, Tallies, type Outcome, type RuleChange } from './compare.ts';
import type { AnyRule } from './definition.ts';

const DETECTION = { selection: { eventName: ['CreateUser', 'DeleteUser'] }, condition: 'selection' };

/** One rule, all rules of a file, or none. */
function ruleOf(id: string, detection: unknown = DETECTION, more: Readonly<Record<string, unknown>> = {}): AnyRule {
  const text = ruleText(detection, { id, ...more });
  const { rules, rejected } = compileRules([{ file: `${id}.yml`, text }]);
  const [rule] = rules;
  if (rule === undefined) throw new Error(rejected[0]?.reason ?? 'no rule');
  return rule;
}

function alertOf(rule: string, id: string, more: Partial<Alert> = {}): Alert {
  return {
    id,
    rule: { id: rule, title: 'A rule', level: 'medium' },
    severity: 'medium',
    decision: 'warn',
    techniques: [],
    principals: [],
    group: {},
    count: 1,
    firstSeen: 0,
    lastSeen: 0,
    ...more,
  };
}

const outcome = (rules: readonly AnyRule[], more: Partial<Outcome> = {}): Outcome => ({
  rules,
  code: new Map(),
  tallies: new Map(),
  errors: new Map(),
  alerts: [],
  ...more,
});

const statesOf = (changes: readonly RuleChange[]) =>
  Object.fromEntries(changes.map(({ rule, state }) => [rule.id, state]));

describe('states', () => {
  it('tells new, changed, removed and same rules apart, in this order', () => {
    const before = outcome([ruleOf('same'), ruleOf('removed'), ruleOf('changed')]);
    const other = { ...DETECTION, selection: { eventName: 'CreateUser' } };
    const after = outcome([ruleOf('same'), ruleOf('changed', other), ruleOf('new')]);
    const changes = compare(before, after);
    expect(changes.map(({ rule, state }) => [rule.id, state])).toEqual([
      ['new', 'new'],
      ['changed', 'changed'],
      ['removed', 'removed'],
      ['same', 'same'],
    ]);
    expect(changes[1]?.changes).toEqual([{ what: 'detection' }]);
  });

  it.each<[string, Readonly<Record<string, unknown>>, unknown]>([
    ['level', { level: 'low' }, { what: 'level', before: 'medium', after: 'low' }],
    ['title', { title: 'Another' }, { what: 'title', before: 'A rule', after: 'Another' }],
    [
      'decision',
      { crosstrail: { decision: 'monitor', escalate: { count: 5, decision: 'warn' } } },
      { what: 'decision', before: 'monitor', after: 'monitor, warn at 5' },
    ],
    ['window', { crosstrail: { window: '2h' } }, { what: 'window', before: '60 min', after: '120 min' }],
    ['group', { crosstrail: { group: ['a.b'] } }, { what: 'group', before: 'principal', after: 'a.b' }],
    [
      'logsource',
      { logsource: { product: 'aws' } },
      { what: 'logsource', before: '*/aws/cloudtrail', after: '*/aws/*' },
    ],
  ])('a rule is changed in its %s', (_name, more, change) => {
    const [result] = compare(outcome([ruleOf('r')]), outcome([ruleOf('r', DETECTION, more)]));
    expect(result).toMatchObject({ state: 'changed', changes: [change] });
  });

  it.each<[string, unknown, boolean]>([
    ['a selection is called otherwise', { s: DETECTION.selection, condition: 's' }, true],
    ['another selection, which the condition does not name', { ...DETECTION, spare: { a: 1 } }, true],
    ['the condition means something else', { ...DETECTION, condition: 'not selection' }, false],
    ['a modifier more', { ...DETECTION, selection: { 'eventName|cased': ['CreateUser', 'DeleteUser'] } }, false],
    ['a value of another type', { ...DETECTION, selection: { eventName: ['CreateUser', 'DeleteUser', 1] } }, false],
  ])('detections are compared by what they ask: %s', (_name, detection, same) => {
    const [result] = compare(outcome([ruleOf('r')]), outcome([ruleOf('r', detection)]));
    expect(result?.state).toBe(same ? 'same' : 'changed');
  });

  it('what is only for people to read changes no rule, nor does its place', () => {
    const moved = ruleOf('r', DETECTION, { description: 'Otherwise told', falsepositives: ['None'] });
    expect(statesOf(compare(outcome([ruleOf('r')]), outcome([{ ...moved, file: 'elsewhere.yml', line: 9 }])))).toEqual({
      r: 'same',
    });
  });

  it('rules in TypeScript are changed where their code is', () => {
    const { detection: _, ...metadata } = ruleOf('r') as Extract<AnyRule, { kind: 'sigma' }>;
    const rule: TypeScriptRule = { ...metadata, kind: 'typescript', classes: [6003], matches: () => true };
    const code = (text: string) => ({ code: new Map([['r.yml', text]]) });
    const before = outcome([rule], code('a'));
    expect(statesOf(compare(before, outcome([rule], code('a'))))).toEqual({ r: 'same' });
    expect(statesOf(compare(before, outcome([rule], code('b'))))).toEqual({ r: 'changed' });
  });

  it('correlation rules are compared by what they ask', () => {
    const text = (timespan: string): string =>
      JSON.stringify({
        title: 'Many',
        id: 'many',
        correlation: { type: 'event_count', rules: ['r'], 'group-by': ['eventName'], timespan, condition: { gte: 5 } },
      });
    const set = (timespan: string) => {
      const sources = [ruleText(DETECTION, { id: 'r' }), text(timespan)].map((one, at) => ({
        file: `${at}.yml`,
        text: one,
      }));
      const { rules, correlations, rejected } = compileRules(sources);
      expect(rejected).toEqual([]);
      return outcome([...rules, ...correlations]);
    };
    expect(statesOf(compare(set('5m'), set('5m')))).toEqual({ r: 'same', many: 'same' });
    expect(statesOf(compare(set('5m'), set('6m')))).toEqual({ r: 'same', many: 'changed' });
  });
});

describe('what was made of the logs', () => {
  it('gives the alerts added, gone, and raised otherwise, and names a rule changed for them', () => {
    const escalated = alertOf('r', 'more', { count: 7, decision: 'block' });
    const before = outcome([ruleOf('r'), ruleOf('q')], {
      alerts: [alertOf('r', 'gone'), alertOf('r', 'kept'), alertOf('r', 'more'), alertOf('q', 'fine')],
    });
    const after = outcome([ruleOf('r'), ruleOf('q')], {
      alerts: [alertOf('r', 'kept'), escalated, alertOf('r', 'added'), alertOf('q', 'fine')],
    });
    const [first, second] = compare(before, after);
    expect(first).toMatchObject({
      state: 'changed',
      changes: [],
      alerts: { before: 3, after: 3 },
      added: [{ id: 'added' }],
      gone: [{ id: 'gone' }],
      changed: [{ before: { id: 'more', count: 1 }, after: { id: 'more', count: 7, decision: 'block' } }],
    });
    expect(second).toMatchObject({
      rule: { id: 'q' },
      state: 'same',
      alerts: { before: 1, after: 1 },
      added: [],
      gone: [],
    });
  });

  it('counts signals once each, and those that only one of the sets makes of an event', () => {
    const signal = (id: string, exception?: string): Signal => ({
      rule: { id, title: id, level: 'low' },
      decision: 'monitor',
      techniques: [],
      window: 1,
      group: {},
      ...(exception !== undefined && { suppressed: { exception } }),
    });
    const tallies = new Tallies();
    tallies.count(signal('a'), [signal('a'), signal('b')]);
    tallies.count(signal('a'), [signal('b')]);
    tallies.count(signal('a'), [signal('a', 'excepted')]);
    tallies.count(signal('a', 'excepted'), [signal('a')]);
    expect([...tallies.byRule]).toEqual([['a', { signals: 3, alone: 2, suppressed: 1 }]]);
    const changes = compare(outcome([ruleOf('a')]), outcome([ruleOf('a')], { tallies: tallies.byRule }));
    expect(changes).toMatchObject([
      {
        state: 'changed',
        signals: { before: 0, after: 3, added: 2, gone: 0 },
        suppressed: { before: 0, after: 1 },
      },
    ]);
  });

  it('calls a rule changed of which nothing but what is suppressed differs', () => {
    const tallies = new Map([['a', { signals: 0, alone: 0, suppressed: 1 }]]);
    const changes = compare(outcome([ruleOf('a')]), outcome([ruleOf('a')], { tallies }));
    expect(statesOf(changes)).toEqual({ a: 'changed' });
  });

  it('puts first, of one state, the rules that a person should look at', () => {
    const rules = ['a', 'b', 'c'].map((id) => ruleOf(id));
    const alerts = [alertOf('b', '1'), alertOf('b', '2'), alertOf('c', '3')];
    expect(compare(outcome([]), outcome(rules, { alerts })).map(({ rule }) => rule.id)).toEqual(['b', 'c', 'a']);
  });
});
