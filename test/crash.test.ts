import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventHubProducerClient } from '@azure/event-hubs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { SeededRandom } from '../local/demo/random.ts';
import { demoStory } from '../local/demo/story.ts';
import { builtinRules } from '../pipeline/detection/builtin.ts';
import { loadRules } from '../pipeline/detection/loading/load.ts';
import { AlertStore } from '../pipeline/incidents/alert-store.ts';
import { IncidentStore } from '../pipeline/incidents/incident-store.ts';
import type { Incident } from '../pipeline/timeline/incident.ts';
import { observationOf } from '../pipeline/correlation/observe.ts';
import { CorrelationEngine } from '../pipeline/correlation/engine.ts';
import { readBody } from '../pipeline/read-body.ts';
import { timelineStore } from '../pipeline/timeline/store.ts';
import { azureStorage } from '../platform/storage/azure.ts';

const KILLS = process.env['CROSSTRAIL_LONG'] === '1' ? 40 : 12;
/** Stories of three hundred records and one attack each; each life of the edition is sent its share while it works. */
const STORIES = 6;
const RECORDS_A_MESSAGE = 6;
const HOUR = 3_600_000;
const MAIN = fileURLToPath(new URL('../local/main.ts', import.meta.url));

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crash-'));
  // Days of events come in a minute or two, and those of one partition long before those of another.
  const lateness = 'lateness: { cloudtrail: 10d, azure-activity: 10d, entra: 10d, aks-audit: 10d }';
  writeFileSync(configuration(), `correlation: { ${lateness} }\nfeeds: { automatic: false }\n`);
});
afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});

const configuration = () => join(folder, 'crosstrail.yaml');

/** Starts the local edition as a person would; resolves when records can come. */
async function start(): Promise<void> {
  const environment = { ...process.env, CROSSTRAIL_CONFIG: configuration(), CROSSTRAIL_HUBS: undefined };
  const options = ['--data', folder, '--any-ports', '--no-demo'];
  const started = spawn(process.execPath, [MAIN, ...options], { env: environment, stdio: 'pipe' });
  child = started;
  let text = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        if (text.includes('Ctrl-C')) resolve();
      });
    }
    started.once('exit', () => reject(new Error(`the local edition ended: ${text}`)));
  });
}

async function kill(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

const connections = () =>
  z
    .object({ hubs: z.string(), storage: z.string() })
    .parse(JSON.parse(readFileSync(join(folder, 'local.json'), 'utf8')));

interface Message {
  readonly hub: string;
  readonly records: readonly object[];
}

const stories = Array.from({ length: STORIES }, (_, n) => demoStory(Date.UTC(2026, 10, 20) + n * 7 * HOUR, n + 1));

/** The records of all stories, in messages of one hub each. */
const messages = (): Message[] =>
  stories
    .flatMap((story) => [...Map.groupBy(story, ({ hub }) => hub)])
    .flatMap(([hub, records]) =>
      Array.from({ length: Math.ceil(records.length / RECORDS_A_MESSAGE) }, (_, at) => ({
        hub,
        records: records.slice(at * RECORDS_A_MESSAGE, (at + 1) * RECORDS_A_MESSAGE).map(({ record }) => record),
      })),
    );

/** Sends messages and takes those off the list that were acknowledged, until `most` are or the edition is killed. */
async function feed(left: Message[], most: number, killed: AbortSignal): Promise<void> {
  const clients = new Map<string, EventHubProducerClient>();
  const { hubs } = connections();
  // The client of a server that is gone may wait for it longer than this test wants to.
  const gone = new Promise<never>((_, reject) => killed.addEventListener('abort', () => reject(new Error('killed'))));
  try {
    for (let sent = 0; sent < most && left[0] !== undefined; sent++) {
      const { hub, records } = left[0];
      const client = clients.get(hub) ?? new EventHubProducerClient(hubs, hub);
      clients.set(hub, client);
      await Promise.race([client.sendBatch([{ body: Buffer.from(JSON.stringify({ records })) }]), gone]);
      left.shift();
    }
  } catch (error) {
    // What was not acknowledged is sent to the next life.
    if (!killed.aborted) throw error;
  }
  const closed = Promise.allSettled([...clients.values()].map((client) => client.close()));
  await Promise.race([closed, gone]).catch(() => undefined);
}

/** What a run without any crash gives: every event, every alert and every incident. */
async function expected() {
  const rules = await loadRules([builtinRules()]);
  const body = new TextEncoder().encode(JSON.stringify(stories.flat().map(({ record }) => record)));
  const { accepted, rejected } = readBody(body, rules);
  expect(rejected).toEqual([]);
  const events = accepted.map(({ event }) => event);
  const engine = new CorrelationEngine({ rules });
  for (const event of events) engine.take(observationOf(event));
  // Nothing is decided that only waiting decides.
  const { incidents } = engine.settle(-Infinity);
  const stateful = new Set(rules.correlations.map(({ id }) => id));
  return { events, alerts: engine.alerts().map(({ alert }) => alert), incidents, stateful };
}

/** An incident without what is known beside the logs, and what that changes. */
function asLogsTell({ id, title, principals, clouds, techniques, firstSeen, lastSeen, ...more }: Incident) {
  const { steps, graph, joins, alertIds, eventIds, grounds } = more;
  return {
    ...{ id, title, principals, clouds, techniques, firstSeen, lastSeen },
    ...{ steps, graph, joins, alertIds, eventIds, grounds },
  };
}

it(`loses no record, repeats no alert and joins all incidents over ${KILLS} kills at random moments`, async () => {
  const random = new SeededRandom(Number(process.env['CRASH_SEED'] ?? Date.now()));
  const left = messages();
  const share = Math.ceil(left.length / KILLS);
  for (let n = 0; n < KILLS; n++) {
    const starting = start();
    starting.catch(() => undefined);
    // One in five dies while it is starting; the others while they work through what was just sent.
    if (n % 5 === 4) await wait(random.below(1200));
    else {
      await starting;
      const killing = new AbortController();
      const fed = feed(left, share, killing.signal);
      await wait(random.below(900));
      // First, so that what the client says of the lost connection is not taken for a failure of the edition.
      killing.abort();
      await kill();
      await fed;
    }
    await kill();
  }
  await start();
  await feed(left, left.length, new AbortController().signal);

  const { events, alerts, incidents, stateful } = await expected();
  const { tables } = azureStorage({ connectionString: connections().storage });
  const timeline = timelineStore(tables);
  let missing = events;
  const stillMissing = async () => {
    const found = await Promise.all(missing.map((event) => timeline.get(event)));
    missing = missing.filter((_, at) => found[at] === undefined);
    return missing.length;
  };
  await expect.poll(stillMissing, { timeout: 60_000, interval: 1000 }).toBe(0);

  const byId = <T extends { readonly id: string }>(list: readonly T[]) => new Map(list.map((one) => [one.id, one]));
  const kept = async () =>
    byId((await Array.fromAsync(new AlertStore(tables).list())).map(({ notified: _, ...alert }) => alert));
  await expect.poll(kept, { timeout: 100_000, interval: 1000 }).toEqual(byId(alerts));

  const joined = async () =>
    byId(
      (await Array.fromAsync(new IncidentStore(tables).list({ limit: 1000 }))).map(({ incident }) =>
        asLogsTell(incident),
      ),
    );
  expect(incidents.length).toBeGreaterThan(0);
  await expect.poll(joined, { timeout: 60_000, interval: 1000 }).toEqual(byId(incidents.map(asLogsTell)));

  const told = () =>
    readFileSync(join(folder, 'alerts.ndjson'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => z.object({ id: z.string() }).parse(JSON.parse(line)).id)
      .sort();
  const toTell = alerts.filter(({ decision }) => decision !== 'monitor');
  expect(toTell.length).toBeLessThan(alerts.length);
  const untold = async () =>
    (await Array.fromAsync(new AlertStore(tables).list()))
      .filter(({ decision, notified }) => decision !== 'monitor' && !notified)
      .map(({ id }) => id);
  await expect.poll(untold, { timeout: 60_000, interval: 500 }).toEqual([]);
  expect(told()).toEqual([...new Set(told())]);
  // An alert of several events may have been told of while it was another: before all of them were there.
  const single = toTell.filter(({ rule }) => !stateful.has(rule.id)).map(({ id }) => id);
  expect(told()).toEqual(expect.arrayContaining(single));
}, 280_000);
