import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type Storage, type Subject, connect, subjectsOf } from './storage-subjects.ts';

const ROUNDS = 10;
/** So low that the journal is compacted many times in a round, and some kills meet it while it is. */
const COMPACT_AT_BYTES = 20_000;

let folder: string;
let child: ChildProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-azurite-'));
});

afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts Azurite in a process of its own. */
async function start(): Promise<Storage> {
  const script = `
    import { startAzurite } from ${JSON.stringify(new URL('./start-azurite.ts', import.meta.url).href)};
    const azurite = await startAzurite(${JSON.stringify({ folder, compactAtBytes: COMPACT_AT_BYTES })});
    process.stdout.write(azurite.connectionString + '\\n');
    process.stdin.once('end', () => void azurite.close()).resume();
  `;
  child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('the process has no standard output');
  for await (const line of createInterface(child.stdout)) return connect(line);
  throw new Error('the process ended before storage was started');
}

async function kill(): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Writes to every subject at once, one write of each at a time, and kills the process with the `writes`-th under way. */
async function writeUntilKilled(storage: Storage, subjects: readonly Subject[], writes: number): Promise<number> {
  let sent = 0;
  let acknowledged = 0;
  const write = async (subject: Subject) => {
    while (sent < writes) {
      const kind = subject.kinds[randomInt(subject.kinds.length)] ?? '';
      const written = subject.write(kind, storage, `${kind}${sent}`);
      if (!written) continue;
      sent += 1;
      if (sent === writes) child.kill('SIGKILL');
      try {
        await written;
        acknowledged += 1;
      } catch (error) {
        if (sent < writes) throw error;
        return;
      }
    }
  };
  await Promise.all(subjects.map(write));
  await kill();
  return acknowledged;
}

describe('SIGKILL at any moment', () => {
  it('loses nothing that was acknowledged, and leaves nothing half done', { timeout: 120_000 }, async () => {
    let storage = await start();
    await storage.tables.createTable('Rows');
    await storage.blobs.createContainer('blobs');
    const subjects = ['1', '2'].flatMap((suffix) => subjectsOf('Rows', 'blobs', suffix));
    const recall = () => Promise.all(subjects.map((subject) => subject.recall(storage)));
    let acknowledged = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      acknowledged += await writeUntilKilled(storage, subjects, randomInt(1, 200));
      storage = await start();
      await recall();
    }
    expect(acknowledged).toBeGreaterThan(ROUNDS);

    child.stdin?.end();
    await once(child, 'exit');
    storage = await start();
    await recall();
  });
});
