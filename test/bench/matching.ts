import { compileRules, loadRules } from '../../pipeline/detection/loading/load.ts';
import { builtinRules } from '../../pipeline/detection/builtin.ts';
import type { RuleSet } from '../../pipeline/detection/matching/rule-set.ts';
import type { ReadRecord } from '../../pipeline/timeline/read-record.ts';
import { readRecord } from '../../pipeline/sources/registry.ts';
import { arrayOf, isObject, objectOf, parseJson, type JsonObject } from '../../platform/json.ts';
import { corpus } from '../corpus.ts';
import { generatedRules, ruleTexts } from './generated-rules.ts';
import { benchBodies } from './pipeline.ts';
import { measure, median, type Rate, type Stage } from './rates.ts';

const GENERATED = 3000;
const LOADS = 5;

export interface MatchingBench {
  readonly input: string;
  readonly records: number;
  readonly rates: readonly Rate[];
  /** How many signals each set of rules raises on the records. */
  readonly signals: Readonly<Record<string, number>>;
  readonly loadMillisecondsPer1000Rules: number;
}

/** Measures matching alone and together with parsing, for no rules, few and many, and rule after rule without any index. */
export async function benchMatching(): Promise<MatchingBench> {
  const { name: input, bodies } = benchBodies();
  const texts = bodies.map((body) => new TextDecoder().decode(body));
  const records = texts.flatMap(recordsOf);
  const read = records.map((record) => readRecord(record));
  const sets = await ruleSets(records);
  const [sample] = read;
  if (sample === undefined) throw new Error(`${input} holds no records`);
  const stages: Stage[] = [['bare JSON.parse', () => texts.forEach((text) => JSON.parse(text) as unknown)]];
  for (const [name, set] of sets) {
    stages.push([`match only, ${name}`, () => read.forEach((record) => set.match(record))]);
    stages.push([`JSON.parse and match, ${name}`, () => texts.forEach((text) => parseAndMatch(text, set, sample))]);
  }
  for (const [name, set] of sets.slice(1)) {
    stages.push([`one rule after the other, ${name}`, () => read.forEach((record) => oneByOne(record, set))]);
  }
  return {
    input,
    records: records.length,
    rates: measure(stages, records.length),
    signals: Object.fromEntries(
      sets.map(([name, set]) => [name, read.reduce((sum, record) => sum + set.match(record).length, 0)]),
    ),
    loadMillisecondsPer1000Rules: loadTime(records),
  };
}

/** None, those for CloudTrail, all public ones, and thousands in their shape; without the corpus, the rules built in. */
async function ruleSets(records: readonly JsonObject[]): Promise<(readonly [name: string, set: RuleSet])[]> {
  const folder = corpus('sigma/rules');
  const many = compileRules(manyRules(records));
  if (folder === undefined) {
    const own = await loadRules([builtinRules()]);
    return [['no rules', compileRules([])], named(own), named(many)];
  }
  const cloudtrail = await loadRules([`${folder}/cloud/aws`]);
  return [['no rules', compileRules([])], named(cloudtrail), named(await loadRules([folder])), named(many)];
}

function manyRules(records: readonly JsonObject[]) {
  const folder = corpus('sigma/rules/cloud/aws') ?? `${builtinRules()}/aws`;
  return generatedRules(ruleTexts(folder), operationsOf(records), GENERATED);
}

/** Large sets of rules name hundreds of operations, however few the records have. */
const OPERATIONS = 500;

/** The operations of the records, and at least as many again that occur in none, as most of a cloud's do not within an hour. */
function operationsOf(records: readonly JsonObject[]): string[] {
  const met = [...new Set(records.map(({ eventName }) => (typeof eventName === 'string' ? eventName : '')))];
  const others = Math.max(met.length, OPERATIONS - met.length);
  return [...met, ...Array.from({ length: others }, (_, at) => `${met[at % met.length] ?? ''}Batch${at}`)];
}

const named = (set: RuleSet): readonly [string, RuleSet] => {
  if (set.rejected.length > 0) throw new Error(`a rule of the bench is not used: ${set.rejected[0]?.reason ?? ''}`);
  return [`${set.rules.length} rules`, set];
};

function recordsOf(text: string): JsonObject[] {
  return (arrayOf(objectOf(parseJson(text))?.['Records']) ?? []).filter(isObject);
}

/** Matches the records as parsed, in the place of those of a record that was read: normalising is measured elsewhere. */
function parseAndMatch(text: string, set: RuleSet, { event, logsource }: ReadRecord): void {
  for (const fields of recordsOf(text)) set.match({ event, logsource, fields });
}

function oneByOne(record: ReadRecord, { rules }: RuleSet): number {
  let fired = 0;
  for (const rule of rules) if (rule.matches(record)) fired++;
  return fired;
}

function loadTime(records: readonly JsonObject[]): number {
  const sources = manyRules(records);
  const times = Array.from({ length: LOADS }, () => {
    const started = performance.now();
    compileRules(sources);
    return performance.now() - started;
  });
  return Math.round((median(times) / sources.length) * 1000);
}
