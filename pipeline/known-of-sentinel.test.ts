import { describe, expect, it } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { Metrics } from '../platform/metrics.ts';
import { memoryStorage } from '../platform/storage/memory.ts';
import { awsRecord } from '../test/memory-ports.ts';
import { Correlation } from './correlation/correlation.ts';
import { linkBetween, observation, signal } from './correlation/observation-samples.ts';
import { sampleIncident } from './incidents/incident-samples.ts';
import { IncidentStore } from './incidents/incident-store.ts';
import { KnownIdentities } from './known-identities.ts';
import { crosstrailReader } from './known-of-sentinel.ts';
import { readBody } from './read-body.ts';
import type { CrosstrailReader } from './sentinel/enrichment-ports.ts';
import type { Incident } from './timeline/incident.ts';
import { timelineStore } from './timeline/store.ts';

const NINE = Date.UTC(2026, 10, 20, 9);
const HOUR = 3_600_000;
const WINDOW = { from: NINE - HOUR, to: NINE + 2 * HOUR };
const ANN = 'entra-user:t/1';
const UPN = 'upn:ann@contoso.example';
const IAM = 'aws:arn:aws:iam::111122223333:user/ann';

const { tables, queues } = memoryStorage();
const clock = new ManualClock(NINE);
const reader: CrosstrailReader = crosstrailReader({
  identities: new KnownIdentities(tables, undefined, clock),
  timeline: timelineStore(tables),
  incidents: new IncidentStore(tables),
});

describe('who is who, as a deployment has learned it', () => {
  it('is joined, and found by names, as often as it is learned anew', async () => {
    expect((await reader.identities()).resolve(UPN)).toBe(UPN);
    const links = [linkBetween('directory', ANN, UPN), linkBetween('directory', ANN, IAM)];
    const named = observation('1', 0, { signals: [signal('r')], links });
    const correlation = new Correlation('0', { tables, queues, metrics: new Metrics() });
    await correlation.handle([named], { rules: [], correlations: [] }, NINE);
    // What was read is used for a minute.
    expect((await reader.identities()).resolve(UPN)).toBe(UPN);
    clock.advance(61_000);
    const known = await reader.identities();
    expect(known.resolve(UPN)).toBe(ANN);
    expect([...known.membersOf(IAM)].sort()).toEqual([IAM, ANN, UPN].sort());
    expect(known.labelOf(ANN)).toBe('ann@contoso.example');
    expect([...known.called('Ann')].sort()).toEqual([IAM, UPN].sort());
    expect(known.called('carl')).toEqual([]);
  });

  it('is read again where reading it failed', async () => {
    let fails = true;
    const away = {
      ...tables,
      query: (...args: Parameters<typeof tables.query>) =>
        fails ? Promise.reject(new Error('away')) : tables.query(...args),
    };
    const identities = new KnownIdentities(away, undefined, clock);
    await expect(identities.reader()).rejects.toThrow('away');
    fails = false;
    expect((await identities.reader()).resolve(UPN)).toBe(ANN);
  });
});

describe('incidents that are about the same', () => {
  const store = new IncidentStore(tables);
  const put = (id: string, changes: Partial<Incident>) =>
    store.write(sampleIncident({ id, principals: [], graph: { nodes: [], edges: [] }, ...changes }), 1);
  const shares = async (...keys: string[]) =>
    (await reader.incidents(keys, WINDOW)).map(({ incident, shares: by }) => `${incident.id} ${by}`);

  it('share a person, a credential, a thing or an address at the time; the gravest come first', async () => {
    const node = (id: string, kind: 'address' | 'resource' | 'credential') => ({ id, label: id, kind });
    await put('incident-a', { score: 10, principals: [{ id: ANN, label: 'ann', kind: 'person', aliases: [UPN] }] });
    await put('incident-b', {
      score: 90,
      graph: { nodes: [node('ip:203.0.113.9', 'address'), node(IAM, 'credential')], edges: [] },
    });
    await put('incident-c', { score: 50, graph: { nodes: [node('arm:/x', 'resource')], edges: [] } });
    await put('incident-d', {
      score: 99,
      firstSeen: NINE + 3 * HOUR,
      lastSeen: NINE + 3 * HOUR,
      principals: [{ id: ANN, label: 'ann', kind: 'person', aliases: [] }],
    });
    expect(await shares(UPN, IAM, 'arm:/x')).toEqual([
      'incident-b principal',
      'incident-c resource',
      'incident-a principal',
    ]);
    expect(await shares('ip:203.0.113.9')).toEqual(['incident-b address']);
    expect(await shares('upn:bob@contoso.example')).toEqual([]);
  });
});

describe('events of several keys', () => {
  it('are each there once, within the time, and it is said where there are more', async () => {
    const body = new TextEncoder().encode(
      JSON.stringify({ Records: Array.from({ length: 70 }, (_, at) => awsRecord(at)) }),
    );
    const { accepted } = readBody(body, { match: () => [] });
    await timelineStore(tables).insert(accepted.map(({ event }) => ({ ...event, signals: [] })));
    const keys = ['ip:203.0.113.10', 'aws:arn:aws:iam::111122223333:user/backup'];
    const { events, more } = await reader.events(keys, WINDOW);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(events.length).toBe(60);
    expect(more).toBe(true);
    expect(await reader.events(keys, { from: NINE - HOUR, to: NINE })).toEqual({ events: [], more: false });
  });
});
