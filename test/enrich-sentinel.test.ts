import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { provideServices } from '../functions/services.ts';
import { startHttpTriggers } from '../local/host/http-triggers.ts';
import { invoke, json } from '../local/host/invoke.ts';
import { captureFunctions, type FunctionApp, type Registration } from '../local/host/registrations.ts';
import { systemClock } from '../platform/clock.ts';
import { Metrics } from '../platform/metrics.ts';
import { Correlation } from '../pipeline/correlation/correlation.ts';
import { linkBetween, observation, signal } from '../pipeline/correlation/observation-samples.ts';
import { FindingStore } from '../pipeline/enrichment/findings/finding-store.ts';
import { sampleIncident } from '../pipeline/incidents/incident-samples.ts';
import { IncidentStore } from '../pipeline/incidents/incident-store.ts';
import { EnrichedIncidents } from '../pipeline/sentinel/enriched-incidents.ts';
import { parseIncidentId } from '../pipeline/sentinel/incident-address.ts';
import { readBody } from '../pipeline/read-body.ts';
import { timelineStore } from '../pipeline/timeline/store.ts';
import { FakeLogAnalytics } from './fakes/log-analytics.ts';
import { FakeSentinel, incidentId, WORKSPACE_ID } from './fakes/sentinel.ts';
import { awsRecord, memoryPorts } from './memory-ports.ts';

const LOGS = '00000000-0000-4000-8000-0000000000ee';
const NAME = '73e01a99-0000-4000-8000-000000000001';
const NINE = Date.UTC(2026, 10, 20, 9);
const IAM = 'aws:arn:aws:iam::111122223333:user/backup';
const UPN = 'upn:backup@contoso.example';
const VM =
  '/subscriptions/00000000-0000-4000-8000-0000000000bb/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-1';

const { storage, hubs, matcher } = memoryPorts();
const lines: string[] = [];
let folder: string;
let app: FunctionApp;
let sentinel: FakeSentinel;
let logs: FakeLogAnalytics;
let server: Awaited<ReturnType<typeof startHttpTriggers>>;

beforeAll(async () => {
  [sentinel, logs] = await Promise.all([FakeSentinel.start(systemClock), FakeLogAnalytics.start(LOGS)]);
  folder = mkdtempSync(join(tmpdir(), 'enrich-sentinel-'));
  process.env['CROSSTRAIL_CONFIG'] = join(folder, 'crosstrail.yaml');
  writeFileSync(
    join(folder, 'inventory.json'),
    JSON.stringify([{ id: VM, name: 'web-1', exposure: 'internet', importance: 'high' }]),
  );
  writeFileSync(
    join(folder, 'crosstrail.yaml'),
    [
      `azure: { endpoints: { arm: '${sentinel.url}', logs: '${logs.url}' } }`,
      'rules: { builtin: false }',
      `assets: { files: ['inventory.json'] }`,
      `sentinel: { workspaces: [{ id: '${WORKSPACE_ID}', workspaceId: '${LOGS}' }] }`,
    ].join('\n'),
  );
  provideServices({ storage, hubs, log: () => undefined });
  app = await captureFunctions(() => import('../functions/index.ts'));
  server = await startHttpTriggers(app, [registered('enrich-sentinel-incident')], {
    port: 0,
    routePrefix: 'api',
    log: (level, message) => void lines.push(`${level}: ${message}`),
  });
  await known();
});
afterAll(async () => {
  delete process.env['CROSSTRAIL_CONFIG'];
  provideServices({});
  rmSync(folder, { recursive: true, force: true });
  await Promise.all([sentinel.close(), logs.close(), server.stop()]);
});
beforeEach(() => {
  for (const name of sentinel.names()) sentinel.delete(name);
  sentinel.seen.length = 0;
  sentinel.failure = () => undefined;
  lines.length = 0;
});

/** What Crosstrail knows: that the IAM user is a person of Entra, what was done as it, an incident of it, and a finding in the machine. */
async function known(): Promise<void> {
  const { tables, queues } = storage;
  const links = [linkBetween('directory', UPN, IAM)];
  const named = observation('1', 0, { signals: [signal('r')], links });
  await new Correlation('0', { tables, queues, metrics: new Metrics() }).handle(
    [named],
    { rules: [], correlations: [] },
    NINE,
  );
  const body = new TextEncoder().encode(
    JSON.stringify({ Records: [awsRecord(1), awsRecord(2, { eventName: 'DeleteTrail' })] }),
  );
  const { accepted } = readBody(body, matcher);
  await timelineStore(tables).insert(accepted.map(({ event }) => ({ ...event, signals: [] })));
  await new IncidentStore(tables).write(
    sampleIncident({ principals: [{ id: IAM, label: 'backup', kind: 'workload', aliases: [] }] }),
    1,
  );
  await new FindingStore(tables).keep([
    {
      id: 'defender/f1',
      source: 'defender',
      title: 'A flaw in Contoso Web Server',
      asset: `arm:${VM.toLowerCase()}`,
      cves: ['CVE-2026-0001'],
      severity: 'critical',
      status: 'open',
      time: NINE,
      eventId: 'defender/e1',
    },
  ]);
}

function registered(name: string): Registration {
  const registration = app.functions.find((each) => each.name === name);
  if (registration === undefined) throw new Error(`${name} is not registered`);
  return registration;
}

const add = (name = NAME): string =>
  sentinel.add(
    name,
    { firstActivityTimeUtc: new Date(NINE).toISOString(), lastActivityTimeUtc: new Date(NINE).toISOString() },
    {
      entities: [
        { kind: 'Account', name: 'a', properties: { accountName: 'backup', upnSuffix: 'contoso.example' } },
        { kind: 'AzureResource', name: 'r', properties: { resourceId: VM } },
      ],
    },
  );

async function post(body: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/sentinel/incidents`, { method: 'POST', body });
  return { status: response.status, body: await response.json() };
}
const tell = (id: string) => post(JSON.stringify({ object: { id }, workspaceInfo: {} }));

describe('the function that an automation rule calls', () => {
  it('writes what Crosstrail knows of the incident: who it is in AWS, what was done there, its incident, and findings', async () => {
    const { status, body } = await tell(add());
    expect({ status, lines }).toEqual({ status: 200, lines: [] });
    expect(body).toMatchObject({
      outcome: 'written',
      written: { comment: 'written' },
      calls: expect.any(Number) as number,
    });
    const [comment] = sentinel.comments(NAME);
    expect(comment?.message).toContain(IAM);
    expect(comment?.message).toContain('DeleteTrail');
    expect(comment?.message).toContain(sampleIncident().id);
    expect(comment?.message).toContain('CVE-2026-0001');
    expect(comment?.message).toContain('reachable from the internet');
    expect(comment?.message).toContain('EPSS scores');
    expect(sentinel.properties(NAME)['severity']).toBe('Medium');
  });

  it('does nothing when it is told of the same incident again at once', async () => {
    const name = '73e01a99-0000-4000-8000-000000000002';
    const id = add(name);
    const both = await Promise.all([tell(id), tell(id)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    const calls = sentinel.seen.length;
    expect((await tell(id)).body).toMatchObject({ outcome: 'recent' });
    expect(sentinel.seen.length).toBe(calls);
    expect(sentinel.comments(name)).toHaveLength(1);
  });

  it('refuses what is no incident, and incidents of workspaces that are not configured', async () => {
    for (const body of [
      '',
      'null',
      '[]',
      '{"object":{"id":7}}',
      '{"object":{"id":"/subscriptions/x"}}',
      '{"__proto__":{"id":"x"}}',
    ]) {
      expect(await post(body)).toMatchObject({
        status: 400,
        body: { error: expect.stringContaining('expected {') as string },
      });
    }
    const foreign = incidentId(NAME, WORKSPACE_ID.replace(/[^/]+$/, 'another'));
    expect(await tell(foreign)).toMatchObject({ status: 403 });
    expect(sentinel.seen).toEqual([]);
  });

  it('says that an incident is gone, what was refused, and when to come again where the service is busy', async () => {
    expect((await tell(incidentId('73e01a99-0000-4000-8000-000000000003'))).body).toMatchObject({ outcome: 'gone' });
    const refused = '73e01a99-0000-4000-8000-000000000008';
    sentinel.failure = ({ method }) => (method === 'PUT' ? { status: 403, code: 'AuthorizationFailed' } : undefined);
    expect(await tell(add(refused))).toMatchObject({
      status: 502,
      body: { error: expect.stringContaining('AuthorizationFailed') as string },
    });
    sentinel.failure = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    const name = '73e01a99-0000-4000-8000-000000000004';
    expect(await tell(add(name))).toMatchObject({ status: 503 });
    expect(lines.join()).toContain(name);
  });
});

describe('the timer', () => {
  it('enriches what nobody told of, once', async () => {
    const name = '73e01a99-0000-4000-8000-000000000005';
    add(name);
    const run = () =>
      invoke(
        app,
        registered('poll-sentinel'),
        { data: json({ IsPastDue: false }) },
        (level, message) => void lines.push(`${level}: ${message}`),
      );
    // Busy until now, as the function was told; other processes keep other counts.
    provideServices({ storage, hubs, log: () => undefined });
    await run();
    expect(sentinel.comments(name)).toHaveLength(1);
    const calls = sentinel.seen.length;
    await run();
    expect(sentinel.seen.length).toBe(calls + 1);
  });

  it('of retention forgets what was enriched long ago, and that alone', async () => {
    const enriched = new EnrichedIncidents(storage.tables);
    const [old, late] = [6, 7].map((at) => parseIncidentId(incidentId(`73e01a99-0000-4000-8000-00000000000${at}`)));
    if (old === undefined || late === undefined) throw new Error('no address');
    const noted = { content: 'c', tries: 1, complete: true };
    await enriched.note(old, { ...noted, at: Date.UTC(2020, 0, 1) });
    await enriched.note(late, { ...noted, at: systemClock.now() });
    await invoke(app, registered('retention'), { data: json({ IsPastDue: false }) }, () => undefined);
    expect(await enriched.get(old)).toBeUndefined();
    expect(await enriched.get(late)).toBeDefined();
  });
});
