import { fold } from './fold.ts';
import { PatternError } from './regular-expression.ts';
import { ANY, compilePattern, ONE, plainText, type Pattern } from './text-pattern.ts';

/** A test of the text of a field. */
export interface TextTest {
  readonly test: (text: string) => boolean;
  /** The same of a text that is folded already, where the test is of the folded text only. */
  readonly testFolded?: ((folded: string) => boolean) | undefined;
  /** Whether it looks for a part of a text; such a test also looks inside an object. */
  readonly searches: boolean;
  /** The same for tests that are true of the same texts by construction. */
  readonly key: string;
  /**
   * The texts to one of which a text must come down for the test to be true, where there are such: both as
   * {@link comparableName} or {@link fold} makes them, as the field holds names of operations or not.
   */
  readonly equals?: ReadonlySet<string> | undefined;
}

export interface Comparison {
  /** Whether case counts. */
  readonly cased: boolean;
  /** Which characters are one dash: none, those of a Windows command line (`windash`), or those in names of operations. */
  readonly dashes: 'apart' | 'command-line' | 'name';
}

/** The five characters that `windash` takes for one another: hyphen, slash, en dash, em dash, horizontal bar. */
const COMMAND_LINE_DASHES = /[-/–—―]/g;

/** Hyphen, non-breaking hyphen, figure dash, en dash, em dash, horizontal bar, minus, small and full-width forms. */
const NAME_DASHES = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;

/** Anything but ASCII: without it there is no dash but the hyphen. */
const BEYOND_ASCII = /[^\0-\x7f]/;

/** The name of an operation, so that two spellings of one name are the same: without case and kind of dash. */
export function comparableName(text: string): string {
  return oneDash(fold(text));
}

function oneDash(text: string): string {
  return BEYOND_ASCII.test(text) ? text.replace(NAME_DASHES, '-') : text;
}

/** Tests that are true, one or the other, of the texts that match one of the patterns. @throws PatternError where they cost too much */
export function testsOf(patterns: readonly Pattern[], comparison: Comparison): TextTest[] {
  const normal = normaliser(comparison);
  const plain = new Set<string>();
  const searching: Pattern[] = [];
  const anchored: Pattern[] = [];
  for (const pattern of patterns) {
    const text = plainText(pattern);
    if (text !== undefined) plain.add(text);
    else (pattern[0] === ANY && pattern.at(-1) === ANY ? searching : anchored).push(pattern);
  }
  const tests: TextTest[] = [];
  if (plain.size > 0) tests.push(equalityTest(plain, comparison, normal));
  for (const [group, searches] of [
    [anchored, false],
    [searching, true],
  ] as const) {
    if (group.length > 0) tests.push(patternTest(group, searches, comparison, normal));
  }
  return tests;
}

/** How texts are made alike before they are compared. */
export function normaliser({ cased, dashes }: Comparison): (text: string) => string {
  const folded = cased ? (text: string) => text : fold;
  if (dashes === 'apart') return folded;
  if (dashes === 'name') return cased ? oneDash : comparableName;
  return (text) => folded(text).replace(COMMAND_LINE_DASHES, '-');
}

/** Names a comparison of texts, for the keys of tests. */
export function comparisonKey({ cased, dashes }: Comparison): string {
  return `${cased ? 'cased' : 'folded'} ${dashes}`;
}

function equalityTest(texts: ReadonlySet<string>, comparison: Comparison, normal: (text: string) => string): TextTest {
  const wanted = new Set([...texts].map(normal));
  // Nothing makes a text shorter, so that a longer one needs no comparison.
  const longest = wanted.values().reduce((length, text) => Math.max(length, text.length), 0);
  const comparable = comparison.dashes === 'name' ? comparableName : fold;
  return {
    test: (text) => text.length <= longest && wanted.has(normal(text)),
    testFolded: foldsOnly(comparison) ? (folded) => wanted.has(folded) : undefined,
    searches: false,
    key: JSON.stringify(['equals', comparisonKey(comparison), ...[...wanted].sort()]),
    equals: comparison.dashes === 'command-line' ? undefined : new Set([...texts].map(comparable)),
  };
}

/** The most values with wildcards of an item: each is looked for by itself. */
const MAX_PATTERNS = 5000;

/**
 * The most characters between two wildcards. Where a long text is looked for in a long text, both made for it, V8 takes the
 * product of the lengths: with this bound, at most a second for a megabyte (measured).
 */
const MAX_SEARCHED = 2048;

/** @throws PatternError */
function refuseCostly(patterns: readonly Pattern[]): void {
  if (patterns.length > MAX_PATTERNS) {
    throw new PatternError(
      `at most ${MAX_PATTERNS} values with wildcards, these are ${patterns.length}; split the rule`,
    );
  }
  const long = patterns.some((pattern) =>
    pattern.some((part) => typeof part === 'string' && part.length > MAX_SEARCHED),
  );
  if (long)
    throw new PatternError(`at most ${MAX_SEARCHED} characters before, between and after wildcards; look for less`);
}

function patternTest(
  patterns: readonly Pattern[],
  searches: boolean,
  comparison: Comparison,
  normal: (text: string) => string,
): TextTest {
  refuseCostly(patterns);
  const comparable = patterns.map((pattern) => pattern.map((part) => (typeof part === 'string' ? normal(part) : part)));
  const keys = comparable.map((pattern) =>
    JSON.stringify(pattern.map((part) => (part === ANY ? { any: true } : part === ONE ? { one: true } : part))),
  );
  const test = anyOf(comparable.map(compilePattern));
  return {
    test: (text) => test(normal(text)),
    testFolded: foldsOnly(comparison) ? test : undefined,
    searches,
    key: JSON.stringify(['matches', comparisonKey(comparison), ...keys.sort()]),
  };
}

function foldsOnly({ cased, dashes }: Comparison): boolean {
  return !cased && dashes === 'apart';
}

function anyOf(tests: readonly ((text: string) => boolean)[]): (text: string) => boolean {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return (text) => {
    for (const test of tests) if (test(text)) return true;
    return false;
  };
}
