import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { azureConnection } from '../../platform/azure/connection.ts';
import { azureEndpoints, azureSection } from '../../platform/azure/endpoints.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Metrics } from '../../platform/metrics.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { FakeLogsIngestion, RULE, TABLES } from '../../test/fakes/logs-ingestion.ts';
import type { Delivery } from '../delivery.ts';
import { encodeEvent, type StoredEvent } from '../timeline/codec.ts';
import { armKey } from '../timeline/entity-keys.ts';
import { classification } from '../timeline/ocsf/classification.ts';
import { azureLogSender, type LogSender } from './log-sender.ts';
import { sendLogs, type SendLogsOptions } from './send-logs.ts';
import { EVENTS_STREAM, eventRow, FINDINGS_STREAM } from './table-rows.ts';

const TIME = Date.UTC(2026, 10, 20, 9);
const ANN = 'upn:ann@contoso.example';
const VM = armKey(
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/vm-web',
);
const common = {
  severity_id: 4,
  time: TIME,
  metadata: { version: '1.8.0', product: { name: 'Contoso', vendor_name: 'Contoso' } },
} as const;

const call = (at: number, more: Partial<StoredEvent> = {}): StoredEvent => ({
  id: `cloudtrail/call-${at}`,
  source: 'cloudtrail',
  recordId: `call-${at}`,
  time: TIME + at,
  ocsf: {
    ...classification(6003, 1),
    ...common,
    actor: { user: { name: 'ann' } },
    api: { operation: 'CreateAccessKey' },
    cloud: { provider: 'AWS', account: { uid: '111122223333' } },
    src_endpoint: { ip: '203.0.113.7', location: { country: 'NL' } },
    status_id: 1,
  },
  entities: [
    { kind: 'user', key: ANN, part: 'actor', label: 'ann@contoso.example' },
    { kind: 'ip', key: 'ip:203.0.113.7', part: 'origin' },
  ],
  principal: ANN,
  signals: [
    {
      rule: { id: '00000000-0000-4000-8000-00000000aaaa', title: 'Access key for another user', level: 'high' },
      decision: 'warn',
      techniques: ['T1098.001'],
      window: 3_600_000,
      group: { principal: ANN },
    },
  ],
  ...more,
});

const vulnerable: StoredEvent = {
  id: 'defender/finding-1',
  source: 'defender',
  recordId: 'finding-1',
  time: TIME,
  ocsf: {
    ...classification(2002, 1),
    ...common,
    status_id: 1,
    finding_info: { uid: 'finding-1', title: 'openssl can be crashed' },
    vulnerabilities: [{ cve: { uid: 'CVE-2026-2222', cvss: [{ base_score: 7.5, version: '3.1' }] } }],
  },
  entities: [{ kind: 'resource', key: VM, part: 'target', label: 'vm-web' }],
  principal: VM,
  signals: [],
};

let fake: FakeLogsIngestion;
let sender: LogSender;
let metrics: Metrics;
const refused = vi.fn();

beforeAll(async () => {
  fake = await FakeLogsIngestion.start();
  sender = await senderTo(RULE);
});
afterAll(() => fake.close());
beforeEach(() => {
  fake.reset();
  refused.mockClear();
  metrics = new Metrics();
});

async function senderTo(rule: string): Promise<LogSender> {
  const connection = await azureConnection(azureEndpoints(azureSection.parse({})), [fake.url]);
  return azureLogSender(connection, { endpoint: fake.url, rule, cloud: 'public', retryDelay: 1 });
}

const deliveries = (events: readonly StoredEvent[]): Delivery[] =>
  events.map((event, sequenceNumber) => ({
    body: encodeEvent(event),
    origin: { hub: 'timeline', partition: '0', sequenceNumber, enqueued: TIME },
  }));

const send = (events: readonly StoredEvent[], options: Partial<SendLogsOptions> = {}, to = sender) =>
  sendLogs(
    deliveries(events),
    { blobs: memoryStorage().blobs, metrics, sender: to, refused },
    { events: 'all', findings: true, ...options },
  );

const rows = (table: string): readonly JsonObject[] => fake.rows.get(table) ?? [];
const ids = () => rows('CrosstrailEvents_CL').map((row) => row['EventId']);

describe('what is sent to tables of Sentinel', () => {
  it('are events with what people ask for, and findings as they stand', async () => {
    await send([call(1), vulnerable]);
    expect(rows('CrosstrailEvents_CL')[0]).toMatchObject({
      TimeGenerated: '2026-11-20T09:00:00.001Z',
      EventId: 'cloudtrail/call-1',
      Source: 'cloudtrail',
      ClassUid: 6003,
      Operation: 'CreateAccessKey',
      Outcome: 'success',
      Principal: ANN,
      PrincipalName: 'ann@contoso.example',
      SourceAddress: '203.0.113.7',
      SourceCountry: 'NL',
      Account: '111122223333',
      Signals: [{ title: 'Access key for another user', level: 'high', decision: 'warn', techniques: ['T1098.001'] }],
      OcsfLeftOut: false,
    });
    expect(ids()).toEqual(['cloudtrail/call-1', 'defender/finding-1']);
    expect(rows('CrosstrailFindings_CL')).toMatchObject([
      {
        FindingId: 'defender/finding-1',
        Asset: VM,
        AssetName: 'vm-web',
        Cves: ['CVE-2026-2222'],
        Cvss: 7.5,
        Status: 'open',
      },
    ]);
    expect(metrics.total('sentinel_rows', { stream: EVENTS_STREAM })).toBe(2);
    expect(metrics.total('sentinel_rows', { stream: FINDINGS_STREAM })).toBe(1);
  });

  it('has no column that the tables do not have, and leaves none of theirs always empty', async () => {
    await send([call(1), vulnerable]);
    const sent = eventRow({ ...call(1), ocsf: vulnerable.ocsf });
    for (const column of Object.keys(sent))
      expect(TABLES['CrosstrailEvents_CL']?.map(({ name }) => name)).toContain(column);
    for (const table of ['CrosstrailEvents_CL', 'CrosstrailFindings_CL']) {
      const optional = new Set(['Subject', 'Fix', 'Exposure']);
      for (const { name } of TABLES[table] ?? []) {
        if (!optional.has(name))
          expect(
            rows(table).some((row) => row[name] !== null),
            `${table} ${name}`,
          ).toBe(true);
      }
    }
  });

  it.each([
    ['none', []],
    ['signals', ['cloudtrail/call-1']],
    ['all', ['cloudtrail/call-1', 'defender/finding-1']],
  ] as const)('is, of events, %s', async (events, expected) => {
    await send([call(1), vulnerable], { events, findings: false });
    expect(ids()).toEqual(expected);
    expect(rows('CrosstrailFindings_CL')).toEqual([]);
  });

  it('goes in requests of less than a megabyte, whatever the records hold', async () => {
    const big = Array.from({ length: 60 }, (_, at) => {
      const event = call(at);
      const text = '\u0000é"'.repeat(at % 2 === 0 ? 5000 : 2500);
      return { ...event, ocsf: { ...event.ocsf, message: text, unmapped: { text } } };
    });
    await send(big);
    expect(rows('CrosstrailEvents_CL')).toHaveLength(60);
    expect(fake.sizes.length).toBeGreaterThan(1);
    expect(Math.max(...fake.sizes)).toBeLessThan(1024 * 1024);
    // Requests go side by side: the one that was sent first need not come first.
    const leftOut = rows('CrosstrailEvents_CL').filter((row) => row['OcsfLeftOut'] === true);
    expect(leftOut.map((row) => row['Ocsf'])).toEqual(Array.from({ length: 30 }, () => null));
    expect(rows('CrosstrailEvents_CL').filter((row) => row['Ocsf'] !== null)).toHaveLength(30);
  });

  it('is sent in halves where the service takes less, and a row that is too large by itself is told of', async () => {
    fake.failure = (request) => (request <= 3 ? { status: 413 } : undefined);
    await send([call(1), call(2), call(3), call(4)], { findings: false });
    expect(ids().sort()).toEqual([2, 3, 4].map((at) => `cloudtrail/call-${at}`));
    expect(metrics.total('sentinel_rows_refused')).toBe(1);
    expect(refused).toHaveBeenCalledWith(
      expect.stringContaining('1 of 4 rows: Custom-CrosstrailEvents_CL was refused with status 413'),
    );
  });

  it('waits as the service says, and tries again what it could not take', async () => {
    fake.failure = (request) =>
      request === 1 ? { status: 429, headers: { 'retry-after': '0' } } : request === 2 ? { status: 503 } : undefined;
    await send([call(1)], { findings: false });
    expect(ids()).toEqual(['cloudtrail/call-1']);
    expect(fake.requests).toBe(3);
  });

  it.each([429, 500, 401, 403, 404])('is delivered again while the service answers %i', async (status) => {
    fake.failure = () => ({ status, headers: { 'retry-after': '0' } });
    await expect(send([call(1)])).rejects.toThrow();
    expect(refused).not.toHaveBeenCalled();
  });

  it('is passed over where the rule has no such stream, for that mends itself by nothing', async () => {
    fake.failure = () => ({ status: 400 });
    await send([call(1), call(2)], { findings: false });
    expect(fake.requests).toBe(1);
    expect(metrics.total('sentinel_rows_refused')).toBe(2);
  });

  it('waits for a rule that is not there yet', async () => {
    await expect(send([call(1)], {}, await senderTo('dcr-00000000000000000000000000000002'))).rejects.toThrow();
  });

  it('is not held up by an event that is none', async () => {
    const odd = { ...call(1), ocsf: {} as unknown as StoredEvent['ocsf'] };
    await send([odd, call(2)], { findings: false });
    expect(ids()).toEqual(['cloudtrail/call-2']);
    expect(refused).toHaveBeenCalledOnce();
  });
});

describe('the tables', () => {
  it('have columns that Log Analytics allows', () => {
    const text = readFileSync(new URL('../../infra/sentinel/tables.json', import.meta.url), 'utf8');
    expect(Object.keys(TABLES)).toEqual(
      [EVENTS_STREAM, FINDINGS_STREAM].map((stream) => stream.replace('Custom-', '')),
    );
    expect(text).not.toContain('__proto__');
    // https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview
    const reserved = [
      'type',
      'tenantid',
      'resource',
      'resourceid',
      'resourcename',
      'resourcetype',
      'subscriptionid',
      'tenanted',
    ];
    for (const columns of Object.values(TABLES)) {
      expect(columns[0]).toEqual({ name: 'TimeGenerated', type: 'datetime' });
      for (const { name, type } of columns) {
        expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_-]{0,44}$/);
        expect(reserved).not.toContain(name.toLowerCase());
        expect(['string', 'int', 'long', 'real', 'boolean', 'dynamic', 'datetime']).toContain(type);
      }
    }
  });
});
