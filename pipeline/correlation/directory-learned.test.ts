import { expect, it } from 'vitest';
import { Metrics } from '../../platform/metrics.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { compileRules } from '../detection/loading/load.ts';
import { IncidentStore } from '../incidents/incident-store.ts';
import { arnKey, entraUserKey } from '../timeline/entity-keys.ts';
import { parseDirectory } from '../timeline/identity/directory.ts';
import { Correlation } from './correlation.ts';
import { NOON, observation, signal } from './observation-samples.ts';

const TENANT = '00000000-0000-4000-8000-00000000c0de';
const OBJECT = '00000000-0000-4000-8000-000000000001';
const AWS_USER = 'arn:aws:iam::111122223333:user/mara';
const RULES = compileRules([]);

const by = (id: string, minutes: number, key: string) =>
  observation(id, minutes, {
    principal: key,
    entities: [{ kind: 'user', key, part: 'actor' }],
    signals: [signal(`rule-${id}`, 'critical', { principal: key })],
  });

it('revises what was joined without the directory once it is there', async () => {
  const { tables, queues } = memoryStorage();
  const ports = { tables, queues, metrics: new Metrics() };
  const incidents = async () =>
    (await Array.fromAsync(new IncidentStore(tables).list({ limit: 10 }))).map(({ incident }) => incident);
  const events = [by('a', 0, entraUserKey(TENANT, OBJECT)), by('b', 5, arnKey(AWS_USER))];
  await new Correlation('0', ports).handle(events, RULES, NOON);
  expect((await incidents()).map(({ alertIds }) => alertIds.length)).toEqual([1, 1]);

  const directory = parseDirectory(
    JSON.stringify({ users: [{ tenant: TENANT, objectId: OBJECT, awsUsers: [AWS_USER] }] }),
  );
  await new Correlation('0', ports, { directory }).handle([], RULES, NOON);
  const [joined, ...others] = await incidents();
  expect(others).toEqual([]);
  expect(joined).toMatchObject({
    principals: [{ aliases: expect.arrayContaining([arnKey(AWS_USER)]) as string[] }],
  });

  expect(joined?.alertIds).toHaveLength(2);

  await new Correlation('0', ports, { directory }).handle([], RULES, NOON);
  expect(await incidents()).toEqual([joined]);
});
