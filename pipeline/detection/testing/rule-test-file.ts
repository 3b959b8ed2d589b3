import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { isObject, parseJson, type Json, type JsonObject } from '../../../platform/json.ts';
import type { Enrichment } from '../../timeline/ocsf/types.ts';
import { LEVELS, type Level } from '../../timeline/signal.ts';
import { readText } from '../loading/rule-files.ts';
import { readDocuments } from '../loading/rule-documents.ts';
import { RuleError } from '../loading/rule-error.ts';
import type { RejectedRule } from '../rule.ts';
import { readPart } from '../loading/read-part.ts';

/**
 * A test of the rules of one file: records, and what the rules make of them. It is a member of the list in `<name>.tests.yml`,
 * which stands beside `<name>.yml` or `<name>.rule.ts`.
 */
export interface RuleTest {
  readonly name: string;
  /** Where it stands in its file, from 1. */
  readonly line: number;
  /** As their sources write them; in any order. */
  readonly records: readonly JsonObject[];
  /** What is known beside the records: each of their events is given all of it. */
  readonly enrichments?: readonly Enrichment[] | undefined;
  /** Whether anything fires, or all that does. */
  readonly expected: boolean | readonly ExpectedSignal[];
}

/** What a test says of a signal; what it leaves out may be anything. */
export interface ExpectedSignal {
  /** The id or the title of the rule. */
  readonly rule?: string | undefined;
  readonly level?: Level | undefined;
  /** Some of what the signal is grouped by. */
  readonly group?: Readonly<Record<string, string>> | undefined;
  /** All records that the signal stands for, by their places in the test, from 0. */
  readonly events?: readonly number[] | undefined;
}

/** Thrown for a file of tests that cannot be used. */
export class RuleTestFileError extends Error {
  override readonly name = 'RuleTestFileError';
  readonly rejected: RejectedRule;

  constructor(rejected: RejectedRule) {
    super(`${rejected.file}:${rejected.line ?? 1}: ${rejected.reason}`);
    this.rejected = rejected;
  }
}

const text = z.string('expected a text').min(1, 'expected a text');
const record = z
  .custom<JsonObject>(isObject, 'expected a record: a map')
  .refine(
    (value) => !isObject(value) || !Object.hasOwn(value, '<<'),
    "YAML merge keys ('<<') are not read; write what records share as base, and each under records",
  );

const signal = z.strictObject(
  {
    rule: text.optional(),
    level: z.enum(LEVELS).optional(),
    group: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).optional(),
    events: z.array(z.int().min(0), 'expected places of records, from 0').optional(),
  },
  {
    error: ({ code }) =>
      code === 'invalid_type' ? 'expected a signal: a map of rule, level, group and events' : undefined,
  },
);

/** As OCSF has it; `data` may be anything. */
const enrichment: z.ZodType<Enrichment> = z.strictObject({
  name: text,
  value: text,
  type: text.optional(),
  provider: text.optional(),
  data: z.custom<Json>((value) => value !== undefined, 'expected what is known'),
});

const test = z
  .strictObject(
    {
      name: text,
      fires: z.boolean('expected true or false').optional(),
      signals: z.array(signal, 'expected a list of signals').max(1000).optional(),
      record: record.optional(),
      base: record.optional(),
      records: z.array(record, 'expected a list of records').min(1, 'expected a record').optional(),
      enrichments: z.array(enrichment, 'expected a list of enrichments').max(100).optional(),
    },
    { error: ({ code }) => (code === 'invalid_type' ? 'expected a test: a map of name, record and fires' : undefined) },
  )
  .superRefine(({ fires, signals, record, base, records = [] }, context) => {
    const wrong = (message: string, ...path: (string | number)[]) =>
      context.addIssue({ code: 'custom', message, path });
    if ((fires === undefined) === (signals === undefined)) wrong('expected one of fires and signals');
    if ((record === undefined) === (records.length === 0)) wrong('expected one of record and records');
    if (base !== undefined && record !== undefined) wrong('base goes with records', 'base');
    const count = record === undefined ? records.length : 1;
    for (const [at, { events = [] }] of (signals ?? []).entries()) {
      const missing = events.find((event) => event >= count);
      if (missing !== undefined) wrong(`the test has no record ${missing}; the first is 0`, 'signals', at, 'events');
    }
  });

const testList = z.array(test, 'expected a list of tests');

const RULE_ENDING = /(\.rule\.ts|\.ya?ml)$/i;
const TEST_ENDING = /\.tests\.ya?ml$/i;

/** Whether a file of this name holds tests of rules. */
export const isTestFile = (name: string): boolean => TEST_ENDING.test(name);

/** The file with the tests of a file of rules; undefined where there is none. */
export const testFileOf = (ruleFile: string): Promise<string | undefined> =>
  firstThatIs(['.tests.yml', '.tests.yaml'].map((ending) => ruleFile.replace(RULE_ENDING, ending)));

/** The file of rules that a file of tests is for; undefined where there is none. */
export const ruleFileOf = (testFile: string): Promise<string | undefined> =>
  firstThatIs(['.yml', '.yaml', '.rule.ts'].map((ending) => testFile.replace(TEST_ENDING, ending)));

async function firstThatIs(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const status = await stat(file).catch(() => undefined);
    if (status !== undefined) return file;
  }
  return undefined;
}

/**
 * Reads a file of tests.
 * @throws RuleTestFileError
 */
export async function readRuleTests(file: string): Promise<RuleTest[]> {
  let content: string;
  try {
    content = await readText(file);
  } catch (error) {
    throw new RuleTestFileError({ file, reason: error instanceof Error ? error.message : String(error) });
  }
  return parseRuleTests(file, content);
}

/**
 * Reads the text of a file of tests.
 * @throws RuleTestFileError
 */
export function parseRuleTests(file: string, content: string): RuleTest[] {
  const { documents, rejected } = readDocuments({ file, text: content });
  const [unreadable] = rejected;
  if (unreadable !== undefined) throw new RuleTestFileError(unreadable);
  return documents.flatMap(({ value, lineOf }) => {
    try {
      return readPart(testList, value, []).map((read, at) => testOf(read, lineOf([at])));
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      throw new RuleTestFileError({ file, line: lineOf(error.path), reason: error.message });
    }
  });
}

function testOf(
  { name, fires, signals, record, base, records = [], enrichments }: z.infer<typeof test>,
  line: number,
): RuleTest {
  const written =
    record === undefined ? records.map((over) => (base === undefined ? over : merged(base, over))) : [record];
  return {
    name,
    line,
    records: written.map(asJson),
    ...(enrichments !== undefined && { enrichments }),
    expected: signals ?? fires === true,
  };
}

/** A map with what another says differently: maps are merged, anything else is replaced. */
function merged(base: JsonObject, over: JsonObject): JsonObject {
  // Entries, because a key may be called __proto__.
  const entries = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    const below = entries.get(key);
    entries.set(key, isObject(below) && isObject(value) ? merged(below, value) : value);
  }
  return Object.fromEntries(entries);
}

/** As records come, so that a test holds nothing that only YAML can say. */
function asJson(record: JsonObject): JsonObject {
  const value: Json = parseJson(JSON.stringify(record));
  return isObject(value) ? value : {};
}
