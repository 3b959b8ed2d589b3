import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { provideServices } from '../functions/services.ts';
import { invoke, json } from '../local/host/invoke.ts';
import { captureFunctions, type FunctionApp, type TypedData } from '../local/host/registrations.ts';
import { ManualClock } from '../platform/clock.ts';
import { sampleIncident } from '../pipeline/incidents/incident-samples.ts';
import { IncidentStore } from '../pipeline/incidents/incident-store.ts';
import { readBody } from '../pipeline/read-body.ts';
import { encodeEvent } from '../pipeline/timeline/codec.ts';
import { FakeLogsIngestion, RULE } from './fakes/logs-ingestion.ts';
import { FakeSentinel, WORKSPACE_ID } from './fakes/sentinel.ts';
import { awsRecord, memoryPorts } from './memory-ports.ts';

const clock = new ManualClock(Date.parse('2026-11-20T10:00:00Z'));
const { storage, hubs, matcher } = memoryPorts();
const lines: string[] = [];
let folder: string;
let app: FunctionApp | undefined;
let sentinel: FakeSentinel;
let ingestion: FakeLogsIngestion;

beforeAll(async () => {
  [sentinel, ingestion] = await Promise.all([FakeSentinel.start(clock), FakeLogsIngestion.start()]);
  folder = mkdtempSync(join(tmpdir(), 'send-to-sentinel-'));
  process.env['CROSSTRAIL_CONFIG'] = join(folder, 'crosstrail.yaml');
});
afterAll(async () => {
  delete process.env['CROSSTRAIL_CONFIG'];
  provideServices({});
  rmSync(folder, { recursive: true, force: true });
  await Promise.all([sentinel.close(), ingestion.close()]);
});

async function configured(sentinelSection: string): Promise<void> {
  writeFileSync(
    join(folder, 'crosstrail.yaml'),
    `azure: { endpoints: { arm: '${sentinel.url}' } }\nrules: { builtin: false }\nsentinel:\n${sentinelSection}`,
  );
  provideServices({ storage, hubs, clock, log: () => undefined });
  app ??= await captureFunctions(() => import('../functions/index.ts'));
}

async function run(name: string, data: TypedData): Promise<void> {
  const registration = app?.functions.find((each) => each.name === name);
  if (app === undefined || registration === undefined) throw new Error(`${name} is not registered`);
  await invoke(app, registration, { data }, (level, message) => void lines.push(`${level}: ${message}`));
}

const batch = (): TypedData => {
  const body = new TextEncoder().encode(JSON.stringify({ Records: [awsRecord('a'), awsRecord('b')] }));
  const { accepted } = readBody(body, matcher);
  return { collectionBytes: { bytes: accepted.map(({ event }) => encodeEvent({ ...event, signals: [] })) } };
};

it('sends nothing unless it is configured, and then incidents and events to where it is', async () => {
  await new IncidentStore(storage.tables).write(sampleIncident(), 1);
  await configured('  poll: { enabled: false }\n');
  await run('send-sentinel-incidents', json({ IsPastDue: false }));
  await run('send-sentinel-logs', batch());
  expect([sentinel.seen.length, ingestion.requests]).toEqual([0, 0]);

  await configured(
    `  incidents: { workspace: ${WORKSPACE_ID} }\n  logs: { endpoint: '${ingestion.url}', rule: ${RULE}, events: all }\n`,
  );
  await run('send-sentinel-incidents', json({ IsPastDue: false }));
  await run('send-sentinel-logs', batch());
  const [name = ''] = sentinel.names();
  expect(sentinel.properties(name)).toMatchObject({ title: sampleIncident().title, status: 'New', severity: 'High' });
  expect(ingestion.rows.get('CrosstrailEvents_CL')?.map((row) => row['Source'])).toEqual(['cloudtrail', 'cloudtrail']);
  expect(lines.filter((line) => line.startsWith('error'))).toEqual([]);

  await new IncidentStore(storage.tables).write(sampleIncident({ title: 'told anew' }), 2);
  sentinel.failure = ({ method }) => (method === 'PUT' ? { status: 403, code: 'AuthorizationFailed' } : undefined);
  await run('send-sentinel-incidents', json({ IsPastDue: false }));
  expect(lines.find((line) => line.startsWith('error'))).toContain('AuthorizationFailed');
});
