import { describe, expect, it } from 'vitest';
import { CorrelationEngine } from '../pipeline/correlation/engine.ts';
import { builtinRules } from '../pipeline/detection/builtin.ts';
import { loadRules } from '../pipeline/detection/loading/load.ts';
import { parseDirectory, type Directory } from '../pipeline/timeline/identity/directory.ts';
import type { Incident } from '../pipeline/timeline/incident.ts';
import type { Observation } from '../pipeline/timeline/observation.ts';
import type { JsonObject } from '../platform/json.ts';
import { VPN } from './benign-day/company.ts';
import { benignDay } from './benign-day/day.ts';
import { CHAINS } from './chains/chains.ts';
import { observationsOf } from './observations.ts';

const LONG = process.env['CROSSTRAIL_LONG'] === '1';
const SEEDS = Array.from({ length: LONG ? 40 : 3 }, (_, n) => n + 1);

const rules = await loadRules([builtinRules()]);
/** Many people leave through the VPN: it is where nobody is. */
const networks = [{ cidr: `${VPN.ip}/32`, egress: true }] as const;

type Records = readonly { readonly record: JsonObject }[];

/** What engines find in records of some kinds together, in order of id. Each list of records is read once. */
function incidentsOf(lists: readonly Records[], directory?: Directory): Incident[] {
  const engine = new CorrelationEngine({ rules, networks, directory });
  for (const records of lists) for (const observation of observed(records, directory)) engine.take(observation);
  return byId(engine.settle().incidents);
}

const known = new WeakMap<Records, readonly Observation[]>();

function observed(records: Records, directory: Directory | undefined): readonly Observation[] {
  if (directory !== undefined) return observationsOf(records, rules, directory.trusts);
  const observations = known.get(records) ?? observationsOf(records, rules);
  known.set(records, observations);
  return observations;
}

const byId = (incidents: readonly Incident[]): Incident[] => incidents.toSorted((a, b) => (a.id < b.id ? -1 : 1));
const bad = ({ severity }: Incident): boolean => severity === 'high' || severity === 'critical';
const briefly = ({ severity, title, score, principals }: Incident) => ({
  ...{ severity, title, score },
  principals: principals.map(({ label }) => label),
});

describe.each(SEEDS)('a benign day (seed %i)', (seed) => {
  const incidents = incidentsOf([benignDay(seed)]);

  it('gives no incident of high or above, and few of medium', () => {
    expect(incidents.filter(bad).map(briefly)).toEqual([]);
    expect(incidents.filter(({ severity }) => severity === 'medium').length).toBeLessThanOrEqual(5);
  });

  it('glues nobody to anybody: not by the address of the VPN, a shared role, or the name of its session', () => {
    const several = incidents.filter(({ principals }) => principals.length > 1);
    expect(several.map(briefly)).toEqual([]);
  });
});

describe('an attack within a benign day', () => {
  const day = benignDay();
  const before = incidentsOf([day]);

  it.each(CHAINS)('is found as by itself, and nothing else is changed: $name', ({ records, directory: snapshot }) => {
    const directory = snapshot && parseDirectory(JSON.stringify(snapshot));
    const alone = incidentsOf([records], directory);
    expect(alone.length).toBeGreaterThan(0);
    const together = incidentsOf([day, records], directory);
    expect(together.map(briefly)).toEqual(byId([...alone, ...before]).map(briefly));
    expect(together).toEqual(byId([...alone, ...before]));
  });

  it('is found as by itself among all the other attacks too', () => {
    const chains = CHAINS.filter(({ directory }) => directory === undefined).map(({ records }) => records);
    const alone = chains.flatMap((records) => incidentsOf([records]));
    const together = incidentsOf([day, ...chains]);
    expect(together.map(briefly)).toEqual(byId([...alone, ...before]).map(briefly));
    expect(together).toEqual(byId([...alone, ...before]));
  });
});
