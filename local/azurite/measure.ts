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

/** One of what is compared, with all that was measured of it. */
interface Contender {
  readonly kind: string;
  readonly folder: string;
  readonly start: (folder: string) => Promise<Running>;
  running: Running;
  readonly client: TableClient;
  readonly inserts: number[];
  readonly transactions: number[];
  readonly windows: number[][];
  readonly queries: number[];
}

async function contender(kind: string, start: (folder: string) => Promise<Running>): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-measure-'));
  const running = await start(folder);
  const client = TableClient.fromConnectionString(running.connectionString, 'Rows', { allowInsecureConnection: true });
  await client.createTable();
  return { kind, folder, start, running, client, inserts: [], transactions: [], windows: [], queries: [] };
}

/** They take turns, so that what else the machine does meets all of them; of each the best turn counts. */
async function takeTurns(
  contenders: readonly Contender[],
  turns: number,
  take: (of: Contender, turn: number) => unknown,
) {
  for (let turn = 0; turn < turns; turn += 1) {
    for (const of of contenders) await take(of, turn);
  }
}

async function insertOneByOne({ client, inserts }: Contender, turn: number): Promise<void> {
  inserts.push(await rate(500, 8, (index) => client.createEntity(rowOf('single', turn * 500 + index))));
}

async function insertByTransaction({ client, transactions }: Contender, turn: number): Promise<void> {
  const perSecond = await rate(50, 2, (index) => {
    const first = (turn * 50 + index) * 100;
    const entities = Array.from({ length: 100 }, (_, item) => rowOf(`p${index}`, first + item));
    return client.submitTransaction(entities.map((entity) => ['upsert', entity, 'Replace']));
  });
  transactions.push(perSecond * 100);
}

async function writePoints({ client, windows }: Contender): Promise<void> {
  windows.push(await lateness(1000, 10, (index) => client.upsertEntity(rowOf('point', index), 'Replace')));
}

async function queryPages({ client, queries }: Contender): Promise<void> {
  const filter = "PartitionKey eq 'p7' and RowKey ge '000000700'";
  for (let count = 0; count < 20; count += 1) {
    const started = performance.now();
    await client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: 100 }).next();
    queries.push(performance.now() - started);
  }
}

async function startAgain(of: Contender): Promise<number> {
  await of.running.stop();
  const started = performance.now();
  of.running = await of.start(of.folder);
  return performance.now() - started;
}

async function main(rows: number, chosen: readonly string[]): Promise<void> {
  const kinds = Object.entries(KINDS).filter(([kind]) => chosen.length === 0 || chosen.includes(kind));
  const contenders: Contender[] = [];
  for (const [kind, start] of kinds) contenders.push(await contender(kind, start));
  await takeTurns(contenders, 10, insertOneByOne);
  await takeTurns(contenders, rows / 5000, insertByTransaction);
  await takeTurns(contenders, 3, writePoints);
  await takeTurns(contenders, 3, queryPages);
  for (const of of contenders) {
    const calmest =
      of.windows.toSorted((one, other) => Number(quantile(one, 0.99)) - Number(quantile(other, 0.99)))[0] ?? [];
    const results = [
      of.kind.padEnd(6),
      `single inserts ${Math.max(...of.inserts).toFixed(0)}/s`,
      `transactions of 100: ${Math.max(...of.transactions).toFixed(0)} rows/s`,
      `with ${rows} rows: 100 point writes/s, ms p50 ${quantile(calmest, 0.5)} p99 ${quantile(calmest, 0.99)} max ${quantile(calmest, 1)}`,
      `page of a partition ms p50 ${quantile(of.queries, 0.5)}`,
      `start ${(await startAgain(of)).toFixed(0)} ms`,
    ];
    process.stdout.write(`${results.join(' | ')}\n`);
    await of.running.stop();
    rmSync(of.folder, { recursive: true });
  }
}

const [rows = '100000', ...chosen] = process.argv.slice(2);
await main(Number(rows), chosen);
