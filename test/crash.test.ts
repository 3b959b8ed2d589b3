import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { demoStory } from '../local/demo/story.ts';
import { SeededRandom } from '../local/demo/random.ts';
import { azureStorage } from '../platform/storage/azure.ts';
import { builtinRules } from '../pipeline/detection/builtin.ts';
import { loadRules } from '../pipeline/detection/load.ts';
import { AlertStore } from '../pipeline/incidents/alert-store.ts';
import { alertId, withSignal, type Alert } from '../pipeline/incidents/alert.ts';
import { readBody } from '../pipeline/read-body.ts';
import { timelineStore } from '../pipeline/timeline/store.ts';

const KILLS = 20;
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

/** Starts the local edition as a person would; resolves when it says that records can come. */
function start(): { ready: Promise<void>; output: () => string } {
  const environment = { ...process.env, CROSSTRAIL_CONFIG: undefined, CROSSTRAIL_HUBS: undefined };
  const started = spawn(process.execPath, [MAIN, '--data', folder, '--any-ports'], { env: environment, stdio: 'pipe' });
  child = started;
  let text = '';
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        if (/DEMO:|was played/.test(text)) resolve();
      });
    }
    started.once('exit', () => reject(new Error(`the local edition ended: ${text}`)));
  });
  ready.catch(() => undefined);
  return { ready, output: () => text };
}

async function kill(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

const readJson = <T>(file: string, schema: z.ZodType<T>): T =>
  schema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));

/** What a run without any crash gives: every event, and every alert. */
async function expected() {
  const { end } = readJson('demo.json', z.object({ end: z.number() }));
  const rules = await loadRules([builtinRules()]);
  const body = new TextEncoder().encode(JSON.stringify(demoStory(end).map(({ record }) => record)));
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
  for (let n = 0; n < KILLS; n++) {
    const { ready } = start();
    // One in four dies while it is starting; the others at work, which is where it matters.
    if (n % 4 === 3) await wait(random.below(1500));
    else {
      await ready;
      await wait(random.below(700));
    }
    await kill();
  }
  const { ready, output } = start();
  await ready;
  await expect.poll(output, { timeout: 60_000, interval: 100 }).toMatch(/The demo was sent|was played/);

  const { events, alerts } = await expected();
  const { storage } = readJson('local.json', z.object({ storage: z.string() }));
  const { tables } = azureStorage({ connectionString: storage });
  const timeline = timelineStore(tables);
  const missing = async () => {
    const found = await Promise.all(events.map((event) => timeline.get(event)));
    return events.filter((_, at) => found[at] === undefined).map(({ id }) => id);
  };
  await expect.poll(missing, { timeout: 30_000, interval: 500 }).toEqual([]);

  const byId = (list: readonly (Alert | undefined)[]) => new Map(list.map((alert) => [alert?.id, alert]));
  const kept = async () =>
    byId((await Array.fromAsync(new AlertStore(tables).list())).map(({ notified: _, ...alert }) => alert));
  await expect.poll(kept, { timeout: 30_000, interval: 500 }).toEqual(byId(alerts));

  const told = () =>
    readFileSync(join(folder, 'alerts.ndjson'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => z.object({ id: z.string() }).parse(JSON.parse(line)).id)
      .sort();
  await expect.poll(told, { timeout: 60_000, interval: 500 }).toEqual(alerts.map((alert) => alert?.id).sort());
}, 280_000);
