import { expect, it } from 'vitest';
import type { CorrelationExplanation, Explanation } from '../pipeline/detection/explain/explanation.ts';
import { explanationLines } from './explanation-text.ts';

const COMMON = {
  rule: { id: 'r', title: 'Rule \u001b[2J', level: 'high', file: 'r\u0007.yml', line: 3 },
  logsource: { wanted: {}, found: { product: 'azure', service: 'audit\u001b[31mlogs' }, applies: true },
  fires: false,
} as const;
const lines = (explanation: Explanation | CorrelationExplanation): string[] => {
  const shown = explanationLines(explanation);
  expect(shown.join('')).not.toMatch(/[\u0000-\u001f\u007f]/);
  return shown;
};

it('tells of a rule in TypeScript its classes, what it says, and its key', () => {
  const classes = { wanted: [3002, 6003], found: 3002, applies: true };
  expect(lines({ ...COMMON, kind: 'typescript', classes, matched: true, fires: true, key: 'a\u001bb' })).toEqual([
    'Rule ?[2J (high) r?.yml:3',
    '✓ log source: the rule is for any, the record is of azure/audit?[31mlogs',
    '✓ class: the rule reads OCSF class 3002, 6003, the event is of 3002',
    '✓ its test is true',
    "  deduplication key 'a?b'",
    '',
    'Fires.',
  ]);
  const other = { ...COMMON, kind: 'typescript', matched: undefined } as const;
  expect(lines({ ...other, classes: { ...classes, applies: false } }).at(-1)).toBe(
    'Does not fire: the event is not of its classes.',
  );
  expect(lines({ ...other, classes, matched: false }).at(-1)).toBe('Does not fire: its test is false.');
  expect(lines({ ...other, classes, fires: true, matched: true, keyError: 'no\u001b' })).toContain(
    '  makes no deduplication key: no?',
  );
});

it('tells why there is nothing more to tell', () => {
  const failed = lines({ ...COMMON, kind: 'failed', error: 'TypeError: \u001b[2J' });
  expect(failed.slice(2)).toEqual([
    '✗ its evaluation failed: TypeError: ?[2J',
    '',
    'Does not fire: its evaluation failed.',
  ]);
  const elsewhere = { ...COMMON, logsource: { ...COMMON.logsource, applies: false } };
  expect(lines({ ...elsewhere, kind: 'failed', error: '' }).at(-1)).toBe(
    'Does not fire: the record is not of its log source.',
  );
});

it('names what is left out, what is compared with, and what may stand instead', () => {
  const item = {
    kind: 'item',
    matched: false,
    field: 'a',
    modifiers: ['fieldref'],
    paths: ['a', 'b.a'],
    present: true,
    wanted: { values: [{ value: 'c', matched: false }], more: 7 },
    found: { values: [], more: 0 },
    compared: { values: [{ place: 'c', kind: 'value', matched: true, value: 1 }], more: 2 },
  } as const;
  const part = { kind: 'or', matched: false, parts: [{ ...item, instead: { ...item, field: '' } }], more: 3 } as const;
  expect(
    lines({
      ...COMMON,
      kind: 'sigma',
      matched: false,
      written: ['sel', 'not sel'],
      condition: { kind: 'selection', matched: false, name: 'sel' },
      selections: [{ name: 'sel', matched: false, used: false, part }],
      reasons: [{ selection: 'sel', matched: false, items: ['', 'a|re'] }],
    }).slice(2),
  ).toEqual([
    '✗ condition: sel | not sel',
    '',
    '✗ sel (the condition does not name it)',
    '  ✗ one of',
    "    ✗ a | fieldref: 'c', … 7 more",
    '      reads a, b.a',
    '      an empty list',
    '      compared with: c = 1, … 2 more',
    '      or instead:',
    "        ✗ anywhere | fieldref: 'c', … 7 more",
    '          nowhere in the record',
    '          compared with: c = 1, … 2 more',
    '    … 3 more',
    '',
    'Does not fire: sel does not match (keywords, a|re).',
  ]);
});

it('tells of a correlation whether the record takes part', () => {
  const base = { ...COMMON, kind: 'failed', error: 'x' } as const;
  const correlation: CorrelationExplanation = {
    kind: 'correlation',
    rule: COMMON.rule,
    type: 'event_count',
    timespan: 300_000,
    groupBy: ['user\u001b'],
    fires: true,
    rules: {
      values: [
        {
          explanation: base,
          group: [{ name: 'user', field: 'a.b', values: { values: [{ value: 'ann\u001b' }], more: 1 } }],
        },
      ],
      more: 4,
    },
  };
  expect(lines(correlation)).toEqual([
    'Rule ?[2J (high) r?.yml:3',
    '✓ correlation: event_count within 5 min by user? of these rules',
    '',
    '  Rule ?[2J (high) r?.yml:3',
    '  ✓ log source: the rule is for any, the record is of azure/audit?[31mlogs',
    '  ✗ its evaluation failed: x',
    '  Does not fire: its evaluation failed.',
    "  Is grouped by user (a.b): 'ann?', … 1 more",
    '',
    '… 4 more',
    '',
    'Takes part.',
  ]);
  expect(lines({ ...correlation, fires: false }).at(-1)).toBe('Takes no part: none of its rules fires.');
});
