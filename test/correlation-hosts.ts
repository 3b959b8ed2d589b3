import { SeededRandom } from '../local/demo/random.ts';
import type { FactsPort } from '../pipeline/correlation/assessor.ts';
import { Correlation, type CorrelationOptions } from '../pipeline/correlation/correlation.ts';
import { ALERT_QUEUE } from '../pipeline/correlate.ts';
import { CorrelationEngine } from '../pipeline/correlation/engine.ts';
import type { CorrelatedRules } from '../pipeline/detection/correlation/correlator.ts';
import { AlertStore } from '../pipeline/incidents/alert-store.ts';
import { IncidentStore } from '../pipeline/incidents/incident-store.ts';
import { withFacts } from '../pipeline/incidents/with-facts.ts';
import type { ConditionEpisode } from '../pipeline/posture/posture-conditions.ts';
import { PostureStore } from '../pipeline/posture/posture-store.ts';
import { notify } from '../pipeline/routing/notify.ts';
import type { Alert } from '../pipeline/timeline/alert.ts';
import { ASKED, type IncidentFacts } from '../pipeline/timeline/context.ts';
import type { Incident } from '../pipeline/timeline/incident.ts';
import type { Observation } from '../pipeline/timeline/observation.ts';
import { ManualClock } from '../platform/clock.ts';
import { Metrics } from '../platform/metrics.ts';
import { memoryStorage } from '../platform/storage/memory.ts';
import { KilledError, ProcessStorage } from './unreliable-storage.ts';

/** An observation and when it came to the hub: milliseconds since 1970-01-01T00:00:00Z. */
export interface Arrival {
  readonly observation: Observation;
  readonly at: number;
}

/** What is kept in the end, in order of id. */
export interface Kept {
  readonly alerts: readonly (Alert & { readonly eventIds: readonly string[] })[];
  readonly incidents: readonly Incident[];
  /** What is and was weak. */
  readonly conditions: readonly ConditionEpisode[];
  /** Ids of alerts that stand and are not only counted, of which nobody was told, nor of one that they took the place of. */
  readonly untold: readonly string[];
}

export interface Outcome {
  readonly kept: Kept;
  /** Ids of the alerts that a person was told of, in order of time, each as often as they were told. */
  readonly told: readonly string[];
}

/** What goes wrong in a run. */
export interface Run {
  readonly seed: number;
  /** Of a thousand calls to storage, so many fail. */
  readonly failing: number;
  /** Instances that read the partition, at times at once. */
  readonly instances: number;
  /** Whether processes are killed. */
  readonly kills: boolean;
  /** What is known beside the logs; at times nobody answers who is asked for findings. Left out: nobody is asked. */
  readonly facts?: IncidentFacts | undefined;
}

const byId = <T extends { readonly id: string }>(list: readonly T[]): T[] =>
  list.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

const HOUR = 3_600_000;

/** How many of the messages before one may come again: of the last hour, for checkpoints are never older. */
function givenAgain(messages: readonly Arrival[], before: number, most: number): number {
  const now = messages[before]?.at ?? messages.at(-1)?.at ?? 0;
  let count = 0;
  while (count < most && now - (messages[before - count - 1]?.at ?? -Infinity) < HOUR) count++;
  return count;
}

/** How many messages a batch has: what came within an hour, for each minute brings a message that time has passed. */
function batchSize(messages: readonly Arrival[], from: number, most: number): number {
  const begin = messages[from]?.at ?? 0;
  let count = 1;
  while (count < most && (messages[from + count]?.at ?? Infinity) - begin < HOUR) count++;
  return count;
}

const factsPort = (known: IncidentFacts, isSilent: () => boolean): FactsPort => ({
  factsOf: async () => (isSilent() ? { ...known, findings: [], paths: [], missing: [ASKED.findings] } : known),
  version: '1',
});

/** Lets whatever else is under way go on for a while. */
async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await Promise.resolve();
}

/**
 * One partition of the hub `correlation`, read as Event Hubs and the host of Functions do it: at least once, by instances that start, fail, are
 * killed and take the partition from each other, while the one that lost it still works on its last batch.
 * @param messages in order of arrival
 */
export async function playHosts(
  messages: readonly Arrival[],
  rules: CorrelatedRules,
  { seed, failing, instances, kills, facts: known }: Run,
  options: CorrelationOptions = {},
): Promise<Outcome> {
  const random = new SeededRandom(seed);
  const storage = memoryStorage();
  const clock = new ManualClock(messages[0]?.at ?? 0);
  const metrics = new Metrics();
  let checkpoint = 0;
  const told: string[] = [];
  let trouble = true;
  let lives = 0;

  const open = (calm = false) => {
    const process = new ProcessStorage(storage, { random, failing: calm ? 0 : failing, slow: instances > 1 });
    // Later ones live longer: a batch that is never got through in one life would be tried for ever.
    if (kills && !calm && random.below(3) > 0) process.killAfter(random.below(100 + 20 * lives++));
    const { tables, queues } = process.storage;
    const facts = known && factsPort(known, () => !calm && random.below(3) === 0);
    return { process, correlation: new Correlation('0', { tables, queues, metrics, clock, facts }, options) };
  };

  /** Handles batches from the checkpoint on until the partition is lost. */
  const hold = async (host: ReturnType<typeof open>, batches: number) => {
    let at = checkpoint - givenAgain(messages, checkpoint, random.below(3) * random.below(12));
    for (let n = 0; n < batches && at < messages.length; n++) {
      const end = at + batchSize(messages, at, 1 + random.below(20));
      const batch = messages.slice(at, end);
      clock.advance(Math.max(0, (batch.at(-1)?.at ?? 0) - clock.now()));
      const observations = batch.map(({ observation }) => observation);
      const handled = host.correlation.handle(observations, rules, batch.at(-1)?.at);
      handled.catch(() => undefined);
      await Promise.race([handled, host.process.killed]);
      // Whoever lost the partition and did not know writes its checkpoint all the same.
      checkpoint = at = end;
    }
  };

  const instance = async () => {
    let host = open();
    while (trouble) {
      try {
        await hold(host, 1 + random.below(6));
      } catch (error) {
        if (error instanceof KilledError) host = open();
      }
      if (checkpoint >= messages.length) trouble = false;
      if (random.below(4) === 0) await tell(storage, told);
      // Time passes, for the back-off of the retry policy and for the others.
      await turns(instances > 1 ? random.below(800) : 0);
      // At times the whole region stands still for an hour.
      clock.advance(random.below(random.below(20) === 0 ? 3_600_000 : 30_000));
    }
  };
  await Promise.all(Array.from({ length: instances }, instance));

  const last = open(true);
  while (checkpoint < messages.length) await hold(last, Infinity);
  for (let n = 0; n < 30; n++) {
    clock.advance(60_000);
    await last.correlation.handle([], rules);
  }
  return outcomeOf(storage, told);
}

/** What one engine makes of all at once, without storage. @param facts what is known beside the logs of all incidents */
export function expectedOf(messages: readonly Arrival[], rules: CorrelatedRules, facts?: IncidentFacts): Kept {
  const engine = new CorrelationEngine({ rules });
  for (const { observation } of messages) engine.take(observation);
  const latest = Math.max(...messages.map(({ observation }) => observation.time));
  const { alerts, incidents } = engine.settle(latest);
  const stateful = new Set(alerts.map(({ alert }) => alert.id));
  const kept = engine
    .alerts()
    .filter(({ alert }) => stateful.has(alert.id))
    .map(({ alert, events }) => ({ ...alert, eventIds: events.map(({ recordId }) => recordId) }));
  const conditions = byId(engine.conditions());
  const told = facts === undefined ? incidents : incidents.map((incident) => withFacts(incident, facts));
  return { alerts: byId(kept), incidents: byId(told), conditions, untold: [] };
}

type MemoryStorage = ReturnType<typeof memoryStorage>;

/** How many messages of the queue of each storage were read. */
const read = new WeakMap<MemoryStorage, number>();

/** Tells a person of what was announced since this was last done. @param told gains the ids */
async function tell(storage: MemoryStorage, told: string[]): Promise<void> {
  const alerts = new AlertStore(storage.tables);
  const notifier = { notify: async ({ id }: Alert) => void told.push(id) };
  const announced = storage.queues.sent(ALERT_QUEUE);
  const from = read.get(storage) ?? 0;
  read.set(storage, announced.length);
  for (const id of announced.slice(from)) await notify(id, { alerts, notifier, metrics: new Metrics() });
}

/** What is there in the end, when a person was told of all that was announced. */
export async function outcomeOf(storage: MemoryStorage, told: string[] = []): Promise<Outcome> {
  await tell(storage, told);
  const store = new AlertStore(storage.tables);
  const listed = await Array.fromAsync(store.list());
  const alerts = listed.map(async ({ notified: _, ...alert }) => ({
    ...alert,
    eventIds: await store.eventIds(alert.id),
  }));
  const incidents = await Array.fromAsync(new IncidentStore(storage.tables).list({ limit: 10_000 }));
  const untold = listed.filter(({ notified, decision }) => !notified && decision !== 'monitor').map(({ id }) => id);
  return {
    kept: {
      alerts: byId(await Promise.all(alerts)),
      incidents: byId(incidents.map(({ incident }) => incident)),
      conditions: byId(await Array.fromAsync(new PostureStore(storage.tables).list())),
      untold,
    },
    told,
  };
}
