import { describe, expect, it } from 'vitest';
import { filterWarnings } from '../sigma/filter-rule.ts';
import {
  correlationText,
  COUNT,
  filterText,
  firedIds,
  KNOWN,
  reasonsOf,
  rowsOf,
  RULE,
  setOf,
  type Rows,
} from './samples.ts';

const FILTERS: Rows = {
  effect: () => {
    const silenced = setOf([RULE, filterText(KNOWN)]);
    expect([firedIds(silenced, { f: 'a' }), firedIds(silenced, { f: 'a', g: 'known' })]).toEqual([['r'], []]);
    const bare = setOf([RULE, filterText({ ...KNOWN, condition: 'selection' })]);
    expect([firedIds(bare, { f: 'a' }), firedIds(bare, { f: 'a', g: 'known' })]).toEqual([[], ['r']]);
    expect([silenced, bare].map(({ filters }) => filters.flatMap(filterWarnings).length)).toEqual([0, 1]);
  },
  '`rules` of a filter': () => {
    for (const rules of [['r'], 'named', 'any', 'all', []]) {
      expect(firedIds(setOf([RULE, filterText({ ...KNOWN, rules })]), { f: 'a', g: 'known' })).toEqual([]);
    }
    expect(reasonsOf(RULE, filterText({ ...KNOWN, rules: undefined }))).toEqual([
      expect.stringMatching(/^filter\.rules/),
    ]);
  },
  '`logsource` of a filter': () => {
    const narrower = { logsource: { product: 'aws', service: 's3' } };
    expect(reasonsOf(RULE, filterText(KNOWN, narrower))).toEqual([
      expect.stringMatching(/does not take in that of 'r'/),
    ]);
    const set = setOf([RULE, filterText({ ...KNOWN, rules: 'any' }, narrower)]);
    expect(firedIds(set, { f: 'a', g: 'known' })).toEqual(['r']);
    expect(reasonsOf(RULE, filterText(KNOWN, { logsource: null }))).toEqual([expect.stringMatching(/^logsource: /)]);
  },
  'references of a filter': () => {
    const reason = (rule: string) =>
      reasonsOf(RULE, correlationText(COUNT), filterText({ ...KNOWN, rules: ['r', rule] }))[0];
    expect(reason('nobody')).toMatch(/^no rule with the id or the name 'nobody'/);
    expect(reason('many')).toMatch(/^filters do not apply to correlations/);
  },
  'condition of a filter': () => {
    expect(reasonsOf(RULE, filterText({ ...KNOWN, condition: ['not selection'] }))).toEqual([
      'filter.condition: expected a text, and no list',
    ]);
  },
};

const SECTIONS = { Filters: FILTERS };

describe.each(Object.entries(SECTIONS))('Sigma: %s', (section, rows) => {
  it.each(Object.entries(rows))('%s', (_row, test) => {
    test();
  });

  it('has a row in docs/sigma.md for each test, and no other', () => {
    expect(rowsOf(section)).toEqual(Object.keys(rows));
  });
});
