import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { parseWorkspaceId, type IncidentAddress } from '../../pipeline/sentinel/incident-address.ts';
import { FakeSentinel, incidentId, WORKSPACE_ID } from '../../test/fakes/sentinel.ts';
import { sentinelArm } from '../../test/sentinel.ts';
import { findIncident } from './find-incident.ts';

const NAME = '73e01a99-0000-4000-8000-000000000001';
const OTHER = WORKSPACE_ID.replace(/[^/]+$/, 'another');

let sentinel: FakeSentinel;
beforeAll(async () => {
  sentinel = await FakeSentinel.start(systemClock);
  sentinel.add(NAME, { incidentNumber: 12 });
  sentinel.add('73e01a99-0000-4000-8000-000000000002', { incidentNumber: 13, status: 'Closed' });
  sentinel.add('73e01a99-0000-4000-8000-000000000003', { incidentNumber: 12 }, {}, OTHER);
});
afterAll(() => sentinel.close());

async function find(text: string, ...ids: readonly string[]): Promise<IncidentAddress> {
  const workspaces = ids.map((id) => parseWorkspaceId(id)).filter((workspace) => workspace !== undefined);
  return findIncident(text, { workspaces, arm: await sentinelArm(sentinel, systemClock) });
}

it('finds an incident by its number, also where it is closed, by its name and by its id', async () => {
  expect((await find('12', WORKSPACE_ID)).incident).toBe(NAME);
  expect((await find('13', WORKSPACE_ID)).incident).toMatch(/2$/);
  expect((await find(NAME, OTHER, WORKSPACE_ID)).incident).toBe(NAME);
  // Whether it may be enriched is not decided here.
  expect(await find(incidentId(NAME))).toMatchObject({ incident: NAME });
});

it.each([
  ['12', 'is an incident in several workspaces'],
  ['99', 'there is no incident 99 in'],
  ['73e01a99-0000-4000-8000-00000000ffff', 'there is no incident'],
  ['ann', 'ann is no incident: expected its number'],
])('cannot use %s', async (text, reason) => {
  await expect(find(text, WORKSPACE_ID, OTHER)).rejects.toThrow(reason);
});
