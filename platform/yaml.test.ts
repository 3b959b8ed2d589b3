import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readYaml, YamlError } from './yaml.ts';

/** The values of a text's documents, each with the line that it begins at. */
const valuesOf = (text: string) => readYaml(text).map((document) => [document.line, document.value()]);

/** Why a text, or its first document that is refused, cannot be read, and where. */
function refusalOf(text: string): string {
  try {
    for (const document of readYaml(text)) document.value();
  } catch (error) {
    if (error instanceof YamlError) return `${String(error.line)}: ${error.message}`;
    throw error;
  }
  return 'it is read';
}

const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join('');

describe('readYaml', () => {
  it('gives each document as plain data, with its line', () => {
    expect(valuesOf('a: 1\nb: [x, null, true]\n---\n# a comment\nc: {d: 1.5}\n')).toEqual([
      [1, { a: 1, b: ['x', null, true] }],
      [5, { c: { d: 1.5 } }],
    ]);
  });

  it('names the line of a path, or of what stands nearest above it', () => {
    const [document] = readYaml('a:\n  b:\n    - x\n    - y\n');
    expect(document?.lineOf(['a', 'b', 1])).toBe(4);
    expect(document?.lineOf(['a', 'b', 7])).toBe(2);
    expect(document?.lineOf(['a', 'b'])).toBe(2);
    expect(document?.lineOf(['a', 'b', 1, 'c'])).toBe(4);
    expect(document?.lineOf(['z'])).toBeUndefined();
  });

  it('repeats what an alias names', () => {
    expect(valuesOf('- &a {x: 1}\n- *a\n- &k key: *a\n  other: *k\n')).toEqual([
      [1, [{ x: 1 }, { x: 1 }, { key: { x: 1 }, other: 'key' }]],
    ]);
  });

  it('makes own keys of what objects inherit', () => {
    const [[, value] = []] = valuesOf('__proto__: {admin: true}\nconstructor: 1\n');
    expect(JSON.stringify(value)).toBe('{"__proto__":{"admin":true},"constructor":1}');
    expect(value).not.toHaveProperty('admin');
    expect(Object.prototype).not.toHaveProperty('admin');
  });

  it.each([
    ['a byte order mark', '\ufeffa: b\n'],
    ['line ends of Windows', 'a: b\r\n'],
    ['a key that is a number', '{a: b}'],
  ])('reads %s', (_name, text) => {
    expect(valuesOf(text)).toEqual([[1, { a: 'b' }]]);
  });

  it('keeps as text what an earlier YAML makes more of', () => {
    expect(valuesOf('%YAML 1.1\n---\nday: 2026-03-02\n<<: {a: 1}\n')).toEqual([
      [3, { day: '2026-03-02', '<<': { a: 1 } }],
    ]);
  });

  it('reads what the library reads, where it is within bounds', () => {
    const key = fc.stringMatching(/^[a-z]{1,3}$/);
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.string()),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const text = JSON.stringify(value);
        expect(valuesOf(text)).toEqual(parseAllDocuments(text).map((document) => [1, document.toJS() as unknown]));
      }),
    );
  });
});

describe('readYaml refuses, in bounded time and memory,', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'b c d e f g h i'
      .split(' ')
      .map((name, at) => `${name}: &${name} [${many(9, () => `*${'abcdefgh'.charAt(at)},`)}]`),
  ];
  it.each([
    ['duplicate keys', 'a: 1\nb: 2\na: 3\n', /^3: the keys of a map must differ/],
    ['duplicate keys spelled otherwise', 'a: 1\n"a": 3\n', /^2: the keys of a map must differ/],
    ['keys that are lists', '? [a]\n: b\n', /^1: a key is a text/],
    ['unknown tags', 'a: 1\nb: !!js/function x\n', /^2: Unresolved tag/],
    ['bytes', 'a: 1\nb: !!binary aGVsbG8=\n', /^2: neither text nor number/],
    ['aliases of nothing', 'a: *b\n', /^1: an alias stands before/],
    ['aliases of what holds them', 'a: &a [*a]\n', /^1: an alias stands before/],
    ['tabs as indentation', 'a:\n\tb: 1\n', /^2: Tabs are not allowed/],
    ['what is left open', 'a: [1, 2\nb: 3\n', /^\d: /],
    ['bombs of aliases', bomb.join('\n'), /^6: more than 100000 values/],
    [
      'a large value repeated',
      `a: &a [${many(2000, () => 'x,')}]\nb: [${many(60, () => '*a,')}]`,
      /^2: more than 100000 values/,
    ],
    ['more nesting than a stack holds', '['.repeat(20_000) + ']'.repeat(20_000), /^1: nested deeper than 64/],
    ['more nesting than is taken', '['.repeat(66) + ']'.repeat(66), /^1: nested deeper than 64/],
    ['more nesting by indentation', many(70, (level) => `${' '.repeat(level)}a:\n`), /^\d+: nested deeper than 64/],
    ['a megabyte of brackets', '['.repeat(1_000_000), /^1: more than 200000 words/],
    ['a megabyte of closing brackets', ']'.repeat(1_000_000), /^1: more than 10000 documents, directives and errors/],
    ['a megabyte of documents', '---\n'.repeat(250_000), /^1000\d: more than 10000 documents/],
    ['a megabyte of directives', '%\n'.repeat(500_000), /^1000\d: more than 10000 documents/],
    [
      'a megabyte of merge keys',
      `a: &a {b: 1}\n${many(60_000, (index) => `m${index}: {<<: *a}\n`)}`,
      /more than 200000 words/,
    ],
  ])('%s', (_name, text, reason) => {
    expect(refusalOf(text)).toMatch(reason);
  });

  it('nothing because of many keys, anchors or aliases that are each of use', () => {
    // Each of these once took the square of its length: minutes.
    const texts = [
      many(25_000, (index) => `k${index}: 1\n`),
      many(15_000, (index) => `- &a${index} x\n- *a${index}\n`),
      many(25_000, (index) => `- ? k${index}\n`),
    ];
    expect(texts.map(refusalOf)).toEqual(['it is read', 'it is read', 'it is read']);
  }, 60_000);

  it('whatever it cannot read, with an error that names the line', () => {
    const piece = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '? ',
      '| ',
      '> ',
      '"',
      "'",
      '#',
      '---\n',
      '!',
      '%',
      '\t',
      '<<',
      '\u0000',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(refusalOf(pieces.join(''))).toMatch(/^\d+: .|^it is read$/);
      }),
      { numRuns: 1000 },
    );
  });
});
