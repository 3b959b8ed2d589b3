import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
import { alertId, withSignal, type Alert } from '../pipeline/incidents/alert.ts';
import { readBody } from '../pipeline/read-body.ts';
import { timelineStore } from '../pipeline/timeline/store.ts';
import { azureStorage } from '../platform/storage/azure.ts';

const KILLS = 20;
/** Stories of three hundred records and one attack each; each life of the edition is sent its share while it works. */
const STORIES = 6;
const RECORDS_A_MESSAGE = 6;
const HOUR = 3_600_000;
const MAIN = fileURLToPath(new URL('../local/main.ts', import.meta.url));

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crash-'));
});
afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the local edition as a person would; resolves when records can come. */
async function start(): Promise<void> {
  const environment = { ...process.env, CROSSTRAIL_CONFIG: undefined, CROSSTRAIL_HUBS: undefined };
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

/** What a run without any crash gives: every event, and every alert. */
async function expected() {
  const rules = await loadRules([builtinRules()]);
  const body = new TextEncoder().encode(JSON.stringify(stories.flat().map(({ record }) => record)));
  const { accepted, rejected } = readBody(body, rules);
  expect(rejected).toEqual([]);
  const raised = accepted.flatMap(({ event }) => event.signals.map((signal) => ({ signal, event })));
  const alerts = [...Map.groupBy(raised, alertId).values()].map((group) =>
    group.reduce<Alert | undefined>(withSignal, undefined),
  );
  return { events: accepted.map(({ event }) => event), alerts };
}

it(`loses no record and repeats no alert over ${KILLS} kills at random moments`, async () => {
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
      await kill();
      killing.abort();
      await fed;
    }
    await kill();
  }
  await start();
  await feed(left, left.length, new AbortController().signal);

  const { events, alerts } = await expected();
  const { tables } = azureStorage({ connectionString: connections().storage });
  const timeline = timelineStore(tables);
  let missing = events;
  const stillMissing = async () => {
    const found = await Promise.all(missing.map((event) => timeline.get(event)));
    missing = missing.filter((_, at) => found[at] === undefined);
    return missing.length;
  };
  await expect.poll(stillMissing, { timeout: 60_000, interval: 1000 }).toBe(0);

  const byId = (list: readonly (Alert | undefined)[]) => new Map(list.map((alert) => [alert?.id, alert]));
  const kept = async () =>
    byId((await Array.fromAsync(new AlertStore(tables).list())).map(({ notified: _, ...alert }) => alert));
  await expect.poll(kept, { timeout: 30_000, interval: 1000 }).toEqual(byId(alerts));

  const told = () =>
    readFileSync(join(folder, 'alerts.ndjson'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => z.object({ id: z.string() }).parse(JSON.parse(line)).id)
      .sort();
  const toTell = alerts.filter((alert) => alert?.decision !== 'monitor').map((alert) => alert?.id);
  expect(toTell.length).toBeLessThan(alerts.length);
  await expect.poll(told, { timeout: 60_000, interval: 500 }).toEqual(toTell.sort());
}, 280_000);
