import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Checkpoints } from './checkpoints.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('keeps the last position of each partition over restarts', () => {
  const first = new Checkpoints(folder);
  expect(first.read('entra', '$Default', '0')).toBeUndefined();
  first.write('entra', '$Default', '0', 1_234_567);
  first.write('entra', '$Default', '0', 8);
  first.write('entra', 'store', '0', 0);
  first.close();
  const second = new Checkpoints(folder);
  expect(second.read('entra', '$Default', '0')).toBe(8);
  expect(second.read('entra', 'store', '0')).toBe(0);
  expect(second.read('entra', '$Default', '1')).toBeUndefined();
  second.close();
});

it('counts a file that was only just made as none, and refuses one that holds something else', () => {
  writeFileSync(join(folder, 'a~b~0.checkpoint'), '');
  writeFileSync(join(folder, 'a~b~1.checkpoint'), 'something');
  const checkpoints = new Checkpoints(folder);
  expect(checkpoints.read('a', 'b', '0')).toBeUndefined();
  expect(() => checkpoints.read('a', 'b', '1')).toThrow('remove it');
});
