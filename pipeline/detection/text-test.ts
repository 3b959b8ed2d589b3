import { fold } from './fold.ts';
import { ANY, compilePattern, plainText, type Pattern } from './text-pattern.ts';

/** A test of the text of a field. */
export interface TextTest {
  readonly test: (text: string) => boolean;
  /** Whether it looks for a part of a text; such a test also looks inside an object. */
  readonly searches: boolean;
  /** The folded texts to one of which a text must fold for the test to be true, where there are such. */
  readonly equals?: ReadonlySet<string> | undefined;
}

export interface Comparison {
  /** Whether case counts. */
  readonly cased: boolean;
  /** Whether the characters that stand for a dash on a Windows command line are one. */
  readonly dashes: boolean;
}

/** The five characters that `windash` takes for one another: hyphen, slash, en dash, em dash, horizontal bar. */
const DASHES = /[-/–—―]/g;

/** Tests that are true, one or the other, of the texts that match one of the patterns. */
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
    if (group.length === 0) continue;
    const compiled = group.map((pattern) =>
      compilePattern(pattern.map((part) => (typeof part === 'string' ? normal(part) : part))),
    );
    tests.push({ test: anyOf(compiled, normal), searches });
  }
  return tests;
}

/** How texts are made alike before they are compared. */
export function normaliser({ cased, dashes }: Comparison): (text: string) => string {
  if (!dashes) return cased ? (text) => text : fold;
  return (text) => (cased ? text : fold(text)).replace(DASHES, '-');
}

function equalityTest(texts: ReadonlySet<string>, { dashes }: Comparison, normal: (text: string) => string): TextTest {
  const wanted = new Set([...texts].map(normal));
  // Nothing makes a text shorter, so that a longer one needs no comparison.
  const longest = wanted.values().reduce((length, text) => Math.max(length, text.length), 0);
  return {
    test: (text) => text.length <= longest && wanted.has(normal(text)),
    searches: false,
    equals: dashes ? undefined : new Set([...texts].map(fold)),
  };
}

function anyOf(
  tests: readonly ((text: string) => boolean)[],
  normal: (text: string) => string,
): (text: string) => boolean {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return (text) => only(normal(text));
  return (text) => {
    const comparable = normal(text);
    return tests.some((test) => test(comparable));
  };
}
