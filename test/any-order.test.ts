import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../local/demo/random.ts';
import { Correlation } from '../pipeline/correlation/correlation.ts';
import { CorrelationEngine } from '../pipeline/correlation/engine.ts';
import { isTelling } from '../pipeline/correlation/observe.ts';
import { DEFAULT_LATENESS } from '../pipeline/correlation/watermark.ts';
import { builtinRules } from '../pipeline/detection/builtin.ts';
import { loadRules } from '../pipeline/detection/loading/load.ts';
import { AlertStore } from '../pipeline/incidents/alert-store.ts';
import { IncidentStore } from '../pipeline/incidents/incident-store.ts';
import { parseDirectory, type Directory } from '../pipeline/timeline/identity/directory.ts';
import type { Incident } from '../pipeline/timeline/incident.ts';
import type { Observation } from '../pipeline/timeline/observation.ts';
import { ManualClock } from '../platform/clock.ts';
import { Metrics } from '../platform/metrics.ts';
import { memoryStorage } from '../platform/storage/memory.ts';
import type { Chain } from './chains/chain.ts';
import { CHAINS } from './chains/chains.ts';
import { directoryOf } from './chains/files.ts';
import { observationsOf } from './observations.ts';

const LONG = process.env['CROSSTRAIL_LONG'] === '1';
const ORDERS = Array.from({ length: LONG ? 200 : 10 }, (_, n) => n + 1);
const ARRIVALS = Array.from({ length: LONG ? 200 : 4 }, (_, n) => n + 1);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SOURCES = ['entra', 'azure-activity', 'aks-audit', 'cloudtrail'] as const;

const rules = await loadRules([builtinRules()]);

/** Attacks, as what comes to where events are joined. */
interface Play {
  readonly observations: readonly Observation[];
  readonly directory: Directory | undefined;
}

function playOf(chains: readonly Chain[]): Play {
  const snapshot = directoryOf(chains);
  const directory = snapshot === undefined ? undefined : parseDirectory(JSON.stringify(snapshot));
  const records = chains.flatMap((chain) => chain.records);
  return { observations: observationsOf(records, rules, directory?.trusts), directory };
}

/** All that an engine says at the end: of alerts, what they are, and of which events. */
function said(engine: CorrelationEngine) {
  const alerts = engine.alerts().map(({ alert, events }) => ({ alert, events: events.map(({ id }) => id) }));
  return { alerts, incidents: engine.incidents() };
}

function take(engine: CorrelationEngine, observations: readonly Observation[]): void {
  for (const observation of observations) {
    if (isTelling(observation)) engine.take(observation);
    else engine.learn(observation.links);
  }
}

/** What is said where all comes at once, in order of time. */
function inOrder({ observations, directory }: Play) {
  const engine = new CorrelationEngine({ rules, directory });
  take(engine, observations);
  engine.settle();
  return said(engine);
}

/** What is said where all comes in another order, in batches, parts of it again, and the engine is asked after each batch. */
function shuffled({ observations, directory }: Play, seed: number) {
  const random = new SeededRandom(seed);
  const engine = new CorrelationEngine({ rules, directory });
  const arriving = shuffle(observations, random);
  for (let at = 0; at < arriving.length;) {
    const end = at + 1 + random.below(6);
    const again = Math.max(0, at - random.below(8));
    take(engine, arriving.slice(random.below(4) === 0 ? again : at, end));
    // Nothing more is expected of the time before what is still to come.
    engine.settle(Math.min(Infinity, ...arriving.slice(end).map(({ time }) => time)));
    at = end;
  }
  engine.settle();
  return said(engine);
}

function shuffle<T>(list: readonly T[], random: SeededRandom): T[] {
  const left = [...list];
  const shuffled: T[] = [];
  while (left.length > 0) shuffled.push(...left.splice(random.below(left.length), 1));
  return shuffled;
}

/** What is kept at the end where each event comes as late as its source may be, the state lives in storage, and old things are forgotten. */
async function arriving({ observations, directory }: Play, seed: number) {
  const random = new SeededRandom(seed);
  const arrivals = observations
    .map((observation) => ({
      observation,
      at: observation.time + random.below(DEFAULT_LATENESS[observation.source] - MINUTE),
    }))
    .sort((a, b) => a.at - b.at);
  const storage = memoryStorage();
  const clock = new ManualClock(arrivals[0]?.at ?? 0);
  const correlation = new Correlation('0', { ...storage, metrics: new Metrics(), clock }, { directory });
  for (let at = 0; at < arrivals.length;) {
    const batch = arrivals.slice(at, at + 1 + random.below(4));
    clock.advance((batch.at(-1)?.at ?? 0) - clock.now());
    await correlation.handle(
      batch.map(({ observation }) => observation),
      rules,
    );
    at += batch.length;
  }
  // What is missing is known when others have spoken of later times.
  for (let hours = 1; hours <= 3; hours++) {
    clock.advance(HOUR);
    await correlation.handle(
      SOURCES.map((source) => quiet(source, clock.now())),
      rules,
    );
  }
  const kept = await Array.fromAsync(new IncidentStore(storage.tables).list({ limit: 1000 }));
  const stateful = await Array.fromAsync(new AlertStore(storage.tables).list());
  return { incidents: byId(kept.map(({ incident }) => incident)), stateful: stateful.map(({ id }) => id).sort() };
}

/** Something that has a part in nothing. */
const quiet = (source: Observation['source'], time: number): Observation => ({
  ...{ id: `${source}/quiet`, source, recordId: 'quiet', time, principal: 'unknown', entities: [] },
  action: { operation: 'read', classUid: 6003, activityId: 2, outcome: 'success' },
  ...{ signals: [], matches: [], links: [], posture: [] },
});

const byId = (incidents: readonly Incident[]): Incident[] => incidents.toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** Operations of the events of an incident's steps, in order; of one operation again and again each once. */
function operationsOf({ steps }: Incident, { observations }: Play): string[] {
  const operations = new Map(observations.map(({ id, action }) => [id, action.operation.toLowerCase()]));
  return steps.map(({ eventIds }) => operations.get(eventIds[0] ?? '') ?? `unknown event ${eventIds[0] ?? ''}`);
}

const plays = CHAINS.map((chain) => ({ name: chain.name, chain, play: playOf([chain]) }));

describe.each(plays)('$name', ({ chain: { expected }, play }) => {
  const once = inOrder(play);

  it('is one incident, which names the people, the clouds and the steps in order', () => {
    const [incident, ...others] = once.incidents;
    if (incident === undefined) throw new Error('no incident');
    expect(others.map(({ title }) => title)).toEqual([]);
    expect(new Set(incident.alertIds)).toEqual(new Set(once.alerts.map(({ alert }) => alert.id)));
    expect(['high', 'critical']).toContain(incident.severity);
    expect(incident.principals.map(({ label }) => label)).toEqual(expect.arrayContaining([...expected.principals]));
    expect(incident.clouds).toEqual(expected.clouds);
    expect(incident.techniques).toEqual(expect.arrayContaining([...expected.techniques]));
    const steps = operationsOf(incident, play);
    let at = 0;
    for (const step of steps) if (step === expected.steps[at]?.toLowerCase()) at++;
    expect(expected.steps.slice(at), `missing or out of order in ${steps.join(', ')}`).toEqual([]);
  });

  it(`is the same in ${ORDERS.length} other orders of arrival`, () => {
    for (const seed of ORDERS) expect(shuffled(play, seed), `seed ${seed}`).toEqual(once);
  });

  it(`is the same in storage, ${ARRIVALS.length} times with each event as late as it may be`, async () => {
    for (const seed of ARRIVALS) {
      const { incidents, stateful } = await arriving(play, seed);
      expect(incidents, `seed ${seed}`).toEqual(byId(once.incidents));
      expect(once.alerts.map(({ alert }) => alert.id)).toEqual(expect.arrayContaining(stateful));
    }
  });
});

describe('all attacks in one stream', () => {
  const play = playOf(CHAINS);
  const alone = byId(plays.flatMap((one) => inOrder(one.play).incidents));

  it('are as many incidents, each as it is alone, in any order', () => {
    expect(alone).toHaveLength(CHAINS.length);
    expect(byId(inOrder(play).incidents)).toEqual(alone);
    for (const seed of ORDERS.slice(0, 20)) {
      expect(byId(shuffled(play, seed).incidents), `seed ${seed}`).toEqual(alone);
    }
  });

  it('are the same in storage, each event as late as it may be', async () => {
    for (const seed of ARRIVALS.slice(0, 20)) {
      expect((await arriving(play, seed)).incidents, `seed ${seed}`).toEqual(alone);
    }
  });
});
