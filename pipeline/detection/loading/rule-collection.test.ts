import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules } from './load.ts';

const base = (id: string): string => `title: Failed
id: ${id}
name: name_of_${id}
logsource: { product: aws }
detection:
  selection: { eventName: ${id} }
  condition: selection
`;

const correlation = (id: string, rules: readonly string[]): string => `title: Many
id: ${id}
correlation:
  type: event_count
  rules:
${rules.map((rule) => `    - ${rule}`).join('\n')}
  timespan: 5m
  condition: { gte: 3 }
`;

const load = (...texts: readonly string[]) => compileRules(texts.map((text, at) => ({ file: `${at}.yml`, text })));

describe('documents of all kinds', () => {
  it('stand in one file with what they refer to', () => {
    const set = load([correlation('many', ['name_of_a', 'b']), base('a'), base('b')].join('---\n'));
    expect(set.rejected).toEqual([]);
    expect(set.rules.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(set.correlations).toMatchObject([{ id: 'many', rules: ['a', 'b'], line: 1 }]);
  });

  it('or in several, read in any order', () => {
    const set = load(correlation('top', ['many']), correlation('many', ['a']), base('a'));
    expect(set.rejected).toEqual([]);
    expect(set.correlations.map(({ id }) => id)).toEqual(['many', 'top']);
  });

  it('are rejected each at its own line, far down in a file and in a list', () => {
    const documents = [base('a'), base('b'), correlation('many', ['a', 'b', 'nobody'])];
    const { correlations, rejected } = load(`# A comment\n${documents.join('---\n')}`);
    expect(correlations).toEqual([]);
    expect(rejected).toEqual([
      { file: '0.yml', line: 25, reason: "no rule with the id or the name 'nobody' is loaded" },
    ]);
  });

  it('with a rejected rule are rejected too, and it says why', () => {
    const broken = base('a').replace('eventName:', 'eventName|like:');
    const { correlations, rejected } = load([base('b'), broken, correlation('many', ['b', 'name_of_a'])].join('---\n'));
    expect(correlations).toEqual([]);
    expect(rejected).toMatchObject([
      { line: 14, reason: expect.stringContaining("unknown modifier 'like'") as string },
      {
        line: 23,
        reason: expect.stringMatching(
          /^needs the rule 'name_of_a', which is rejected \(0\.yml:14: unknown modifier/,
        ) as string,
      },
    ]);
  });

  it('have ids of their own, detection and correlation rules together', () => {
    const { rules, correlations, rejected } = load(base('a'), correlation('a', ['a']));
    expect([rules.length, correlations.length]).toEqual([1, 0]);
    expect(rejected).toEqual([
      { file: '1.yml', line: 2, reason: 'the id a is taken by the rule at 0.yml:1; give each rule an id of its own' },
    ]);
  });

  it('take the place of others where they are to replace them', () => {
    const sources = [
      { file: 'old.yml', text: [base('a'), base('b'), correlation('many', ['a'])].join('---\n') },
      { file: 'new.yml', text: [base('a'), correlation('many', ['b'])].join('---\n'), replaces: true },
    ];
    const set = compileRules(sources);
    expect(set.rejected).toEqual([]);
    expect(set.rules.map(({ id, file }) => [id, file])).toEqual([
      ['a', 'new.yml'],
      ['b', 'old.yml'],
    ]);
    expect(set.correlations).toMatchObject([{ id: 'many', file: 'new.yml', rules: ['b'] }]);
  });

  it('may be ten thousand', () => {
    const texts = Array.from({ length: 200 }, (_, file) =>
      Array.from({ length: 25 }, (_, at) => [base(`r${file}_${at}`), correlation(`c${file}_${at}`, [`r${file}_${at}`])])
        .flat()
        .join('---\n'),
    );
    const started = performance.now();
    const set = load(...texts);
    expect([set.rules.length, set.correlations.length, set.rejected.length]).toEqual([5000, 5000, 0]);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('any document', () => {
  const word = fc.constantFrom(
    'a',
    'b',
    'many',
    'any',
    'temporal',
    'event_count',
    'value_sum',
    '5m',
    'a and not b',
    '%x%',
    '__proto__',
    '',
  );
  const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      word,
      fc.constantFrom(null, true, 0, -1, 1e308, 2),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(word, tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  const section = (keys: readonly string[]): fc.Arbitrary<unknown> =>
    fc.oneof(
      { weight: 8, arbitrary: fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] }) },
      value,
    );
  const bounds = section(['gt', 'gte', 'lt', 'lte', 'eq', 'neq', 'field', 'percentile']);
  const correlationSection = fc
    .tuple(section(['type', 'rules', 'group-by', 'aliases', 'timespan', 'condition', 'generate']), bounds)
    .map(([one, condition]) => (typeof one === 'object' && one !== null ? { condition, ...one } : one));
  const filterSection = section(['rules', 'selection', 'condition']);

  it('is taken or rejected, and never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(correlationSection, filterSection, value), { maxLength: 3 }), (documents) => {
        const texts = documents.flatMap(([correlation, filter, id]) => [
          JSON.stringify({ title: 'x', id, correlation }),
          JSON.stringify({ title: 'x', name: id, logsource: { product: 'aws' }, filter }),
        ]);
        const set = load(base('a'), base('b'), ...texts);
        expect(set.rules).toHaveLength(2);
        for (const { reason, line } of set.rejected) {
          expect(reason).not.toBe('');
          expect(line).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});
