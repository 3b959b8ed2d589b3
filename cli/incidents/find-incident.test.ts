import { beforeAll, expect, it } from 'vitest';
import { sampleIncident } from '../../pipeline/incidents/incident-samples.ts';
import { IncidentStore } from '../../pipeline/incidents/incident-store.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { UnusableInputError } from '../scan/files.ts';
import { findIncident } from './find-incident.ts';

const store = new IncidentStore(memoryStorage().tables);
beforeAll(async () => {
  for (const id of ['ab12', 'ab1', 'c0', 'd0', 'ee0', 'ee1', 'ee2', 'ee3', 'ee4', 'ee5', 'ee6']) {
    await store.write(sampleIncident({ id: `incident-${id}` }), 1);
  }
  await store.replace('incident-c0', 'incident-d0', 2);
});

it.each([
  ['incident-ab12', 'ab12'],
  ['ab12', 'ab12'],
  [' AB12 ', 'ab12'],
  ['d', 'd0'],
  ['ab1', 'ab1'],
  ['c0', 'd0'],
])('%j is incident-%s', async (text, id) => {
  expect((await findIncident(store, text)).incident.id).toBe(`incident-${id}`);
});

it.each([
  ['ab', 'several incidents begin with ab: incident-ab1, incident-ab12; say more of the id'],
  [
    'ee',
    'several incidents begin with ee: incident-ee0, incident-ee1, incident-ee2, incident-ee3, incident-ee4, …; say',
  ],
  ['f', 'there is no incident f; crosstrail incidents list shows what there is'],
  ['../#', 'there is no incident ../#;'],
  ['\u001b[2J', 'there is no incident ?[2J;'],
])('%j is none', async (text, reason) => {
  const found = findIncident(store, text);
  await expect(found).rejects.toThrow(UnusableInputError);
  await expect(found).rejects.toThrow(reason);
});
