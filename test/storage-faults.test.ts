import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../local/demo/random.ts';
import { CORRELATION_HUB, correlate } from '../pipeline/correlate.ts';
import { Correlation } from '../pipeline/correlation/correlation.ts';
import { isTelling, Observer } from '../pipeline/correlation/observe.ts';
import { DEFAULT_LATENESS } from '../pipeline/correlation/watermark.ts';
import { DEAD_LETTERS } from '../pipeline/dead-letters.ts';
import type { Delivery } from '../pipeline/delivery.ts';
import { builtinRules } from '../pipeline/detection/builtin.ts';
import { loadRules } from '../pipeline/detection/loading/load.ts';
import { AlertStore } from '../pipeline/incidents/alert-store.ts';
import { SuppressedStore } from '../pipeline/incidents/suppressed-store.ts';
import { messageOf, TIMELINE_HUB } from '../pipeline/ingest.ts';
import { joinObservations, TICK } from '../pipeline/join-observations.ts';
import { readBody } from '../pipeline/read-body.ts';
import { MemoryHubs } from '../platform/hubs.ts';
import { Metrics } from '../platform/metrics.ts';
import { memoryStorage } from '../platform/storage/memory.ts';
import { benignDay } from './benign-day/day.ts';
import { CHAINS } from './chains/chains.ts';
import { expectedOf, outcomeOf, playHosts, type Outcome } from './correlation-hosts.ts';
import { observationsOf } from './observations.ts';
import { ProcessStorage, WAYS_TO_FAIL, type Trouble } from './unreliable-storage.ts';

const LONG = process.env['CROSSTRAIL_LONG'] === '1';
const BATCH = 12;
const ATTEMPTS = 100;
const MINUTE = 60_000;

const rules = await loadRules([builtinRules(), join(import.meta.dirname, 'stateful-rules')]);

/** What comes to the hub `timeline` on a small part of a day with two attacks in it, in order of arrival. */
function timeline(random: SeededRandom): Delivery[] {
  const attacks = CHAINS.slice(0, 2).flatMap(({ records }) => records);
  const records = [...attacks, ...benignDay().filter(() => random.below(40) === 0)];
  const body = new TextEncoder().encode(JSON.stringify(records.map(({ record }) => record)));
  return readBody(body, rules)
    .accepted.map(({ event }) => ({
      body: messageOf(event).body,
      at: event.time + random.below(DEFAULT_LATENESS[event.source]),
    }))
    .sort((a, b) => a.at - b.at)
    .map(({ body: message, at }, sequenceNumber) => ({
      body: message,
      origin: { hub: TIMELINE_HUB, partition: '0', sequenceNumber, enqueued: at },
    }));
}

const deliveries = timeline(new SeededRandom(1));

interface Played extends Outcome {
  /** Calls to storage that were made. */
  readonly calls: number;
  /** How often a batch had to be delivered again. */
  readonly failures: number;
  readonly deadLetters: number;
}

/**
 * The way from events to incidents with storage that fails: each batch of each hub is delivered again until it is handled.
 * @param restart of a hundred batches, so many come to a process that has just begun
 */
async function play(trouble: Omit<Trouble, 'random'>, seed = 1, restart = 0): Promise<Played> {
  const random = new SeededRandom(seed);
  const storage = memoryStorage();
  const process = new ProcessStorage(storage, { ...trouble, random });
  const { tables, blobs, queues } = process.storage;
  const metrics = new Metrics();
  let failures = 0;
  const begin = () => {
    const hubs = new MemoryHubs();
    const alerts = new AlertStore(tables);
    const suppressed = new SuppressedStore(tables);
    const correlation = new Correlation('0', { tables, queues, metrics });
    return {
      hubs,
      alerts,
      suppressed,
      blobs,
      queues,
      metrics,
      observer: new Observer(),
      rules,
      correlationOf: () => correlation,
    };
  };
  let ports = begin();
  const untilHandled = async (handle: () => Promise<void>) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (random.below(100) < restart) ports = begin();
      try {
        await handle();
        return;
      } catch {
        failures++;
      }
    }
    throw new Error(`a batch was not handled in ${ATTEMPTS} attempts`);
  };
  const join = (bodies: readonly Uint8Array[], enqueued: number) =>
    untilHandled(() =>
      joinObservations(
        bodies.map((body, sequenceNumber) => ({
          body,
          origin: { hub: CORRELATION_HUB, partition: '0', sequenceNumber, enqueued },
        })),
        ports,
      ),
    );

  let now = 0;
  for (let at = 0; at < deliveries.length; at += BATCH) {
    const batch = deliveries.slice(at, at + BATCH);
    now = batch.at(-1)?.origin.enqueued ?? now;
    const sent: Uint8Array[] = [];
    await untilHandled(async () => {
      ports.hubs.sent.clear();
      // What was sent before a failure is in the hub all the same.
      try {
        await correlate(batch, ports);
      } finally {
        sent.push(...(ports.hubs.sent.get(CORRELATION_HUB) ?? []).map(({ body }) => body));
      }
    });
    if (sent.length > 0) await join(sent, now);
  }
  for (let minutes = 0; minutes < 40; minutes++) await join([TICK], now + minutes * MINUTE);
  const letters = await Array.fromAsync(storage.blobs.list(DEAD_LETTERS, ''));
  return { ...(await outcomeOf(storage)), calls: process.calls, failures, deadLetters: letters.length };
}

let calm: Played;
beforeAll(async () => {
  calm = await play({ failing: 0 });
});

/** What must be the same, however storage fails. */
const result = ({ kept, told, deadLetters }: Played) => ({ kept, told: told.toSorted(), deadLetters });

describe('storage that fails on the way from events to incidents', () => {
  it('is called often, and what it keeps is worth keeping', () => {
    expect(calm.calls).toBeGreaterThan(150);
    expect(calm.failures).toBe(0);
    expect(calm.deadLetters).toBe(0);
    expect(calm.kept.incidents.length).toBeGreaterThan(2);
    expect(calm.told.length).toBeGreaterThan(10);
    expect(calm.kept.alerts.filter(({ count }) => count > 1).length).toBeGreaterThan(0);
  });

  it(
    `changes nothing where one call fails, ${LONG ? 'each once in every way' : 'one or the other in some way'}`,
    { timeout: 1_800_000 },
    async () => {
      const random = new SeededRandom(Number(process.env['CROSSTRAIL_SEED'] ?? 1));
      const plans = LONG
        ? Array.from({ length: calm.calls * WAYS_TO_FAIL }, (_, n) => n)
        : Array.from({ length: 40 }, () => random.below(calm.calls * WAYS_TO_FAIL));
      let failures = 0;
      for (const plan of plans) {
        const planned = { call: Math.floor(plan / WAYS_TO_FAIL), way: plan % WAYS_TO_FAIL };
        const played = await play({ failing: 0, planned });
        expect(result(played), JSON.stringify(planned)).toEqual(result(calm));
        failures += played.failures;
      }
      expect(failures).toBeGreaterThan(plans.length / 10);
    },
  );

  it.each(Array.from({ length: LONG ? 100 : 8 }, (_, n) => n + 1))(
    'changes nothing where one call in twelve fails and processes start anew (seed %i)',
    async (seed) => {
      const played = await play({ failing: 80 }, seed, 10);
      expect(result(played)).toEqual(result(calm));
      expect(played.failures).toBeGreaterThan(0);
    },
  );
});

describe('what is forgotten while storage fails', () => {
  const DAY = 86_400_000;

  const telling = observationsOf(benignDay(), rules).filter(isTelling);
  /** An ordinary day, of which more is forgotten than goes into one commit; then attacks, each so much later that the one before is forgotten. */
  const days = [telling, ...CHAINS.slice(0, 6).map(({ records }) => observationsOf(records, rules))].flatMap(
    (observations, n) =>
      observations
        .toSorted((one, other) => one.time - other.time)
        .map((observation) => {
          const time = observation.time + n * 2.5 * DAY;
          return { observation: { ...observation, time }, at: time };
        }),
  );

  it.each(Array.from({ length: LONG ? 60 : 6 }, (_, n) => n + 1))(
    'leaves what was told as it is (seed %i)',
    async (seed) => {
      const { kept, told } = await playHosts(days, rules, { seed, failing: 60, instances: 1, kills: true });
      expect(kept).toEqual(expectedOf(days, rules));
      expect(told).toEqual([...new Set(told)]);
    },
  );
});
