import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RuleReferences, type RefusedDocument } from '../loading/rule-references.ts';
import type { SigmaRule } from '../rule.ts';
import { baseRule, correlationOf } from './correlation-samples.ts';
import { resolveCorrelations, type ReadCorrelation, type ResolvedCorrelations } from './resolve-correlations.ts';

/** A correlation over references, in a document in which the reference at index n stands in line 10 + n. */
function over(id: string, rules: readonly string[], more: Readonly<Record<string, unknown>> = {}): ReadCorrelation {
  const rule = correlationOf({ type: 'temporal', rules, timespan: '5m', ...more }, { id, name: `name_of_${id}` });
  const lineOf = (path: readonly (string | number)[]): number =>
    path[1] === 'rules' && typeof path[2] === 'number' ? 10 + path[2] : 1;
  return { rule, document: { file: `${id}.yml`, line: 1, value: {}, lineOf } };
}

function resolve(
  correlations: readonly ReadCorrelation[],
  rules: readonly SigmaRule[] = [],
  refused: readonly RefusedDocument[] = [],
): ResolvedCorrelations {
  const references = new RuleReferences([...rules, ...correlations.map(({ rule }) => rule)], refused);
  return resolveCorrelations(correlations, references);
}

const RULES = [baseRule('id-a', { name: 'a' }), baseRule('id-b', { name: 'b' })];

describe('resolveCorrelations', () => {
  it('puts ids in place of ids and names, in conditions and aliases too', () => {
    const correlation = over('c', ['a', 'id-b'], {
      condition: 'a and not id-b',
      aliases: { user: { a: 'userName', b: 'caller' } },
      'group-by': ['user'],
    });
    const { correlations, rejected } = resolve([correlation], RULES);
    expect(rejected).toEqual([]);
    expect(correlations).toMatchObject([{ id: 'c', rules: ['id-a', 'id-b'] }]);
    expect(correlations[0]?.aliases).toEqual(
      new Map([
        [
          'user',
          new Map([
            ['id-a', 'userName'],
            ['id-b', 'caller'],
          ]),
        ],
      ]),
    );
    expect(JSON.stringify(correlations[0]?.condition)).toContain('"rule":"id-b"');
  });

  it('finds correlations by id and by name, and gives each after those that it is built on', () => {
    const { correlations } = resolve(
      [over('top', ['name_of_middle', 'a']), over('middle', ['bottom']), over('bottom', ['a', 'b'])],
      RULES,
    );
    expect(correlations.map(({ id, rules }) => [id, rules])).toEqual([
      ['bottom', ['id-a', 'id-b']],
      ['middle', ['bottom']],
      ['top', ['middle', 'id-a']],
    ]);
  });

  it('takes what is an id for the id, though it is also a name', () => {
    const { correlations } = resolve([over('c', ['id-a'])], [...RULES, baseRule('other', { name: 'id-a' })]);
    expect(correlations[0]?.rules).toEqual(['id-a']);
  });

  it.each<[what: string, read: ReadCorrelation, line: number, reason: RegExp]>([
    ['a rule that is not there', over('c', ['a', 'nobody']), 11, /^no rule with the id or the name 'nobody' is loaded/],
    [
      'a name of several rules',
      over('c', ['a', 'twice']),
      11,
      /^2 rules have the name 'twice', at rules\.yml:1 and other\.yml:7; refer to an id/,
    ],
    [
      'a rule under its id and its name',
      over('c', ['a', 'id-a']),
      11,
      /^'id-a' means a rule that is referred to already/,
    ],
    [
      'a rejected rule',
      over('c', ['a', 'broken']),
      11,
      /^needs the rule 'broken', which is rejected \(bad\.yml:3: no such modifier\)/,
    ],
    [
      'an alias of a rule that is not there',
      over('c', ['a'], { aliases: { x: { nobody: 'f' } } }),
      1,
      /^no rule with the id or the name 'nobody'/,
    ],
    [
      'an alias of a rule that is not its own',
      over('c', ['a'], { aliases: { x: { b: 'f' } } }),
      1,
      /^the alias 'x' has a field of 'b', which is not among the rules/,
    ],
    ['itself', over('c', ['a', 'c']), 11, /^the correlation refers to itself/],
  ])('rejects what refers to %s', (_, read, line, reason) => {
    const rules = [
      ...RULES,
      baseRule('t1', { name: 'twice' }),
      baseRule('t2', { name: 'twice', file: 'other.yml', line: 7 }),
    ];
    const refused = [{ names: ['broken'], rejected: { file: 'bad.yml', line: 3, reason: 'no such modifier' } }];
    expect(resolve([read], rules, refused)).toEqual({
      correlations: [],
      rejected: [{ file: 'c.yml', line, reason: expect.stringMatching(reason) as string }],
    });
  });

  it('rejects a circle, naming it from each of its members, and what is built on it', () => {
    const circle = [
      over('x', ['y']),
      over('y', ['a', 'z']),
      over('z', ['x']),
      over('above', ['y']),
      over('apart', ['a']),
    ];
    const { correlations, rejected } = resolve(circle, RULES);
    expect(correlations.map(({ id }) => id)).toEqual(['apart']);
    expect(rejected.map(({ file, line, reason }) => [file, line, reason])).toEqual([
      ['x.yml', 10, "correlations refer to each other in a circle: 'x' → 'y' → 'z' → 'x'"],
      ['y.yml', 11, "correlations refer to each other in a circle: 'y' → 'z' → 'x' → 'y'"],
      ['z.yml', 10, "correlations refer to each other in a circle: 'z' → 'x' → 'y' → 'z'"],
      [
        'above.yml',
        10,
        expect.stringContaining("needs the rule 'y', which is rejected (y.yml:11: correlations refer") as string,
      ],
    ]);
  });

  it('bounds how high correlations are built on one another', () => {
    const chain = Array.from({ length: 12 }, (_, at) => over(`c${at}`, [at === 0 ? 'a' : `c${at - 1}`]));
    const { correlations, rejected } = resolve(chain.toReversed(), RULES);
    expect(correlations.map(({ id }) => id)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
    expect(rejected[0]).toMatchObject({ file: 'c5.yml', reason: 'at most 5 correlations may be built on one another' });
    expect(rejected.at(-1)).toMatchObject({ file: 'c11.yml' });
  });

  it('bounds how many matches one event may be to a correlation', () => {
    const low = Array.from({ length: 40 }, (_, at) => over(`low${at}`, ['a']));
    const high = Array.from({ length: 40 }, (_, at) =>
      over(
        `high${at}`,
        low.map(({ rule }) => rule.id),
      ),
    );
    const { correlations, rejected } = resolve(
      [
        ...low,
        ...high,
        over(
          'top',
          high.map(({ rule }) => rule.id),
        ),
      ],
      RULES,
    );
    expect(correlations).toHaveLength(80);
    expect(rejected.map(({ reason }) => reason)).toEqual([
      'an event may be up to 1600 matches to this correlation, through those that it is built on; at most 1000 are taken',
    ]);
  });

  it('takes ten thousand correlations in a circle or a chain in bounded time', () => {
    const one = over('c', ['a']);
    const many = Array.from({ length: 10_000 }, (_, at) => ({
      ...one,
      rule: { ...one.rule, id: `c${at}`, rules: [`c${(at + 1) % 10_000}`] },
    }));
    const started = performance.now();
    expect(resolve(many).rejected).toHaveLength(10_000);
    expect(resolve(many.slice(0, -1)).rejected).toHaveLength(9_999);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('either resolves or rejects each, whatever refers to whatever', () => {
    const reference = fc.constantFrom('a', 'b', 'nobody', 'c0', 'c1', 'c2', 'c3', 'c4');
    const all = fc.array(fc.uniqueArray(reference, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(all, (lists) => {
        const read = lists.map((rules, at) => over(`c${at}`, rules));
        const { correlations, rejected } = resolve(read, RULES);
        expect(correlations.length + rejected.length).toBe(read.length);
        const usable = new Set(['id-a', 'id-b']);
        for (const { id, rules } of correlations) {
          for (const rule of rules) expect(usable).toContain(rule);
          usable.add(id);
        }
      }),
    );
  });
});
