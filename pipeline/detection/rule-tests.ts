import type { JsonObject } from '../../platform/json.ts';
import type { ReadRecord } from '../timeline/read-record.ts';
import type { RuleSummary, Signal } from '../timeline/signal.ts';
import { readRuleTests, RuleTestFileError, testFileOf, type ExpectedSignal, type RuleTest } from './rule-test-file.ts';
import type { RuleSet } from './rule-set.ts';
import type { CompiledRule, RejectedRule } from './rule.ts';
import { diffOf, foundText, type DiffLine, type FoundSignal } from './signal-diff.ts';
import { whySilent } from './why-silent.ts';

export interface RuleTestResult {
  readonly name: string;
  /** Where the test stands, from 1. */
  readonly line: number;
  readonly passed: boolean;
  readonly milliseconds: number;
  /** Where it did not pass. */
  readonly failure?: RuleTestFailure | undefined;
}

/** Why a test failed. Its texts are the rules' and the records' own: make them printable before they are shown. */
export interface RuleTestFailure {
  readonly reason: string;
  /** What explains it, a line each. */
  readonly details: readonly string[];
  /** The signals expected and found; empty where they are not the matter. */
  readonly diff: readonly DiffLine[];
}

/** What the tests of one file of rules gave. */
export interface RuleTestReport {
  readonly file: string;
  /** The file with its tests; undefined where there is none. */
  readonly testFile: string | undefined;
  /** The rules of the file that can be used. */
  readonly rules: readonly RuleSummary[];
  /** Rules, or the file of tests, that cannot be used. */
  readonly problems: readonly RejectedRule[];
  readonly tests: readonly RuleTestResult[];
}

/** Reads a record as its source does, throwing where it is rejected. */
export type ReadTestRecord = (record: JsonObject) => ReadRecord;

/** Runs the tests that stand beside files of rules. */
export class RuleTester {
  readonly #rules: RuleSet;
  readonly #read: ReadTestRecord;
  readonly #byFile: ReadonlyMap<string, readonly CompiledRule[]>;
  readonly #rejected: ReadonlyMap<string, readonly RejectedRule[]>;

  /** @param rules the rules under test and those that they refer to; with others, their filters, but no exceptions */
  constructor(rules: RuleSet, read: ReadTestRecord) {
    this.#rules = rules;
    this.#read = read;
    this.#byFile = Map.groupBy(rules.rules, ({ file }) => file);
    this.#rejected = Map.groupBy(rules.rejected, ({ file }) => file);
  }

  /**
   * Runs the tests of one file of rules.
   * @param wanted whether to run a test; told its name
   */
  async run(file: string, wanted: (name: string) => boolean = () => true): Promise<RuleTestReport> {
    const rules = this.#byFile.get(file) ?? [];
    const problems = [...(this.#rejected.get(file) ?? [])];
    const testFile = await testFileOf(file);
    let tests: readonly RuleTest[] = [];
    try {
      if (testFile !== undefined) tests = await readRuleTests(testFile);
    } catch (error) {
      if (!(error instanceof RuleTestFileError)) throw error;
      problems.push(error.rejected);
    }
    const results = tests.filter(({ name }) => wanted(name)).map((test) => this.#timed(test, rules));
    return {
      file,
      testFile,
      rules: rules.map(({ id, title, level }) => ({ id, title, level })),
      problems,
      tests: results,
    };
  }

  #timed(test: RuleTest, rules: readonly CompiledRule[]): RuleTestResult {
    const started = performance.now();
    const failure = this.#failureOf(test, rules);
    const milliseconds = performance.now() - started;
    const { name, line } = test;
    return { name, line, milliseconds, ...(failure === undefined ? { passed: true } : { passed: false, failure }) };
  }

  #failureOf({ records, expected }: RuleTest, rules: readonly CompiledRule[]): RuleTestFailure | undefined {
    const read: ReadRecord[] = [];
    for (const [at, record] of records.entries()) {
      try {
        read.push(distinct(this.#read(record), at));
      } catch (error) {
        const which = records.length === 1 ? 'the record' : `record ${at}`;
        return failure(`${which} is rejected: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    const errors = this.#errorsOf(rules);
    const found = this.#signalsOf(read, rules);
    if (this.#errorsOf(rules) > errors) return failure('the evaluation of the rule failed');
    return (
      this.#otherOrders(read, rules, found) ??
      (typeof expected === 'boolean' ? firing(expected, found, read, rules) : unlike(diffOf(expected, found)))
    );
  }

  /** The signals of these rules, whatever others make of the records; each with the places of its records. */
  #signalsOf(
    records: readonly ReadRecord[],
    rules: readonly CompiledRule[],
    order = [...records.keys()],
  ): FoundSignal[] {
    const own = new Set(rules.map(({ id }) => id));
    return order.flatMap((at) => {
      const record = records[at];
      const signals: readonly Signal[] = record === undefined ? [] : this.#rules.match(record);
      return signals.filter(({ rule }) => own.has(rule.id)).map(({ rule, group }) => ({ rule, group, events: [at] }));
    });
  }

  /** What comes of records must not depend on the order in which they arrive. */
  #otherOrders(records: readonly ReadRecord[], rules: readonly CompiledRule[], found: readonly FoundSignal[]) {
    if (records.length < 2) return undefined;
    const places = [...records.keys()];
    for (const [name, order] of [
      ['reversed', places.toReversed()],
      ['shuffled', shuffled(places)],
    ] as const) {
      const diff = diffOf(found.map(asExpected), this.#signalsOf(records, rules, order));
      if (diff !== undefined) return failure(`gives other signals (+) where the records come ${name}`, [], diff);
    }
    return undefined;
  }

  #errorsOf(rules: readonly CompiledRule[]): number {
    return rules.reduce((sum, { id }) => sum + (this.#rules.errors.get(id)?.count ?? 0), 0);
  }
}

/**
 * What a file of rules lacks of tests, as the project's own lint asks for them: one on which something fires, and one on which
 * nothing does. Runs no test.
 */
export async function testProblems(file: string): Promise<RejectedRule[]> {
  const testFile = await testFileOf(file);
  if (testFile === undefined) return [{ file, reason: 'has no tests; write one that fires and one that does not' }];
  try {
    const tests = await readRuleTests(testFile);
    const fires = ({ expected }: RuleTest): boolean => (typeof expected === 'boolean' ? expected : expected.length > 0);
    return [true, false]
      .filter((wanted) => !tests.some((test) => fires(test) === wanted))
      .map((wanted) => ({ file: testFile, reason: `no test on which the rule ${wanted ? 'fires' : 'does not fire'}` }));
  } catch (error) {
    if (error instanceof RuleTestFileError) return [error.rejected];
    throw error;
  }
}

const failure = (reason: string, details: readonly string[] = [], diff: readonly DiffLine[] = []): RuleTestFailure => ({
  reason,
  details,
  diff,
});

function firing(
  expected: boolean,
  found: readonly FoundSignal[],
  records: readonly ReadRecord[],
  rules: readonly CompiledRule[],
): RuleTestFailure | undefined {
  if (found.length > 0 === expected) return undefined;
  if (expected) return failure('does not fire, and should', whySilent(rules, records));
  return failure(
    'fires, and should not',
    [],
    found.map((signal) => ({ sign: '+', text: foundText(signal) }) as const),
  );
}

const asExpected = ({ rule, ...signal }: FoundSignal): ExpectedSignal => ({
  ...signal,
  rule: rule.id,
  level: rule.level,
});

function unlike(diff: readonly DiffLine[] | undefined): RuleTestFailure | undefined {
  return diff && failure('gives other signals (+) than expected (-)', [], diff);
}

/** Each record of a test is an event of its own, though they may all have the id of what they are based on. */
function distinct(record: ReadRecord, at: number): ReadRecord {
  return { ...record, event: { ...record.event, id: `${record.event.id}/${at}` } };
}

/** Always the same order for as many places (a linear congruential generator; of its numbers, the high bits are good). */
function shuffled(places: readonly number[]): number[] {
  let state = 20_261_120;
  const keys = places.map(() => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0));
  return places.toSorted((one, other) => (keys[one] ?? 0) - (keys[other] ?? 0));
}
