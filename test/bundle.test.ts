import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { captureFunctions } from '../local/host/registrations.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
let parent: string;
let folder: string;

/**
 * Builds in a copy, so that a `dist` of yours stays as it is; then takes the packages away, for the bundle must stand alone, and
 * puts it where npm installs it, for there Node runs no TypeScript.
 */
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'bundle-'));
  folder = join(parent, 'build');
  mkdirSync(folder);
  for (const name of [
    'cli',
    'functions',
    'pipeline',
    'platform',
    'playbooks',
    'scripts',
    'detections',
    'package.json',
    'host.json',
  ]) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: folder });
  for (const name of ['cli', 'functions', 'pipeline', 'platform', 'playbooks', 'scripts', 'node_modules']) {
    rmSync(join(folder, name), { recursive: true });
  }
  const installed = join(parent, 'node_modules', 'crosstrail');
  mkdirSync(join(parent, 'node_modules'));
  renameSync(folder, installed);
  folder = installed;
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

it('registers every function from the bundle alone', async () => {
  const app = await captureFunctions(() => import(pathToFileURL(join(folder, 'dist/functions.js')).href));
  expect(app.functions.map(({ name }) => name).sort()).toEqual([
    'answer-approval',
    'answer-slack-approval',
    'correlate',
    'enrich-sentinel-incident',
    'health',
    'ingest-aks-audit',
    'ingest-azure-activity',
    'ingest-cloudtrail',
    'ingest-defender',
    'ingest-entra',
    'ingest-github',
    'ingest-security-hub',
    'join-observations',
    'look-back',
    'notify',
    'pass-time',
    'poll-cloudtrail',
    'poll-sentinel',
    'receive-github-webhook',
    'receive-slack-interaction',
    'report-exceptions',
    'respond-to-incidents',
    'retention',
    'send-sentinel-incidents',
    'send-sentinel-logs',
    'show-approval',
    'store-events',
    'sweep-responses',
    'sync-tickets',
    'update-assets',
    'update-feeds',
    'work-on-responses',
  ]);
  const ingest = app.functions.find(({ name }) => name === 'ingest-entra');
  expect(Object.values(ingest?.bindings ?? {})).toMatchObject([
    { type: 'eventHubTrigger', cardinality: 'many', dataType: 'binary', connection: 'CROSSTRAIL_HUBS' },
  ]);
  expect(ingest?.retryOptions).toMatchObject({ maxRetryCount: -1, retryStrategy: 'exponentialBackoff' });
});

it('runs the command from the bundle alone, with its rules of both kinds', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(folder, 'dist/cli.js'), ...args], { encoding: 'utf8' });
  expect(run('--version').stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  const { stdout, stderr, status } = run('rules', 'test');
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(Number(/^(\d+) rules/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(25);
  const typescript = run('rules', 'test', '--filter', 'iam-policy-allows-everything', '--format', 'ndjson').stdout;
  expect(JSON.parse(typescript.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ rules: 1, failed: 0 });
});

it('says which Node it needs, where it is started by an older one', () => {
  const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })";
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(older)}`, join(folder, 'dist/cli.js'), 'rules', 'list'],
    { encoding: 'utf8' },
  );
  expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  expect(stderr).toMatch(/^crosstrail: needs Node 24 or newer, and this is 20\.1\.0 .*\n$/);
});

it('types rules that stand anywhere', () => {
  const rule = (test: string) => `import type { EventRule } from 'crosstrail';
export default {
  id: 'x', title: 'x', description: '', tags: [], falsepositives: [], level: 'low', classes: [6003],
  matches: ({ ocsf }, record, { values }) => ${test},
} satisfies EventRule<6003>;`;
  writeFileSync(join(parent, 'package.json'), '{"type":"module"}');
  writeFileSync(join(parent, 'good.rule.ts'), rule("ocsf.api.operation === 'x' && values(record, 'a').includes(1)"));
  writeFileSync(join(parent, 'bad.rule.ts'), rule('ocsf.api.operations === 1'));
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const check = (file: string) =>
    spawnSync(
      process.execPath,
      [tsc, ...'--ignoreConfig --noEmit --strict --module nodenext --target es2024'.split(' '), file],
      {
        cwd: parent,
        encoding: 'utf8',
      },
    ).stdout;
  expect(check('good.rule.ts')).toBe('');
  expect(check('bad.rule.ts')).toContain("'operations' does not exist on type 'Api'");
});
