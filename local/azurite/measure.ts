/**
 * Measures local storage against Azurite as it comes, on disk and in memory. From the project's folder:
 * `node local/azurite/measure.ts [rows]`; the kinds can be chosen: `node local/azurite/measure.ts 100000 ours disk`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { TableClient } from '@azure/data-tables';

import { systemClock } from '../../platform/clock.ts';
import { connectionStringOf } from './connection-string.ts';
import { startAzurite } from './start-azurite.ts';

interface Running {
  readonly connectionString: string;
  stop(): Promise<void>;
}

async function startOurs(folder: string): Promise<Running> {
  const azurite = await startAzurite({ folder });
  return { connectionString: azurite.connectionString, stop: () => azurite.close() };
}

async function startStock(location: readonly string[]): Promise<Running> {
  const script = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const ports = ['--blobPort', '0', '--queuePort', '0', '--tablePort', '0'];
  const options = ['--silent', '--skipApiVersionCheck', '--disableTelemetry', ...ports, ...location];
  const child: ChildProcess = spawn(process.execPath, [script, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('Azurite has no standard output');
  let table = 0;
  for await (const line of createInterface(child.stdout)) {
    table = Number(/Table service is successfully listening at .*:(\d+)/.exec(line)?.[1] ?? 0);
    if (table > 0) break;
  }
  return {
    connectionString: connectionStringOf({ blob: 0, queue: 0, table }),
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

const KINDS: Readonly<Record<string, (folder: string) => Promise<Running>>> = {
  ours: startOurs,
  disk: (folder) => startStock(['--location', folder]),
  memory: () => startStock(['--inMemoryPersistence']),
};

function rowOf(partitionKey: string, index: number) {
  const rowKey = String(index).padStart(9, '0');
  return { partitionKey, rowKey, class: 'authentication', principal: `user${index % 100}`, severity: 3, body: BODY };
}

const BODY = 'x'.repeat(500);

/** Runs `task` for 0 to `count` - 1, `width` at a time; returns how many a second. */
async function rate(count: number, width: number, task: (index: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return (count * 1000) / (performance.now() - started);
}

/** Milliseconds from when each of `count` tasks was due, `everyMs` apart, to its end. */
async function lateness(count: number, everyMs: number, task: (index: number) => Promise<unknown>): Promise<number[]> {
  const started = performance.now();
  const run = async (index: number) => {
    const due = started + index * everyMs;
    await systemClock.wait(Math.max(0, due - performance.now()));
    await task(index);
    return performance.now() - due;
  };
  return Promise.all(Array.from({ length: count }, (_, index) => run(index)));
}

function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((one, other) => one - other);
  return (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
}

async function measure(kind: string, start: (folder: string) => Promise<Running>, rows: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-measure-'));
  let running = await start(folder);
  const options = { allowInsecureConnection: true };
  const client = TableClient.fromConnectionString(running.connectionString, 'Rows', options);
  await client.createTable();
  await rate(500, 8, (index) => client.createEntity(rowOf('warm', index)));
  const inserts = await rate(3000, 8, (index) => client.createEntity(rowOf('single', index)));
  const transactions = await rate(rows / 100, 2, (index) => {
    const entities = Array.from({ length: 100 }, (_, item) => rowOf(`p${index % 50}`, index * 100 + item));
    return client.submitTransaction(entities.map((entity) => ['upsert', entity, 'Replace']));
  });
  const writes = await lateness(2000, 10, (index) => client.upsertEntity(rowOf('point', index % 1000), 'Replace'));
  const queries = await lateness(50, 200, async () => {
    const pages = client.listEntities({ queryOptions: { filter: "PartitionKey eq 'p7' and RowKey ge '000000700'" } });
    await pages.byPage({ maxPageSize: 100 }).next();
  });
  await running.stop();
  const restarted = performance.now();
  running = await start(folder);
  const restart = performance.now() - restarted;
  await running.stop();
  rmSync(folder, { recursive: true });
  return [
    kind.padEnd(6),
    `single inserts ${inserts.toFixed(0)}/s`,
    `transactions of 100: ${(transactions * 100).toFixed(0)} rows/s`,
    `point write ms p50 ${quantile(writes, 0.5)} p99 ${quantile(writes, 0.99)} max ${quantile(writes, 1)}`,
    `page of a partition ms p50 ${quantile(queries, 0.5)}`,
    `start with ${rows} rows ${restart.toFixed(0)} ms`,
  ].join(' | ');
}

const [rows = '100000', ...chosen] = process.argv.slice(2);
for (const [kind, start] of Object.entries(KINDS)) {
  if (chosen.length > 0 && !chosen.includes(kind)) continue;
  process.stdout.write(`${await measure(kind, start, Number(rows))}\n`);
}
