import { describe, expect, it } from 'vitest';
import { compiled, reasonFor, recordOf, ruleText } from '../testing/rule-samples.ts';

const SELECTIONS = {
  a: { f: 'a' },
  b: { g: 'b' },
  c: { h: 'c' },
  'sel-x_1': { f: 'a' },
  sel_2: { g: 'b' },
  _hidden: { h: 'c' },
};

/** Whether the condition holds where exactly the named of the selections a, b and c are true. */
function holds(condition: unknown, trueOnes: string): boolean {
  const fields = Object.fromEntries(
    [
      ['a', 'f'],
      ['b', 'g'],
      ['c', 'h'],
    ].map(([letter = '', field = '']) => [field, trueOnes.includes(letter) ? letter : '-']),
  );
  return compiled(ruleText({ ...SELECTIONS, condition })).matches(recordOf(fields));
}

describe('conditions', () => {
  it.each<[condition: unknown, holdsFor: readonly string[], not: readonly string[]]>([
    ['a', ['a', 'ab'], ['', 'b']],
    ['not a', ['', 'b'], ['a']],
    ['not not a', ['a'], ['']],
    ['a and b', ['ab', 'abc'], ['a', 'b', '']],
    ['a or b', ['a', 'b'], ['', 'c']],
    ['a or b and c', ['a', 'bc'], ['b', 'c']],
    ['(a or b) and c', ['ac', 'bc'], ['a', 'ab', 'c']],
    ['not a or b', ['', 'ab'], ['a']],
    ['not (a or b)', ['', 'c'], ['a', 'b']],
    ['not a and b', ['b'], ['ab', '']],
    ['a AND NOT b OR c', ['a', 'c'], ['ab']],
    ['a and(b)and(not(c))', ['ab'], ['abc']],
    ['  ( ( a ) )  ', ['a'], ['b']],
    ['a\n  and b', ['ab'], ['a']],
    ['1 of sel*', ['a', 'b'], ['c', '']],
    ['any of sel*', ['a', 'b'], ['c']],
    ['all of sel*', ['ab'], ['a', 'b']],
    ['1 of *_2', ['b'], ['a']],
    ['1 of s*_*1', ['a'], ['b']],
    ['not 1 of sel*', ['', 'c'], ['a']],
    ['c and 1 of sel*', ['ac', 'bc'], ['c', 'a']],
    ['1 of them', ['a', 'b', 'c'], ['']],
    ['all of them', ['abc'], ['ab', 'ac']],
    ['1 of _h*', ['c'], ['a']],
    ['all of _hidden', ['c'], ['a']],
    ['sel-x_1', ['a'], ['b']],
    [
      ['a', 'b and c'],
      ['a', 'bc'],
      ['b', ''],
    ],
  ])('%j', (condition, holdsFor, not) => {
    for (const trueOnes of holdsFor) expect(holds(condition, trueOnes), `true: ${trueOnes}`).toBe(true);
    for (const trueOnes of not) expect(holds(condition, trueOnes), `true: ${trueOnes}`).toBe(false);
  });

  it('leaves hidden selections out of them', () => {
    const rule = compiled(ruleText({ a: { f: 'a' }, _b: { g: 'b' }, condition: '1 of them' }));
    expect(rule.matches(recordOf({ f: 'a' }))).toBe(true);
    expect(rule.matches(recordOf({ g: 'b' }))).toBe(false);
    expect(
      compiled(ruleText({ a: { f: 'a' }, _b: { g: 'b' }, condition: 'all of them' })).matches(recordOf({ f: 'a' })),
    ).toBe(true);
  });

  it.each<[condition: unknown, reason: RegExp]>([
    ['', /the condition is empty/],
    ['   ', /the condition is empty/],
    ['d', /there is no selection 'd'; there are a, b, c/],
    ['a b', /'and' or 'or' expected before 'b'/],
    ['a and', /the condition ends where a selection is expected/],
    ['and a', /a selection is expected where 'and' stands/],
    ['a or or b', /a selection is expected where 'or' stands/],
    ['(a', /a parenthesis is not closed/],
    ['a)', /'and' or 'or' expected before '\)'/],
    ['()', /a selection is expected where '\)' stands/],
    ['not', /the condition ends/],
    ['2 of sel*', /'1 of', 'any of' or 'all of' expected, found '2 of'/],
    ['1 of', /'them' or a pattern is expected after '1 of'/],
    ['1 of nothing*', /no selection is named as 'nothing\*' says/],
    ['1 of *hidden', /no selection is named as '\*hidden' says/],
    ['sel*', /'sel\*' is a pattern; put '1 of' or 'all of' before it/],
    ['a | count() > 5', /aggregations .* write a correlation rule/],
    ['('.repeat(10_000), /at most 10000 characters|nested deeper/],
    [`${'('.repeat(100)}a${')'.repeat(100)}`, /nested deeper than 64/],
    [`${'not '.repeat(100)}a`, /nested deeper than 64/],
    [42, /condition: expected a text/],
    [undefined, /condition: expected a text/],
    [[], /condition: expected a text/],
    [['a', 42], /condition: expected a text/],
    [Array<string>(101).fill('a or '.repeat(20)), /at most 10000 characters/],
  ])('rejects %j', (condition, reason) => {
    expect(reasonFor(ruleText({ ...SELECTIONS, condition }))).toMatch(reason);
  });
});
