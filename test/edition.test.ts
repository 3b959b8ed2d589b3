import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../platform/clock.ts';
import { demoStory } from '../local/demo/story.ts';
import { startEdition, type Edition } from '../local/edition.ts';
import { deviceCodeToAws } from './chains/device-code-to-aws.ts';
import { writeChains } from './chains/files.ts';
import { corpus } from './corpus.ts';

const CLI = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const told: string[] = [];
const logged: string[] = [];
let folder: string;
let edition: Edition;

/** An exception for what Mara does in the demo. */
const exception = (id: string, expires: number): string =>
  JSON.stringify({
    title: 'Mara makes access keys',
    id,
    rules: ['4a3b6cc6-7f78-4ac7-8227-652e9dd93e58'],
    detection: { selection: { 'userIdentity.arn|endswith': '/mara@contoso.example' }, condition: 'selection' },
    owner: 'cloud-security',
    reason: 'She hands out the keys of the new account.',
    expires: new Date(expires).toISOString(),
    review: new Date(expires).toISOString(),
  });

/** A correlation of a rule that fires on whatever is done in the cluster of the demo. */
const CORRELATION = `title: Calls to the cluster
id: call
logsource: { product: kubernetes, service: audit }
detection: { selection: { verb|exists: true }, condition: selection }
---
title: Many calls to the cluster
id: calls
level: low
correlation: { type: event_count, rules: [call], group-by: [principal], timespan: 5m, condition: { gte: 3 } }
`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edition-'));
  // A scan in this folder takes its exceptions too.
  for (const name of ['exceptions', 'old', 'rules']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'exceptions/keys.yml'), exception('keys-handed-out', Date.now() + 399 * 86_400_000));
  writeFileSync(join(folder, 'old/keys.yml'), exception('a-former-one', Date.UTC(2026, 0)));
  const configuration = join(folder, 'edition.yaml');
  writeFileSync(join(folder, 'rules/calls.yml'), CORRELATION);
  writeFileSync(
    configuration,
    'rules: { directories: [rules] }\nexceptions: { directories: [exceptions, old] }\nfeeds: { automatic: false }\n',
  );
  process.env['CROSSTRAIL_CONFIG'] = configuration;
  const notifier = { notify: async ({ id }: { id: string }) => void told.push(id) };
  edition = await startEdition({
    folder: join(folder, 'data'),
    clock: systemClock,
    notifier,
    log: (level, message) => logged.push(`${level}: ${message}`),
    anyPorts: true,
  });
});
afterAll(async () => {
  await edition.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command as a person would, against this edition. */
async function crosstrail(...args: string[]): Promise<{ status: number | null; out: string; err: string }> {
  const environment = { ...process.env, AzureWebJobsStorage: undefined, CROSSTRAIL_HUBS: undefined };
  const child = spawn(process.execPath, [CLI, ...args], { cwd: folder, env: environment });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out, err };
}

const alert = z.object({
  type: z.literal('alert'),
  id: z.string(),
  decision: z.string(),
  count: z.number(),
  eventIds: z.array(z.string()),
});

/** What a command prints of alerts, by id. */
const alertsIn = (out: string) =>
  new Map(
    out
      .split('\n')
      .filter((line) => line.startsWith('{"type":"alert"'))
      .map((line) => alert.parse(JSON.parse(line)))
      .map(({ id, decision, count, eventIds }) => [id, { decision, count, eventIds: eventIds.toSorted() }]),
  );

const incident = z.object({
  type: z.literal('incident'),
  id: z.string(),
  title: z.string(),
  severity: z.string(),
  score: z.number(),
  story: z.array(z.string()),
  alertIds: z.array(z.string()),
  eventIds: z.array(z.string()),
});

/** What a command prints of incidents. */
const incidentsIn = (out: string) =>
  out
    .split('\n')
    .filter((line) => line.startsWith('{"type":"incident"'))
    .map((line) => incident.parse(JSON.parse(line)));

const data = () => ['--data', join(folder, 'data')];

/** Replays a path, and waits until the edition has raised what a scan of it raises. */
async function expectSameAlerts(path: string): Promise<ReturnType<typeof alertsIn>> {
  const scanned = await crosstrail('scan', path, '--rules', 'rules', '--format', 'ndjson');
  expect(scanned.err).toBe('');
  expect(scanned.status).toBe(0);
  const expected = alertsIn(scanned.out);
  expect(expected.size).toBeGreaterThan(0);
  expect((await crosstrail('replay', path, ...data())).status).toBe(0);
  const raised = async () => {
    const { out } = await crosstrail('alerts', '--limit', '100000', '--format', 'ndjson', ...data());
    const all = alertsIn(out);
    return new Map([...expected.keys()].map((id) => [id, all.get(id)]));
  };
  await expect.poll(raised, { timeout: 60_000, interval: 500 }).toEqual(expected);
  return expected;
}

describe('the local edition', () => {
  it('raises the alerts that a scan of the same files raises, tells of each once that is not only counted, and shows who did what', async () => {
    const file = join(folder, 'demo.ndjson');
    const records = demoStory(Date.UTC(2026, 10, 20, 12)).map(({ record }) => JSON.stringify(record));
    writeFileSync(file, records.join('\n'));
    const alerts = await expectSameAlerts(file);
    const { out: listed } = await crosstrail('alerts', '--limit', '1000', '--format', 'ndjson', ...data());
    expect(listed).toContain('"title":"Many calls to the cluster"');
    const toTell = [...alerts].filter(([, { decision }]) => decision !== 'monitor').map(([id]) => id);
    expect(toTell.length).toBeLessThan(alerts.size);
    await expect.poll(() => told.toSorted(), { timeout: 20_000 }).toEqual(toTell.sort());
    expect((await crosstrail('replay', file, ...data())).err).toContain(`${records.length} records sent`);
    expect(told).toHaveLength(toTell.length);

    const { out } = await crosstrail('timeline', '198.51.100.23', '--oldest', '--limit', '5', ...data());
    expect(out.split('\n')[1]).toMatch(/entra/);
  }, 120_000);

  it('keeps what an exception suppresses apart, as a scan does, and reports exceptions that have expired', async () => {
    const { out } = await crosstrail('scan', join(folder, 'demo.ndjson'), '--format', 'ndjson');
    const expected = out
      .split('\n')
      .filter((line) => line.includes('"suppressed":{"exception":"keys-handed-out"}'))
      .map((line) => z.object({ eventIds: z.array(z.string()) }).parse(JSON.parse(line)).eventIds[0]);
    expect(expected).toHaveLength(1);
    const suppressed = ['exceptions', 'suppressed', ...data()];
    const listed = async () =>
      (await crosstrail(...suppressed, '--exception', 'keys-handed-out', '--format', 'ndjson')).out;
    await expect.poll(listed, { timeout: 30_000, interval: 500 }).toContain(expected[0]);
    expect((await listed()).trim().split('\n')).toHaveLength(1);
    expect((await crosstrail(...suppressed)).out).toMatch(/medium +IAM access key .* keys-handed-out/);
    expect((await crosstrail(...suppressed, '--exception', 'a-former-one')).out).toBe('nothing was suppressed\n');
    expect((await crosstrail(...suppressed, '--since', '2199-01-01T00:00:00Z')).out).toBe('nothing was suppressed\n');
    expect(logged.filter((line) => line.startsWith('warning: the exception a-former-one'))).toHaveLength(1);
  }, 60_000);

  it('keeps what it cannot read, says why, and takes it again', async () => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, '{"records":[{"category":"FunctionAppLogs","time":"2026-11-20T10:00:00Z"}]}');
    await crosstrail('replay', file, ...data());
    const listed = async () => (await crosstrail('dead-letters', 'list', ...data())).out;
    await expect.poll(listed, { timeout: 30_000, interval: 500 }).toContain('FunctionAppLogs');
    const before = await listed();
    expect((await crosstrail('dead-letters', 'replay', ...data())).err).toContain('1 dead letters sent again');
    // It still cannot be read, so it comes back under the number of its new message.
    await expect
      .poll(async () => [(await listed()) !== before, (await listed()).includes('FunctionAppLogs')], {
        timeout: 30_000,
        interval: 500,
      })
      .toEqual([true, true]);
  }, 120_000);

  it('joins an attack across four sources into one incident, as a scan does, and shows it step by step', async () => {
    const files = writeChains(join(folder, 'attack'), [deviceCodeToAws]);
    expect(files).toHaveLength(4);
    const scanned = incidentsIn((await crosstrail('scan', join(folder, 'attack'), '--format', 'ndjson')).out);
    expect(scanned).toHaveLength(1);
    const [expected] = scanned;
    expect((await crosstrail('replay', join(folder, 'attack'), ...data())).status).toBe(0);
    const listed = async () =>
      incidentsIn((await crosstrail('incidents', 'list', '--limit', '1000', '--format', 'ndjson', ...data())).out);
    await expect.poll(listed, { timeout: 60_000, interval: 500 }).toContainEqual(expected);
    const { out } = await crosstrail('incidents', 'show', String(expected?.id), ...data());
    expect(out).toContain(expected?.title);
    const person = 'nadia.hollis@contoso.example';
    expect((await crosstrail('entity', person, ...data())).out).toMatch(/principal\s+entra-user:/);
    const timeline = async (...more: string[]) => (await crosstrail('timeline', person, ...more, ...data())).out;
    expect(await timeline()).toContain('azure-activity');
    expect(await timeline()).toMatch(/entra +Sign-in activity +nadia\.hollis@contoso\.example/);
    expect(await timeline('--only')).not.toContain('Microsoft.Insights/diagnosticSettings/delete');
  }, 120_000);

  it('says what it has counted', async () => {
    const answer = await fetch(`${edition.connections.url}/health`);
    expect(answer.status).toBe(200);
    const { counts, exceptions } = z
      .object({
        counts: z.array(z.object({ name: z.string(), value: z.number() })),
        exceptions: z.object({ loaded: z.number(), notices: z.array(z.string()) }),
      })
      .parse(await answer.json());
    expect(exceptions.loaded).toBe(2);
    expect(exceptions.notices).toEqual([expect.stringContaining('a-former-one')]);
    expect(counts.find(({ name }) => name === 'suppressed')?.value).toBe(1);
    expect(counts.find(({ name }) => name === 'dead_letters')?.value).toBeGreaterThan(0);
    expect(counts.find(({ name }) => name === 'stored')?.value).toBeGreaterThan(0);
  });

  const invictus = corpus('cloudtrail/invictus');
  it.skipIf(invictus === undefined)(
    `raises the alerts of a scan for an hour of a real account${invictus === undefined ? ' (skipped: the corpus is absent)' : ''}`,
    async () => {
      await expectSameAlerts(invictus ?? '');
    },
    180_000,
  );
});
