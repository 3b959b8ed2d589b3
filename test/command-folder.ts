import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the first test that runs `crosstrail` puts its bundle. */
    readonly commandFolder: string;
  }
}

/** Gives all tests of a run one folder for the bundle of the command, and removes it in the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'crosstrail-command-'));
  project.provide('commandFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
}
