import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtinRules } from '../../pipeline/detection/builtin.ts';
import { loadRules } from '../../pipeline/detection/load.ts';
import { readBody, type Matcher } from '../../pipeline/read-body.ts';
import { cloudtrail } from '../../pipeline/sources/cloudtrail/index.ts';
import { arrayOf, objectOf, parseJson, type Json } from '../../platform/json.ts';
import { demoStory } from '../../local/demo/story.ts';
import { corpus } from '../corpus.ts';

/** A rate, and what part of bare `JSON.parse` it is in the same run. */
export interface Rate {
  readonly name: string;
  readonly eventsPerSecond: number;
  readonly ofJsonParse: number;
}

/** Bodies of CloudTrail records: real ones where the corpus is there, otherwise those of the demo. */
export function benchBodies(): { readonly name: string; readonly bodies: readonly Uint8Array[] } {
  const folder = corpus('cloudtrail/invictus');
  if (folder !== undefined) {
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
    return { name: 'cloudtrail/invictus', bodies: files.map((file) => readFileSync(join(folder, file))) };
  }
  const records = demoStory(Date.UTC(2026, 10, 20)).filter(({ hub }) => hub === 'cloudtrail');
  const body = JSON.stringify({
    Records: Array.from({ length: 50 }, () => records.map(({ record }) => record)).flat(),
  });
  return { name: 'demo records (the corpus is absent)', bodies: [new TextEncoder().encode(body)] };
}

const NO_RULES: Matcher = { match: () => [] };
const ROUNDS = 9;
const ROUND_MILLISECONDS = 400;

/**
 * Measures the stages on the same bytes. Rounds of all stages are interleaved and medians taken, so that what else the machine does falls
 * on all alike.
 */
export async function benchPipeline(): Promise<{
  readonly input: string;
  readonly records: number;
  readonly rates: readonly Rate[];
}> {
  const { name: input, bodies } = benchBodies();
  const decoder = new TextDecoder();
  const texts = bodies.map((body) => decoder.decode(body));
  const rules = await loadRules([builtinRules()]);
  const records = bodies.reduce((sum, body) => sum + readBody(body, NO_RULES).places, 0);
  const stages: readonly (readonly [string, () => void])[] = [
    ['bare JSON.parse', () => texts.forEach((text) => JSON.parse(text) as unknown)],
    ['bytes to text, JSON.parse', () => bodies.forEach((body) => JSON.parse(decoder.decode(body)) as unknown)],
    [
      'JSON.parse, then the zod schema alone',
      () => texts.forEach((text) => recordsOf(text).forEach((record) => cloudtrail.schema.safeParse(record))),
    ],
    ['decode, validate, normalise', () => bodies.forEach((body) => readBody(body, NO_RULES))],
    [
      `decode, validate, normalise, match ${rules.rules.length} rules`,
      () => bodies.forEach((body) => readBody(body, rules)),
    ],
  ];
  const rounds = stages.map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round++) {
    stages.forEach(([, stage], at) => rounds[at]?.push(rateOf(stage, records)));
  }
  const medians = rounds.map((rates) => rates.slice(2).sort((a, b) => a - b)[Math.floor((ROUNDS - 2) / 2)] ?? 0);
  const rates = stages.map(([name], at) => ({
    name,
    eventsPerSecond: Math.round(medians[at] ?? 0),
    ofJsonParse: Math.round(((medians[at] ?? 0) / (medians[0] ?? 1)) * 1000) / 1000,
  }));
  return { input, records, rates };
}

/** The records of one CloudTrail file. */
function recordsOf(text: string): readonly Json[] {
  return arrayOf(objectOf(parseJson(text))?.['Records']) ?? [];
}

function rateOf(stage: () => void, records: number): number {
  const started = performance.now();
  let done = 0;
  do {
    stage();
    done += records;
  } while (performance.now() - started < ROUND_MILLISECONDS);
  return (done / (performance.now() - started)) * 1000;
}
