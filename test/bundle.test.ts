import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { captureFunctions } from '../local/host/registrations.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
let folder: string;

/** Builds in a copy, so that a `dist` of yours stays as it is; then takes the packages away: the bundle must stand alone. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  for (const name of [
    'cli',
    'functions',
    'pipeline',
    'platform',
    'scripts',
    'detections',
    'package.json',
    'host.json',
  ]) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: folder });
  for (const name of ['cli', 'functions', 'pipeline', 'platform', 'scripts', 'node_modules']) {
    rmSync(join(folder, name), { recursive: true });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('registers every function from the bundle alone', async () => {
  const app = await captureFunctions(() => import(pathToFileURL(join(folder, 'dist/functions.js')).href));
  expect(app.functions.map(({ name }) => name).sort()).toEqual([
    'correlate',
    'health',
    'ingest-aks-audit',
    'ingest-azure-activity',
    'ingest-cloudtrail',
    'ingest-entra',
    'notify',
    'poll-cloudtrail',
    'report-exceptions',
    'retention',
    'store-events',
  ]);
  const ingest = app.functions.find(({ name }) => name === 'ingest-entra');
  expect(Object.values(ingest?.bindings ?? {})).toMatchObject([
    { type: 'eventHubTrigger', cardinality: 'many', dataType: 'binary', connection: 'CROSSTRAIL_HUBS' },
  ]);
  expect(ingest?.retryOptions).toMatchObject({ maxRetryCount: -1, retryStrategy: 'exponentialBackoff' });
});

it('runs the command from the bundle alone, with its rules', () => {
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [join(folder, 'dist/cli.js'), ...args], { encoding: 'utf8' });
  expect(run('--version').trim()).toMatch(/^\d+\.\d+\.\d+$/);
  expect(run('rules', 'list', '--format', 'ndjson').trim().split('\n').length).toBeGreaterThanOrEqual(25);
});
