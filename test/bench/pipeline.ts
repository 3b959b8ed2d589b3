import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtinRules } from '../../pipeline/detection/builtin.ts';
import { CorrelationEngine } from '../../pipeline/correlation/engine.ts';
import { isToldOf, observationOf } from '../../pipeline/correlation/observe.ts';
import { linksOf } from '../../pipeline/timeline/identity/links-of.ts';
import type { RuleSet } from '../../pipeline/detection/matching/rule-set.ts';
import { loadRules } from '../../pipeline/detection/loading/load.ts';
import { enrichEvent } from '../../pipeline/enrichment/enrich-event.ts';
import { knowledgeOf } from '../../pipeline/enrichment/knowledge.ts';
import { markMissing } from '../../pipeline/enrichment/mark-missing.ts';
import { NetworkContext } from '../../pipeline/enrichment/network/network-context.ts';
import { ThreatIntel } from '../../pipeline/enrichment/threat-intel/threat-intel.ts';
import { readBody, type Enrich, type Matcher } from '../../pipeline/read-body.ts';
import { cloudtrail } from '../../pipeline/sources/cloudtrail/index.ts';
import { arrayOf, objectOf, parseJson, type Json } from '../../platform/json.ts';
import { demoStory } from '../../local/demo/story.ts';
import { corpus } from '../corpus.ts';
import { benchDatabase, benchIndicators, benchRanges } from './known-addresses.ts';
import { measure, type Rate, type Stage } from './rates.ts';

const NO_RULES: Matcher = { match: () => [] };

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

/** Measures each stage on the corpus, or where it is absent on invented records: records a second. */
export async function benchPipeline(): Promise<{
  readonly input: string;
  readonly records: number;
  readonly rates: readonly Rate[];
}> {
  const { name: input, bodies } = benchBodies();
  const decoder = new TextDecoder();
  const texts = bodies.map((body) => decoder.decode(body));
  const rules = await loadRules([builtinRules()]);
  const enrich = enriching();
  const records = bodies.reduce((sum, body) => sum + readBody(body, NO_RULES).places, 0);
  const stages: readonly Stage[] = [
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
    ['the same, with what is known of each event', () => bodies.forEach((body) => readBody(body, rules, { enrich }))],
    [
      `without that, and ${rules.correlations.length} stateful rules, identities and incidents`,
      () => joined(bodies, rules),
    ],
  ];
  return { input, records, rates: measure(stages, records) };
}

/** Adds to events what is known of them, in the way of the functions, among 100,000 indicators and 60,000 ranges of clouds. */
function enriching(): Enrich {
  const intel = new ThreatIntel([{ table: benchIndicators(), confirmed: Date.UTC(2026, 10, 1) }]);
  const knowledge = knowledgeOf({ intel, network: new NetworkContext([], [benchDatabase(), benchRanges()]) });
  return (event) => markMissing(enrichEvent(event, knowledge), knowledge);
}

/** All that a scan does, from bytes to incidents. */
function joined(bodies: readonly Uint8Array[], rules: RuleSet): void {
  const engine = new CorrelationEngine({ rules });
  for (const body of bodies) {
    for (const { event } of readBody(body, rules).accepted) {
      if (isToldOf(event)) engine.take(observationOf(event));
      else engine.learn(linksOf(event));
    }
  }
  engine.settle();
}

/** The records of one CloudTrail file. */
function recordsOf(text: string): readonly Json[] {
  return arrayOf(objectOf(parseJson(text))?.['Records']) ?? [];
}
