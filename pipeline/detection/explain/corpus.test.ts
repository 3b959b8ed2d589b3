import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { arrayOf, isObject, objectOf, type JsonObject } from '../../../platform/json.ts';
import { corpus } from '../../../test/corpus.ts';
import { decode } from '../../sources/decode.ts';
import { readRecord } from '../../sources/registry.ts';
import { RejectedRecord } from '../../sources/source.ts';
import type { ReadRecord } from '../../timeline/read-record.ts';
import { builtinRules } from '../builtin.ts';
import { loadRules } from '../load.ts';
import { explain } from './explain.ts';

const LOGS = [
  'labelled/stratus.jsonl',
  'labelled/panther.jsonl',
  'labelled/falco-k8s.jsonl',
  'cloudtrail/traildiscover.jsonl',
];
/** About this many records of each file, spread over it. */
const SAMPLE = 25;

const rules = corpus('sigma/rules');
const logs = LOGS.map(corpus).filter((path) => path !== undefined);

/** Some records of a file; a labelled record stands in `event`, or in the list `events`. */
function recordsOf(file: string): ReadRecord[] {
  const lines = decode(readFileSync(file)).flatMap((one) => ('record' in one ? [one.record] : []));
  const records = lines.flatMap((line) => objectOf(line['event']) ?? arrayOf(line['events'])?.filter(isObject) ?? line);
  const every = Math.ceil(records.length / SAMPLE);
  return records.filter((_, index) => index % every === 0).flatMap((record) => readOrPassOver(record));
}

/** None where the record is one that sources reject: some of the labelled ones are cut down. */
function readOrPassOver(record: JsonObject): ReadRecord[] {
  try {
    return [readRecord(record)];
  } catch (error) {
    if (error instanceof RejectedRecord) return [];
    throw error;
  }
}

it.skipIf(rules === undefined || logs.length === 0)(
  'agrees with the rule set on public rules and logs (skipped where the corpus is absent)',
  async () => {
    const set = await loadRules([builtinRules(), rules ?? '']);
    const records = logs.flatMap(recordsOf);
    let fired = 0;
    for (const record of records) {
      const signals = new Set(set.match(record).map(({ rule }) => rule.id));
      const explained = set.rules.filter((rule) => explain(rule, record).fires).map(({ id }) => id);
      expect(explained, record.event.id).toEqual(set.rules.map(({ id }) => id).filter((id) => signals.has(id)));
      fired += signals.size;
    }
    expect(set.rules.length).toBeGreaterThan(300);
    expect(records.length).toBeGreaterThan(60);
    expect(fired).toBeGreaterThan(10);
  },
);
