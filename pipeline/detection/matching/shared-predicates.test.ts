import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import type { Expression } from '../sigma/expression.ts';
import { compiled, ruleText } from '../testing/rule-samples.ts';
import { SharedPredicates } from './shared-predicates.ts';

/** A record that counts how often its field is read. */
function countedRecord(value: string): { fields: JsonObject; reads: () => number } {
  let reads = 0;
  const fields: JsonObject = {};
  Object.defineProperty(fields, 'f', { enumerable: true, get: () => ((reads += 1), value) });
  return { fields, reads: () => reads };
}

function conditionsOf(selections: readonly unknown[]) {
  return selections.map((selection) => {
    const rule = compiled(ruleText({ selection, condition: 'selection' }));
    if (rule.kind !== 'sigma') throw new Error('expected a rule in Sigma');
    return rule.detection.condition;
  });
}

function predicatesOf(conditions: readonly Expression[]): SharedPredicates {
  const predicates = new SharedPredicates();
  for (const condition of conditions) predicates.announce(condition);
  return predicates;
}

describe('predicates that rules share', () => {
  it('are evaluated once for each record', () => {
    const conditions = conditionsOf([{ 'f|contains': 'a' }, { 'f|contains': 'A' }, [{ 'f|contains': 'a' }]]);
    const predicates = predicatesOf(conditions);
    const tests = conditions.map((condition) => predicates.compile(condition));
    for (const [value, expected] of [
      ['xax', true],
      ['xbx', false],
      ['a', true],
    ] as const) {
      const { fields, reads } = countedRecord(value);
      predicates.nextRecord();
      expect(tests.map((test) => test(fields))).toEqual([expected, expected, expected]);
      expect(reads()).toBe(1);
    }
  });

  it('are told apart by field, modifiers and values', () => {
    const conditions = conditionsOf([
      { 'f|contains': 'a' },
      { 'f|contains|cased': 'A' },
      { 'f|startswith': 'a' },
      { 'g|contains': 'a' },
      { 'f|contains': ['a', 'c'] },
    ]);
    const predicates = predicatesOf([...conditions, ...conditions]);
    const tests = conditions.map((condition) => predicates.compile(condition));
    predicates.nextRecord();
    expect(tests.map((test) => test({ f: 'xa', g: '-' }))).toEqual([true, false, false, false, true]);
    predicates.nextRecord();
    expect(tests.map((test) => test({ f: 'AC', g: 'a' }))).toEqual([true, true, true, true, true]);
  });

  it('look at each value of a long list, and at those of the record at hand only', () => {
    const conditions = conditionsOf([
      { f: 'last' },
      { 'f|endswith': 'AST' },
      { 'f|cased': 'Last' },
      { 'f|re': 'Las.' },
    ]);
    const predicates = predicatesOf(conditions);
    const tests = conditions.map((condition) => predicates.compile(condition));
    for (const length of [0, 31, 32, 33, 100]) {
      const others = Array.from({ length }, (_, at) => at);
      predicates.nextRecord();
      expect(tests.map((test) => test({ f: [...others, 'Last'] }))).toEqual([true, true, true, true]);
      predicates.nextRecord();
      expect(tests.map((test) => test({ f: others }))).toEqual([false, false, false, false]);
    }
  });

  it('that fail fail each rule that asks', () => {
    const conditions = conditionsOf([{ 'f|contains': 'a' }, { 'f|contains': 'a' }]);
    const predicates = predicatesOf(conditions);
    const fields: JsonObject = {};
    Object.defineProperty(fields, 'f', {
      get: () => {
        throw new Error('unreadable');
      },
    });
    predicates.nextRecord();
    for (const condition of conditions) expect(() => predicates.compile(condition)(fields)).toThrow('unreadable');
  });
});
