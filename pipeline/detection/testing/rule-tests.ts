import type { JsonObject } from '../../../platform/json.ts';
import { actionOf } from '../../timeline/action-of.ts';
import type { Enrichment } from '../../timeline/ocsf/types.ts';
import type { ReadRecord } from '../../timeline/read-record.ts';
import type { RuleSummary } from '../../timeline/signal.ts';
import type { CorrelationRule } from '../correlation/correlation-rule.ts';
import { evaluateCorrelations, silencedBy, type MatchedRecord } from '../correlation/correlator.ts';
import type { CorrelatedEvent } from '../correlation/point.ts';
import { readRuleTests, RuleTestFileError, testFileOf, type ExpectedSignal, type RuleTest } from './rule-test-file.ts';
import type { RuleSet } from '../matching/rule-set.ts';
import type { CompiledRule, RejectedRule } from '../rule.ts';
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

/** What a file holds. */
interface RulesOfFile {
  readonly rules: readonly CompiledRule[];
  readonly correlations: readonly CorrelationRule[];
  /** The correlations of the file, after those in whatever file that they are built on. */
  readonly evaluated: readonly CorrelationRule[];
  /** The rules of the file that are only there for its correlations. */
  readonly silenced: ReadonlySet<string>;
}

/** Runs the tests that stand beside files of rules. */
export class RuleTester {
  readonly #set: RuleSet;
  readonly #read: ReadTestRecord;
  readonly #rules: ReadonlyMap<string, readonly CompiledRule[]>;
  readonly #correlations: ReadonlyMap<string, readonly CorrelationRule[]>;
  readonly #rejected: ReadonlyMap<string, readonly RejectedRule[]>;

  /** @param set the rules under test, and those that they refer to; without exceptions, which would suppress signals */
  constructor(set: RuleSet, read: ReadTestRecord) {
    this.#set = set;
    this.#read = read;
    this.#rules = Map.groupBy(set.rules, ({ file }) => file);
    this.#correlations = Map.groupBy(set.correlations, ({ file }) => file);
    this.#rejected = Map.groupBy(set.rejected, ({ file }) => file);
  }

  /**
   * Runs the tests of one file of rules.
   * @param wanted whether to run the test of a name
   */
  async run(file: string, wanted: (name: string) => boolean = () => true): Promise<RuleTestReport> {
    const own = this.#rulesOf(file);
    const problems = [...(this.#rejected.get(file) ?? [])];
    const testFile = await testFileOf(file);
    let tests: readonly RuleTest[] = [];
    try {
      if (testFile !== undefined) tests = await readRuleTests(testFile);
    } catch (error) {
      if (!(error instanceof RuleTestFileError)) throw error;
      problems.push(error.rejected);
    }
    const rules = [...own.rules, ...own.correlations].map(({ id, title, level }) => ({ id, title, level }));
    const results = tests.filter(({ name }) => wanted(name)).map((test) => this.#timed(test, own));
    return { file, testFile, rules, problems, tests: results };
  }

  #rulesOf(file: string): RulesOfFile {
    const correlations = this.#correlations.get(file) ?? [];
    const needed = new Set(correlations.map(({ id }) => id));
    for (const { id, rules } of this.#set.correlations.toReversed()) {
      if (needed.has(id)) for (const rule of rules) needed.add(rule);
    }
    return {
      rules: this.#rules.get(file) ?? [],
      correlations,
      evaluated: this.#set.correlations.filter(({ id }) => needed.has(id)),
      silenced: silencedBy(correlations),
    };
  }

  #timed(test: RuleTest, own: RulesOfFile): RuleTestResult {
    const started = performance.now();
    const failure = this.#failureOf(test, own);
    const milliseconds = performance.now() - started;
    const { name, line } = test;
    return { name, line, milliseconds, ...(failure === undefined ? { passed: true } : { passed: false, failure }) };
  }

  #failureOf({ records, enrichments = [], expected }: RuleTest, own: RulesOfFile): RuleTestFailure | undefined {
    if (own.rules.length + own.correlations.length === 0) return failure('the file has no rule that can be used');
    const read: ReadRecord[] = [];
    for (const [at, record] of records.entries()) {
      try {
        read.push(withKnown(distinct(this.#read(record), at), enrichments));
      } catch (error) {
        const which = records.length === 1 ? 'the record' : `record ${at}`;
        return failure(`${which} is rejected: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    const before = this.#errorsOf(own);
    const found = this.#signalsOf(read, own);
    if (this.#errorsOf(own) > before) return failure('the evaluation of the rule failed', this.#firstErrors(own));
    return (
      this.#otherOrders(read, own, found) ??
      (typeof expected === 'boolean' ? firing(expected, found, read, own) : unlike(diffOf(expected, found)))
    );
  }

  /** The signals of what the file holds, whatever other rules make of the records; each with the places of its records. */
  #signalsOf(records: readonly ReadRecord[], own: RulesOfFile, order = [...records.keys()]): FoundSignal[] {
    const ids = new Set(own.rules.map(({ id }) => id).filter((id) => !own.silenced.has(id)));
    const matched: MatchedRecord<CorrelatedEvent & { readonly at: number }>[] = [];
    const single = order.flatMap((at): FoundSignal[] => {
      const record = records[at];
      if (record === undefined) return [];
      const { id, time, principal, source, ocsf } = record.event;
      const signals = this.#set.match(record);
      const ruleIds = signals.map(({ rule }) => rule.id);
      const event = { id, time, principal, source, action: actionOf(ocsf), at };
      matched.push({ event, fields: record.fields, ruleIds });
      return signals.filter(({ rule }) => ids.has(rule.id)).map(({ rule, group }) => ({ rule, group, events: [at] }));
    });
    return own.correlations.length === 0 ? single : [...single, ...this.#correlated(matched, own)];
  }

  #correlated(
    matched: readonly MatchedRecord<CorrelatedEvent & { readonly at: number }>[],
    { correlations, evaluated }: RulesOfFile,
  ): FoundSignal[] {
    const ids = new Set(correlations.map(({ id }) => id));
    return evaluateCorrelations({ rules: this.#set.rules, correlations: evaluated }, matched)
      .filter(({ rule }) => ids.has(rule.id))
      .map(({ rule: { id, title, level }, group, events }) => ({
        rule: { id, title, level },
        group,
        events: events.map(({ at }) => at).sort((one, other) => one - other),
      }));
  }

  /** What comes of records must not depend on the order in which they arrive. */
  #otherOrders(
    records: readonly ReadRecord[],
    own: RulesOfFile,
    found: readonly FoundSignal[],
  ): RuleTestFailure | undefined {
    if (records.length < 2) return undefined;
    const places = [...records.keys()];
    const orders = [
      ['reversed', places.toReversed()],
      ['shuffled', shuffled(places)],
    ] as const;
    for (const [name, order] of orders) {
      const diff = diffOf(found.map(asExpected), this.#signalsOf(records, own, order));
      if (diff !== undefined) return failure(`gives other signals (+) where the records come ${name}`, [], diff);
    }
    return undefined;
  }

  #errorsOf({ rules }: RulesOfFile): number {
    return rules.reduce((sum, { id }) => sum + (this.#set.errors.get(id)?.count ?? 0), 0);
  }

  #firstErrors({ rules }: RulesOfFile): string[] {
    return rules.flatMap(({ id }) => this.#set.errors.get(id)?.first ?? []);
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
  { rules, correlations }: RulesOfFile,
): RuleTestFailure | undefined {
  if (found.length > 0 === expected) return undefined;
  if (expected) {
    return failure('does not fire, and should', correlations.length === 0 ? whySilent(rules, records) : []);
  }
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

/** A record whose event was given what is known beside it, as when it is read from a stream. */
function withKnown(record: ReadRecord, enrichments: readonly Enrichment[]): ReadRecord {
  if (enrichments.length === 0) return record;
  const { ocsf } = record.event;
  const known = [...(ocsf.enrichments ?? []), ...enrichments];
  return { ...record, event: { ...record.event, ocsf: { ...ocsf, enrichments: known } } };
}

/** Always the same order for as many places (a linear congruential generator; of its numbers, the high bits are good). */
function shuffled(places: readonly number[]): number[] {
  let state = 20_261_120;
  const keys = places.map(() => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0));
  return places.toSorted((one, other) => (keys[one] ?? 0) - (keys[other] ?? 0));
}
