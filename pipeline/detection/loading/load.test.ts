import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileRules, loadRules } from './load.ts';
import { recordOf, ruleText } from '../testing/rule-samples.ts';
import type { RuleSet } from '../matching/rule-set.ts';

const rule = (id: string, selection: unknown = { eventName: id }): string =>
  ruleText({ selection, condition: 'selection' }, { id });

describe('loadRules', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'crosstrail-rules-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('reads every rule file below the directories, in the order of their paths', async () => {
    await mkdir(join(directory, 'one', 'deep'), { recursive: true });
    await mkdir(join(directory, 'two', 'folder.yml'), { recursive: true });
    await writeFile(join(directory, 'one', 'b.yml'), rule('second'));
    await writeFile(join(directory, 'one', 'a.YAML'), rule('first'));
    await writeFile(join(directory, 'one', 'deep', 'c.yml'), rule('third'));
    await writeFile(join(directory, 'one', 'a.tests.yml'), '- name: no rule');
    await writeFile(join(directory, 'one', 'notes.md'), 'no rule');
    await writeFile(join(directory, 'two', 'a.yml'), rule('fourth'));
    await symlink(join(directory, 'two', 'a.yml'), join(directory, 'two', 'linked.yml'));
    const { rules, rejected } = await loadRules([join(directory, 'one'), join(directory, 'two')]);
    expect(rules.map(({ id }) => id)).toEqual(['first', 'second', 'third', 'fourth']);
    expect(rules[0]?.file).toBe(join(directory, 'one', 'a.YAML'));
    expect(rejected).toEqual([
      {
        file: join(directory, 'two', 'linked.yml'),
        line: 1,
        reason: expect.stringContaining('the id fourth is taken by the rule at') as string,
      },
    ]);
  });

  it('names files that cannot be read, and reads the others', async () => {
    await writeFile(join(directory, 'bytes.yml'), Buffer.from([0x74, 0xff, 0xfe, 0x3a]));
    await writeFile(join(directory, 'large.yml'), '#'.repeat(1_048_577));
    await writeFile(join(directory, 'fine.yml'), rule('fine'));
    await symlink(join(directory, 'nowhere'), join(directory, 'broken.yml'));
    const { rules, rejected } = await loadRules([directory]);
    expect(rules.map(({ id }) => id)).toEqual(['fine']);
    expect(rejected.map(({ file, reason }) => [file.slice(directory.length + 1), reason])).toEqual([
      ['broken.yml', expect.stringContaining('no such file')],
      ['bytes.yml', expect.stringContaining('not readable')],
      ['large.yml', expect.stringContaining('larger than 1048576 bytes; split it')],
    ]);
  });

  it('puts replacements in the place of the rules of their ids, be they a file or a directory', async () => {
    const old = join(directory, 'old');
    const changed = join(directory, 'changed');
    const other = join(directory, 'other.yml');
    await mkdir(old);
    await mkdir(changed);
    await writeFile(join(old, 'rules.yml'), [rule('a'), rule('b'), rule('c')].join('\n---\n'));
    await writeFile(join(changed, 'rules.yml'), [rule('b', { eventName: 'new' }), rule('d')].join('\n---\n'));
    await writeFile(other, [rule('c', { eventName: 'new' }), rule('c')].join('\n---\n'));
    const { rules, rejected } = await loadRules([old], { replacements: [changed, other] });
    expect(rules.map(({ id, file }) => [id, file])).toEqual([
      ['a', join(old, 'rules.yml')],
      ['b', join(changed, 'rules.yml')],
      ['c', other],
      ['d', join(changed, 'rules.yml')],
    ]);
    expect(rules.filter((one) => one.matches(recordOf({ eventName: 'new' }))).map(({ id }) => id)).toEqual(['b', 'c']);
    expect(rejected).toMatchObject([{ file: other, line: 3 }]);
    const itself = await loadRules([old], { replacements: [join(old, 'rules.yml')] });
    expect([itself.rules.length, itself.rejected]).toEqual([3, []]);
  });

  it('throws where there is no such directory', async () => {
    await expect(loadRules([join(directory, 'absent')])).rejects.toThrow(
      /the directory of rules .*absent cannot be read; name one that exists/,
    );
  });
});

const typescript = (id: string, matches: string, more = ''): string =>
  `export default { id: '${id}', title: '${id}', classes: [0], matches: ${matches}, ${more} } satisfies object;`;

describe('rules in TypeScript', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'crosstrail-rules-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });
  const write = (name: string, text: string) => writeFile(join(directory, name), text);
  const load = () => loadRules([directory], { typescript: true });
  const ids = ({ rules }: RuleSet) => rules.map(({ id }) => id);

  it('are code, and refused unless they are allowed; Sigma rules beside them are not', async () => {
    await write('a.rule.ts', typescript('first', '() => true'));
    await write('b.yml', rule('second'));
    const refused = await loadRules([directory]);
    expect(ids(refused)).toEqual(['second']);
    expect(refused.rejected).toEqual([
      {
        file: join(directory, 'a.rule.ts'),
        reason: expect.stringMatching(/are code.*crosstrail\.yaml, or with --typescript/) as string,
      },
    ]);
    const allowed = await load();
    expect(ids(allowed)).toEqual(['first', 'second']);
    expect(allowed.rejected).toEqual([]);
  });

  it('stand in their directory with others, each under an id of its own, and cost no other', async () => {
    await write('a.rule.ts', typescript('first', '() => true'));
    await write('b.rule.ts', 'throw new Error("no");');
    await write('c.rule.ts', typescript('first', '() => true'));
    await write('d.yml', rule('first'));
    await write('helper.ts', 'no rule');
    const set = await load();
    expect(ids(set)).toEqual(['first']);
    expect(set.rejected.map(({ file, line, reason }) => [file.slice(directory.length + 1), line, reason])).toEqual([
      ['b.rule.ts', 1, 'importing it throws: Error: no'],
      ['c.rule.ts', 1, expect.stringContaining('the id first is taken by the rule at')],
      ['d.yml', 1, expect.stringContaining('the id first is taken by the rule at')],
    ]);
  });

  it('are read anew where their text has changed', async () => {
    await write('a.rule.ts', typescript('first', '() => false'));
    expect((await load()).match(recordOf({}))).toEqual([]);
    await write('a.rule.ts', typescript('first', '() => true'));
    expect((await load()).match(recordOf({}))).toHaveLength(1);
  });
});

/** What comes of one file. */
function load(text: string): { ids: string[]; rejected: (readonly [line: number | undefined, reason: string])[] } {
  const { rules, rejected } = compileRules([{ file: 'rules.yml', text }]);
  return { ids: rules.map(({ id }) => id), rejected: rejected.map(({ line, reason }) => [line, reason]) };
}

const GOOD = `title: Good
id: good
logsource: {product: aws}
detection:
  selection: {f: a}
  condition: selection
`;

describe('compileRules', () => {
  it('reads the documents of a file, each by itself', () => {
    const text = [GOOD, 'title: Bad\n', '# nothing\n', GOOD.replace('id: good', 'id: other')].join('---\n');
    expect(load(text)).toEqual({
      ids: ['good', 'other'],
      rejected: [[8, expect.stringContaining('logsource: expected a category') as string]],
    });
  });

  it('keeps the neighbours of a document that is no YAML', () => {
    const { ids, rejected } = load([GOOD, 'title: [unclosed\n', GOOD.replace('id: good', 'id: other')].join('---\n'));
    expect(ids).toEqual(['good', 'other']);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]?.[1]).toContain('not readable as YAML');
  });

  it.each<[what: string, text: string, line: number | undefined, reason: RegExp]>([
    ['duplicate keys', `${GOOD}title: Again\n`, 7, /not readable as YAML: the keys of a map must differ/],
    ['an unknown tag', GOOD.replace('Good', '!!js/function "x"'), 1, /not readable as YAML: Unresolved tag/],
    ['an alias to nothing', GOOD.replace('Good', '*absent'), 1, /not readable as YAML: .*(alias|anchor)/i],
    ['tabs for indentation', 'title: x\ndetection:\n\tselection: 1\n', 3, /not readable as YAML/],
    ['a list', '- title: x\n', 1, /expected a Sigma rule/],
    ['text', 'only text', 1, /expected a Sigma rule/],
    ['nothing', '# only a comment\n', undefined, /the file is empty/],
    [
      'a value of a wrong kind',
      GOOD.replace('{f: a}', '\n    f:\n      - a\n      - {g: b}'),
      8,
      /expected a text.*found a map/,
    ],
    ['an unknown modifier', GOOD.replace('{f: a}', '\n    g: b\n    f|like: a'), 7, /unknown modifier 'like'/],
    [
      'a bad condition',
      GOOD.replace('condition: selection', 'condition: sel'),
      6,
      /condition: there is no selection 'sel'/,
    ],
    ['a bad value of the project', `${GOOD}crosstrail:\n  window: 1h\n  decision: shout\n`, 9, /crosstrail.decision/],
  ])('says of %s what is wrong and where', (_, text, line, reason) => {
    expect(load(text)).toEqual({ ids: [], rejected: [[line, expect.stringMatching(reason) as string]] });
  });

  it('bounds what a bomb of aliases can cost', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const members = Array<string>(10)
        .fill(level === 0 ? 'boom' : `*a${level - 1}`)
        .join(', ');
      return `a${level}: &a${level} [${members}]`;
    });
    const started = performance.now();
    const { ids, rejected } = load(`${GOOD}${levels.join('\n')}\n`);
    expect(ids).toEqual([]);
    expect(rejected[0]?.[1]).toContain('more than 100000 values');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('takes aliases within reason, and no merge keys', () => {
    expect(load(GOOD.replace('{f: a}', '{f: &v a, g: *v}')).ids).toEqual(['good']);
    expect(load('base: &b {f: a}\n' + GOOD.replace('{f: a}', '{<<: *b}')).rejected[0]?.[1]).toContain('merge keys');
  });

  it('bounds nesting and size', () => {
    expect(load('['.repeat(100_000)).rejected[0]?.[1]).toMatch(/not readable as YAML/);
    expect(load(`${GOOD}custom: ${'{a: '.repeat(10_000)}1${'}'.repeat(10_000)}\n`).rejected[0]?.[1]).toMatch(
      /nested deeper than/,
    );
    expect(load(`#${'x'.repeat(1_048_576)}`).rejected).toEqual([[undefined, expect.stringContaining('larger than')]]);
    const many = Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`s${index}`, { f: 'a' }]));
    expect(load(ruleText({ ...many, condition: '1 of them' })).rejected[0]?.[1]).toContain('at most 500 selections');
  });

  it('compiles the largest rule that it takes in bounded time', () => {
    const fields = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`field${index}`, 'a']));
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`s${index}`, fields]));
    const load500 = (condition: string): { ids: string[]; rejected: unknown[] } =>
      load(ruleText({ ...many, condition }, { id: 'large' }));
    const started = performance.now();
    expect(load500(Array<string>(20).fill('1 of them').join(' and ')).ids).toEqual(['large']);
    expect(load500(Array<string>(700).fill('1 of them').join(' or ')).rejected).toEqual([
      [1, 'condition: the conditions of a rule name at most 10000 selections'],
    ]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('has keys of the prototype as any others', () => {
    const text =
      '{"title":"T","id":"t","logsource":{"product":"aws"},"detection":{"__proto__":{"constructor":"x"},"condition":"__proto__"},"__proto__":{"correlation":1},"constructor":2}';
    const set = compileRules([{ file: 'rules.yml', text }]);
    expect(set.rejected).toEqual([]);
    expect(set.match(recordOf({ constructor: 'X' }))).toHaveLength(1);
    expect(set.match(recordOf({}))).toHaveLength(0);
  });

  it('rejects a second rule of an id, naming the first', () => {
    const set = compileRules([
      { file: 'one.yml', text: rule('same') },
      { file: 'two.yml', text: `\n${rule('same')}` },
    ]);
    expect(set.rules.map(({ file }) => file)).toEqual(['one.yml']);
    expect(set.rejected).toEqual([
      {
        file: 'two.yml',
        line: 2,
        reason: 'the id same is taken by the rule at one.yml:1; give each rule an id of its own',
      },
    ]);
  });
});
