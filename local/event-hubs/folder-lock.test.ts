import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderInUseError, lockFolder } from './folder-lock.ts';

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'folder-lock-'));
  lock = join(folder, '.lock');
});

afterEach(() => rmSync(folder, { recursive: true }));

test('a folder has one holder at a time', () => {
  const unlock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(FolderInUseError);
  expect(() => lockFolder(folder)).toThrow(`${folder} is in use by the process ${process.pid}.`);
  unlock();
  expect(readdirSync(folder)).toEqual([]);
  lockFolder(folder)();
});

test('the lock of another running process holds, and that of a killed one does not', async () => {
  const module = new URL('./folder-lock.ts', import.meta.url).href;
  const code = `const { lockFolder } = await import(${JSON.stringify(module)}); lockFolder(${JSON.stringify(folder)}); process.stdout.write('locked'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  expect(() => lockFolder(folder)).toThrow(`in use by the process ${holder.pid ?? '?'}.`);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(existsSync(lock)).toBe(true);
  lockFolder(folder)();
});

test('a lock whose process number now belongs to another process is stale', () => {
  const unlock = lockFolder(folder);
  const [owner = ''] = readFileSync(lock, 'utf8').split('\n');
  unlock();
  // Where the system does not tell when a process began, the number alone must do.
  if (!owner.includes(' ')) return;
  writeFileSync(lock, `${owner.replace(/\d+$/, '1')}\nbefore\n`);
  lockFolder(folder)();
});

test.each(['', 'no number', '-1', '0'])('a lock that holds "%s" is stale', (content) => {
  writeFileSync(lock, content);
  lockFolder(folder)();
});

test('giving free takes only the own lock away', () => {
  const unlock = lockFolder(folder);
  writeFileSync(lock, 'another');
  unlock();
  expect(readFileSync(lock, 'utf8')).toBe('another');
});
