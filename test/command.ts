import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, inject } from 'vitest';
import { bundle } from '../scripts/bundle.ts';
import type {} from './command-folder.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

let place: string;
beforeAll(async () => {
  place = await bundledCommand();
}, 120_000);

/** How the command ended, and what it said. */
export interface Ended {
  /** The exit code; -1 where a signal ended it. */
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

/**
 * Runs `crosstrail` as a process of its own, bundled as it is installed: its start takes a third of the time that its sources take.
 * @param folder where it runs; the configuration there counts, and none of the project's
 * @param input its standard input
 */
export function runCommand(folder: string, args: readonly string[], input: string | Uint8Array = ''): Promise<Ended> {
  const options = { cwd: folder, env: { ...process.env, NODE_COMPILE_CACHE: join(place, 'compiled') } };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [join(place, 'dist/cli.js'), ...args], options, (error, out, errors) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, errors });
    });
    child.stdin?.end(input);
  });
}

/** Bundles the command where no test of this run has yet. @returns the folder of the installation */
async function bundledCommand(): Promise<string> {
  const parent = inject('commandFolder');
  const installed = join(parent, 'installed');
  if (existsSync(installed)) return installed;
  const own = await mkdtemp(join(parent, 'own-'));
  await writeFile(join(own, 'package.json'), '{"type":"module"}');
  await symlink(join(ROOT, 'detections'), join(own, 'detections'));
  await bundle(join(ROOT, 'cli/main.ts'), 'cli', join(own, 'dist'));
  // Where two did so at once, either will do.
  await rename(own, installed).catch((error: unknown) => {
    if (!existsSync(installed)) throw error;
  });
  return installed;
}
