import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

const crosstrail = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });

it.each([
  ['crosstrail scan', 'crosstrail scan'],
  ['crosstrail rules list --none', 'crosstrail rules list'],
  ['crosstrail rules none', 'crosstrail rules'],
  ['crosstrail none', 'crosstrail'],
])('%s ends with 2 and names the help of %s', (line, name) => {
  const { status, stdout, stderr } = crosstrail(...line.split(' ').slice(1));
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(`(${name} --help shows what there is)\n`);
});

it('ends with what it found, though nobody reads its messages', async () => {
  const child = spawn(process.execPath, [MAIN, 'rules', 'explain', 'nothing', 'none.json']);
  child.stderr.destroy();
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(2);
});
