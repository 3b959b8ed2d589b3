import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../local/demo/random.ts';
import { DEFAULT_LATENESS } from '../pipeline/correlation/watermark.ts';
import { builtinRules } from '../pipeline/detection/builtin.ts';
import { loadRules } from '../pipeline/detection/loading/load.ts';
import { sampleAsset, sampleFacts, samplePath, sampleWeighed } from '../pipeline/incidents/facts-samples.ts';
import { benignDay } from './benign-day/day.ts';
import { CHAINS } from './chains/chains.ts';
import { expectedOf, playHosts, type Arrival, type Run } from './correlation-hosts.ts';
import { observationsOf } from './observations.ts';

const LONG = process.env['CROSSTRAIL_LONG'] === '1';
/** Of each kind. */
const RUNS = LONG ? 70 : 7;

const rules = await loadRules([builtinRules(), join(import.meta.dirname, 'stateful-rules')]);
const day = observationsOf(benignDay(), rules);
const attacks = CHAINS.map(({ records }) => observationsOf(records, rules));

/** Two attacks within a part of the benign day, in an order in which they may arrive: none later than its source may be. */
function arrivals(random: SeededRandom): Arrival[] {
  const some = [random.below(attacks.length), random.below(attacks.length)].flatMap((at) => attacks[at] ?? []);
  return [...new Set(some), ...day.filter(() => random.below(10) === 0)]
    .map((observation) => ({
      observation,
      at: observation.time + random.below(DEFAULT_LATENESS[observation.source] - 1),
    }))
    .sort((a, b) => a.at - b.at);
}

/** Known beside the logs of all incidents, in every other run. */
const FACTS = sampleFacts({ assets: [sampleAsset()], findings: [sampleWeighed()], paths: [samplePath()] });

const KINDS: readonly [string, Omit<Run, 'seed'>][] = [
  ['killed at any operation of storage', { failing: 0, instances: 1, kills: true }],
  ['taken over from another that still works', { failing: 0, instances: 2, kills: false }],
  ['all at once', { failing: 15, instances: 2, kills: true }],
];

describe.each(KINDS)('the state of correlation, %s', (_name, run) => {
  it(
    `loses no alert or incident and doubles none, over ${RUNS} runs`,
    { timeout: LONG ? 1_200_000 : 120_000 },
    async () => {
      const first = Number(process.env['CROSSTRAIL_SEED'] ?? 1);
      for (let seed = first; seed < first + RUNS; seed++) {
        const messages = arrivals(new SeededRandom(seed));
        const facts = seed % 2 === 1 ? FACTS : undefined;
        const { kept, told } = await playHosts(messages, rules, { ...run, seed, facts });
        expect(kept, `seed ${seed}`).toEqual(expectedOf(messages, rules, facts));
        expect(told, `seed ${seed}`).toEqual([...new Set(told)]);
        expect(kept.incidents.length, `seed ${seed}`).toBeGreaterThan(0);
      }
    },
  );
});
