import { expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { compileRules } from '../loading/load.ts';
import { PRINCIPAL, recordOf, ruleText } from '../testing/rule-samples.ts';
import { explainCorrelation } from './explain-correlation.ts';
import type { CorrelationExplanation } from './explanation.ts';

const rule = (id: string, eventName: string): string =>
  ruleText({ selection: { eventName }, condition: 'selection' }, { id, title: id });

const correlation = (id: string, rules: readonly string[], more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    title: id,
    id,
    level: 'high',
    correlation: { type: 'event_count', rules, timespan: '5m', condition: { gte: 3 }, ...more },
  });

/** Explains the last rule of these on a record. */
function explained(documents: readonly string[], fields: JsonObject): CorrelationExplanation {
  const set = compileRules(documents.map((text, at) => ({ file: `${at}.yml`, text })));
  expect(set.rejected).toEqual([]);
  const last = set.correlations.at(-1);
  if (last === undefined) throw new Error('no correlation');
  return explainCorrelation(last, recordOf(fields), set);
}

it('tells which of its rules fire, and by what they are grouped', () => {
  const aliases = { user: { other: 'name', one: 'user.name' } };
  const many = correlation('many', ['other', 'one'], { 'group-by': ['user', 'principal'], aliases });
  const documents = [rule('one', 'A'), rule('other', 'B'), many];
  expect(explained(documents, { eventName: 'A', user: [{ name: 'ann' }, { name: 'bob' }] })).toMatchObject({
    kind: 'correlation',
    rule: { id: 'many', level: 'high', file: '2.yml', line: 1 },
    type: 'event_count',
    timespan: 300_000,
    groupBy: ['user', 'principal'],
    fires: true,
    rules: {
      values: [
        {
          explanation: { kind: 'sigma', fires: true, rule: { id: 'one' } },
          group: [
            { name: 'user', field: 'user.name', values: { values: [{ value: 'ann' }, { value: 'bob' }], more: 0 } },
            { name: 'principal', field: 'principal', values: { values: [{ value: PRINCIPAL }], more: 0 } },
          ],
        },
        { explanation: { kind: 'sigma', fires: false, rule: { id: 'other' } }, group: [] },
      ],
      more: 0,
    },
  });
});

it('takes no part where none of its rules fires', () => {
  const documents = [rule('one', 'A'), correlation('many', ['one'], { 'group-by': ['x'] })];
  expect(explained(documents, { eventName: 'B', x: 1 })).toMatchObject({
    fires: false,
    rules: { values: [{ group: [] }] },
  });
});

it('follows correlations of correlations down to the rules', () => {
  const documents = [
    rule('one', 'A'),
    correlation('low', ['one'], { 'group-by': ['x'] }),
    correlation('high', ['low'], { type: 'temporal', rules: ['low', 'one'], condition: undefined }),
  ];
  const explanation = explained(documents, { eventName: 'A', x: 1 });
  expect(explanation).toMatchObject({
    fires: true,
    rules: {
      values: [
        {
          explanation: {
            kind: 'correlation',
            rule: { id: 'low' },
            fires: true,
            rules: {
              values: [
                { explanation: { rule: { id: 'one' } }, group: [{ name: 'x', values: { values: [{ value: '1' }] } }] },
              ],
            },
          },
          group: [],
        },
        { explanation: { kind: 'sigma', rule: { id: 'one' } } },
      ],
    },
  });
});

it('shows of many rules those that fire', () => {
  const names = Array.from({ length: 50 }, (_, index) => `r${index}`);
  const documents = [...names.map((name) => rule(name, name)), correlation('many', names)];
  const { rules } = explained(documents, { eventName: 'r49' });
  expect(rules.more).toBe(42);
  expect(rules.values[0]).toMatchObject({ explanation: { fires: true, rule: { id: 'r49' } } });
});
