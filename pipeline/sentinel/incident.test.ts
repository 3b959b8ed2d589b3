import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArmClient } from '../../platform/azure/arm.ts';
import { ManualClock } from '../../platform/clock.ts';
import type { Json, JsonObject } from '../../platform/json.ts';
import { FakeSentinel, incidentId, WORKSPACE_ID } from '../../test/fakes/sentinel.ts';
import { sentinelArm } from '../../test/sentinel.ts';
import { listIncidents, readAlerts, readEntities, readIncident } from './incident-requests.ts';
import { isOwn, OWN_LABEL, parseAlerts, parseEntities, parseIncident, SentinelError } from './incident.ts';
import { parseIncidentId, parseWorkspaceId } from './incident-address.ts';

const NAME = '73e01a99-0000-4000-8000-000000000001';
const incident = (properties: JsonObject = {}): JsonObject => ({
  id: incidentId(NAME),
  etag: '"01-02"',
  properties: { title: 'Odd', severity: 'Medium', status: 'Active', incidentNumber: 3177, ...properties },
});

describe('an incident', () => {
  it('is read with all that is there', () => {
    const read = parseIncident(
      incident({
        labels: [{ labelName: 'one', labelType: 'User' }, { labelType: 'User' }, 'odd'],
        firstActivityTimeUtc: '2026-11-20T08:00:00.1234567Z',
        additionalData: { tactics: ['InitialAccess'], techniques: ['t1078'], alertsCount: 2 },
      }),
    );
    expect(read).toMatchObject({
      address: { resourceGroup: 'rg-soc', workspace: 'soc-contoso', incident: NAME },
      etag: '"01-02"',
      number: 3177,
      severity: 'medium',
      status: 'Active',
      labels: ['one'],
      firstActivity: Date.UTC(2026, 10, 20, 8, 0, 0, 123),
      lastActivity: undefined,
      tactics: ['InitialAccess'],
      techniques: ['T1078'],
      mergedInto: undefined,
    });
    expect(isOwn(read)).toBe(false);
    expect(isOwn(parseIncident(incident({ labels: [{ labelName: OWN_LABEL }] })))).toBe(true);
  });

  it.each<[string, JsonObject, Json]>([
    ['by number', { additionalData: { mergedIncidentNumber: '12' } }, { number: '12' }],
    [
      'by page',
      { additionalData: { mergedIncidentUrl: 'https://contoso.example/12' } },
      { url: 'https://contoso.example/12' },
    ],
    ['by label', { labels: [{ labelName: 'Redirected' }] }, {}],
  ])('says that it went into another %s', (_, properties, expected) => {
    expect(parseIncident(incident(properties)).mergedInto).toMatchObject(expected as object);
  });

  it.each<[string, Json]>([
    ['nothing', null],
    ['a list', []],
    ['no title', incident({ title: null })],
    ['another status', incident({ status: 'Odd' })],
    ['another id', { ...incident(), id: '/subscriptions/x' }],
    ['no properties', { id: incidentId(NAME) }],
  ])('is refused as %s', (_, body) => expect(() => parseIncident(body)).toThrow(SentinelError));

  it('of whatever shape throws nothing else', () => {
    const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
    const names = fc.constantFrom('labels', 'additionalData', 'title', 'severity', '__proto__', 'lastActivityTimeUtc');
    fc.assert(
      fc.property(fc.dictionary(names, value), value, (properties, body) => {
        for (const each of [
          body,
          incident(properties),
          { value: [body] },
          { entities: [body, { kind: 'Ip', properties }] },
        ]) {
          expect(Array.isArray(parseAlerts(each))).toBe(true);
          expect(Array.isArray(parseEntities(each))).toBe(true);
          try {
            parseIncident(each);
          } catch (error) {
            expect(error).toBeInstanceOf(SentinelError);
          }
        }
      }),
    );
  });
});

describe('reading from Sentinel', () => {
  const clock = new ManualClock(Date.parse('2026-11-20T08:00:00Z'));
  let fake: FakeSentinel;
  beforeAll(async () => {
    fake = await FakeSentinel.start(clock);
  });
  afterAll(() => fake.close());

  const ADDRESS = parseIncidentId(incidentId(NAME));
  const WORKSPACE = parseWorkspaceId(WORKSPACE_ID);
  if (ADDRESS === undefined || WORKSPACE === undefined) throw new Error('no address');

  it('gives an incident, its alerts and its entities', async () => {
    fake.add(
      NAME,
      { title: 'Odd' },
      {
        alerts: [
          {
            kind: 'SecurityAlert',
            properties: {
              systemAlertId: 'a',
              alertDisplayName: 'Odd sign-in',
              severity: 'High',
              startTimeUtc: '2026-11-20T07:00:00Z',
            },
          },
          { kind: 'SecurityAlert' },
        ],
        entities: [
          { kind: 'Account', name: 'e', properties: { accountName: 'ann', friendlyName: 'ann' } },
          { kind: 'Ip' },
        ],
      },
    );
    const arm = await sentinelArm(fake, clock);
    expect(await readIncident(arm, ADDRESS)).toMatchObject({ title: 'Odd' });
    expect(await readAlerts(arm, ADDRESS)).toMatchObject([
      { id: 'a', name: 'Odd sign-in', severity: 'high', end: undefined },
    ]);
    expect(await readEntities(arm, ADDRESS)).toMatchObject([{ kind: 'Account', name: 'e', label: 'ann' }]);
    expect(arm.calls).toBe(3);
  });

  it('takes nothing for an incident of the workspace that says it is of another', async () => {
    const other = incidentId(NAME, WORKSPACE_ID.replace(/[^/]+$/, 'another'));
    const body = { id: other, properties: { title: 't', status: 'New' } };
    const arm: ArmClient = {
      calls: 0,
      left: 1,
      send: () => Promise.resolve({ status: 200, body }),
      pages: async function* () {
        await Promise.resolve();
        yield [body];
      },
    };
    expect((await readIncident(arm, ADDRESS))?.address).toEqual(ADDRESS);
    expect(await Array.fromAsync(listIncidents(arm, WORKSPACE, { modifiedSince: 0 }))).toEqual([]);
  });

  it('gives nothing of one that was deleted', async () => {
    fake.delete(NAME);
    const arm = await sentinelArm(fake, clock);
    expect(await readIncident(arm, ADDRESS)).toBeUndefined();
    expect(await readAlerts(arm, ADDRESS)).toEqual([]);
    expect(await readEntities(arm, ADDRESS)).toEqual([]);
  });

  it('lists what was modified, the latest first, page by page', async () => {
    const since = clock.now() + 1000;
    fake.add('old', {});
    for (let at = 0; at < 7; at++) {
      clock.advance(1000);
      fake.add(`new-${at}`, at === 3 ? { status: 'Closed' } : {});
    }
    fake.page = 3;
    const names = async (closed: boolean) => {
      const found = await Array.fromAsync(
        listIncidents(await sentinelArm(fake, clock), WORKSPACE, { modifiedSince: since, closed }),
      );
      return found.map(({ address }) => address.incident);
    };
    expect(await names(true)).toEqual(['new-6', 'new-5', 'new-4', 'new-3', 'new-2', 'new-1', 'new-0']);
    expect(await names(false)).toEqual(['new-6', 'new-5', 'new-4', 'new-2', 'new-1', 'new-0']);
  });

  it('finds one by its number', async () => {
    const [first] = await Array.fromAsync(
      listIncidents(await sentinelArm(fake, clock), WORKSPACE, { modifiedSince: 0, number: 3003 }),
    );
    expect(first?.number).toBe(3003);
  });
});
