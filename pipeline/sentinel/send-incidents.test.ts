import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import type { ArmClient, ArmOptions } from '../../platform/azure/arm.ts';
import { Metrics } from '../../platform/metrics.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Storage } from '../../platform/storage/ports.ts';
import { FakeSentinel, WORKSPACE_ID } from '../../test/fakes/sentinel.ts';
import { sentinelArm } from '../../test/sentinel.ts';
import { sampleIncident } from '../incidents/incident-samples.ts';
import type { Incident } from '../timeline/incident.ts';
import { OWN_LABEL } from './incident.ts';
import { parseWorkspaceId, type WorkspaceAddress } from './incident-address.ts';
import type { OutwardIncident } from './outward-incident.ts';
import { sendIncidents, type SendIncidentsOptions } from './send-incidents.ts';
import { outwardIncidentId } from './sentinel-ids.ts';

const clock = new ManualClock(Date.parse('2026-11-20T10:00:00Z'));
let fake: FakeSentinel;
let storage: Storage;
let kept: Map<string, OutwardIncident>;

beforeAll(async () => {
  fake = await FakeSentinel.start(clock);
});
afterAll(() => fake.close());
beforeEach(() => {
  clock.advance(10 * 60_000);
  for (const name of fake.names()) fake.delete(name);
  fake.seen.length = 0;
  fake.failure = () => undefined;
  storage = memoryStorage();
  kept = new Map();
});

function workspace(): WorkspaceAddress {
  const parsed = parseWorkspaceId(WORKSPACE_ID);
  if (parsed === undefined) throw new Error('no workspace');
  return parsed;
}

const nameOf = (id: string): string => outwardIncidentId(workspace(), id);

function keep(id: string, incident: Partial<Incident> = {}, other: Partial<OutwardIncident> = {}): void {
  const made = sampleIncident({ lastSeen: clock.now(), ...incident, id });
  kept.set(id, { incident: made, state: 'open', withdrawn: false, ...other });
}

const incidents = {
  async *list({ since, limit }: { since: number; limit: number }) {
    const standing = [...kept].filter(([id, { incident, withdrawn }]) => incident.id === id && !withdrawn);
    yield* standing
      .map(([, each]) => each)
      .filter(({ incident }) => incident.lastSeen >= since)
      .slice(0, limit);
  },
  get: (id: string) => Promise.resolve(kept.get(id)),
};

async function send(options: Partial<SendIncidentsOptions> = {}, limits: Partial<ArmOptions> = {}, arm?: ArmClient) {
  fake.seen.length = 0;
  const client = arm ?? (await sentinelArm(fake, clock, { maxCalls: 60, ...limits }));
  return sendIncidents(
    { incidents, tables: storage.tables, arm: client, clock, metrics: new Metrics() },
    { workspace: workspace(), from: 'medium', close: true, ...options },
  );
}

const puts = () => fake.seen.filter(({ method }) => method === 'PUT').length;

describe('incidents of Crosstrail in Sentinel', () => {
  it('are made once, under a name made of their id, and not written again while they stay the same', async () => {
    keep('incident-1');
    expect(await send()).toEqual({ written: 1, deleted: 0, problems: [] });
    expect(fake.names()).toEqual([nameOf('incident-1')]);
    const properties = fake.properties(nameOf('incident-1'));
    expect(properties).toMatchObject({
      title: 'ann@contoso.example: from a device-code sign-in in Entra to a trail stopped in AWS',
      severity: 'High',
      status: 'New',
      firstActivityTimeUtc: '2026-11-20T09:00:00.000Z',
    });
    expect(properties['labels']).toEqual(
      [OWN_LABEL, 'critical', 'T1566.002', 'T1078.004', 'T1685.002'].map((labelName) => ({ labelName })),
    );
    expect(properties['description']).toContain('Who: ann@contoso.example\nClouds: Microsoft Entra, AWS\n');
    expect(properties['description']).toContain('StopLogging');
    expect((await send()).written).toBe(0);
    expect(fake.seen).toEqual([]);
  });

  it('are found again where a crash came before they were noted, or the notes are lost', async () => {
    keep('incident-1');
    await send();
    storage = memoryStorage();
    await send();
    expect(puts()).toBe(0);
    expect(fake.names()).toHaveLength(1);
  });

  it('follow what becomes of them, and leave what a person changed', async () => {
    keep('incident-1', { severity: 'medium', title: 'first' });
    await send();
    fake.edit(nameOf('incident-1'), {
      owner: { objectId: 'hers' },
      severity: 'Low',
      labels: [{ labelName: 'hers' }],
    });
    keep('incident-1', { severity: 'high', title: 'second' }, { state: 'contained' });
    expect((await send()).written).toBe(1);
    expect(fake.properties(nameOf('incident-1'))).toMatchObject({
      title: 'second',
      status: 'Active',
      severity: 'Low',
      owner: { objectId: 'hers' },
    });
    expect(fake.properties(nameOf('incident-1'))['labels']).toContainEqual({ labelName: 'hers' });
  });

  it.each([
    ['true-positive', 'TruePositive', 'SuspiciousActivity'],
    ['benign', 'BenignPositive', 'SuspiciousButExpected'],
    ['false-positive', 'FalsePositive', 'IncorrectAlertLogic'],
  ] as const)(
    'are closed as %s, and opened again with Crosstrail',
    async (verdict, classification, classificationReason) => {
      keep('incident-1');
      await send();
      keep('incident-1', {}, { state: 'closed', verdict });
      await send();
      expect(fake.properties(nameOf('incident-1'))).toMatchObject({
        status: 'Closed',
        classification,
        classificationReason,
      });
      keep('incident-1', { score: 99 });
      await send();
      expect(fake.properties(nameOf('incident-1'))['status']).toBe('Active');
    },
  );

  it('stay closed where a person closed them in Sentinel, and open where closing is not wanted', async () => {
    keep('incident-1');
    keep('incident-2');
    await send({ close: false });
    fake.edit(nameOf('incident-1'), { status: 'Closed', classification: 'Undetermined' });
    keep('incident-1', { score: 50 });
    keep('incident-2', {}, { state: 'closed', verdict: 'benign' });
    await send({ close: false });
    expect(fake.properties(nameOf('incident-1'))['status']).toBe('Closed');
    expect(fake.properties(nameOf('incident-2'))['status']).toBe('New');
  });

  it('are not made again where a person deleted them', async () => {
    keep('incident-1');
    await send();
    fake.delete(nameOf('incident-1'));
    keep('incident-1', { score: 99 });
    expect(await send()).toMatchObject({ written: 0, deleted: 1 });
    keep('incident-1', { score: 98 });
    await send();
    expect(fake.names()).toEqual([]);
    expect(fake.seen).toEqual([]);
  });

  it('are closed where they went into another or were withdrawn, however old they are', async () => {
    keep('incident-1');
    keep('incident-2');
    await send();
    clock.advance(48 * 3_600_000);
    keep('incident-3', { lastSeen: clock.now() });
    kept.set('incident-1', kept.get('incident-3') ?? { incident: sampleIncident(), state: 'open', withdrawn: false });
    keep('incident-2', { lastSeen: 0 }, { withdrawn: true });
    await send();
    expect(fake.properties(nameOf('incident-1'))).toMatchObject({
      status: 'Closed',
      classification: 'Undetermined',
      classificationComment: "It is part of Crosstrail's incident incident-3 now.",
    });
    expect(fake.properties(nameOf('incident-2'))['status']).toBe('Closed');
    expect(fake.names()).toHaveLength(3);
  });

  it('are not made below the level, when only counted, when over, or long after', async () => {
    keep('low', { severity: 'low' });
    keep('counted', { decision: 'monitor' });
    keep('over', {}, { state: 'closed', verdict: 'benign' });
    keep('old', { lastSeen: clock.now() - 25 * 3_600_000 });
    await send();
    expect(fake.names()).toEqual([]);
    expect(fake.seen).toEqual([]);
  });

  it('wait for the next run where the calls are used up, and where Sentinel is busy', async () => {
    for (let at = 0; at < 5; at++) keep(`incident-${at}`);
    expect((await send({}, { maxCalls: 4 })).written).toBe(2);
    fake.failure = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await expect(send()).rejects.toMatchObject({ status: 429 });
    fake.failure = () => undefined;
    clock.advance(3_600_000);
    expect((await send()).written).toBe(3);
  });

  it('wait for the next run where the limit of writes is reached', async () => {
    for (let at = 0; at < 80; at++) keep(`incident-${String(at).padStart(2, '0')}`);
    const { written, problems } = await send({}, { maxCalls: 1000, deadline: clock.now() + 50_000 });
    expect({ written, problems }).toEqual({ written: 75, problems: [] });
    clock.advance(5 * 60_000);
    expect((await send()).written).toBe(5);
    expect(fake.throttled).toBe(0);
  });

  it('that are refused are told of, and keep no other from being sent', async () => {
    keep('incident-1');
    keep('incident-2');
    fake.failure = ({ path, method }) =>
      method === 'PUT' && path.includes(nameOf('incident-1')) ? { status: 400, code: 'BadRequest' } : undefined;
    const { written, problems } = await send();
    expect(written).toBe(1);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('incident-1: PUT');
  });

  it('fit the limits whatever records held, and hold no markup of theirs', async () => {
    const story = Array.from(
      { length: 500 },
      (_, at) => `step ${at} <img src=x onerror=alert(1)> ${'a'.repeat(300)}\u001b[31m`,
    );
    keep('incident-1', {
      story,
      title: `<b>${'t'.repeat(5000)}`,
      techniques: Array.from({ length: 90 }, (_, at) => `T${at}`),
    });
    const { problems } = await send();
    expect(problems).toEqual([]);
    const description = JSON.stringify(fake.properties(nameOf('incident-1'))['description']);
    expect(description).toContain('‹img');
    expect(description).not.toContain('<');
    expect(description).toMatch(/… and \d+ more; crosstrail incidents show incident-1/);
    expect(fake.properties(nameOf('incident-1'))['labels']).toHaveLength(14);
  });
});
