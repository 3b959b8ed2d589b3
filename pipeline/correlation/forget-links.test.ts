import { expect, it } from 'vitest';
import { Metrics } from '../../platform/metrics.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { compileRules } from '../detection/loading/load.ts';
import { accessKeyKey, entraUserKey } from '../timeline/entity-keys.ts';
import { Correlation } from './correlation.ts';
import { keptIdentities } from './kept-identities.ts';
import { linkBetween, MARA, MINUTE, NOON, observation } from './observation-samples.ts';

const DAY = 86_400_000;
const RULES = compileRules([]);
const USER = entraUserKey('00000000-0000-4000-8000-00000000c0de', '00000000-0000-4000-8000-000000000001');

it('drops the links of sessions that have ended long ago, here and in storage, and keeps those of people', async () => {
  const { tables, queues } = memoryStorage();
  const correlation = new Correlation('0', { tables, queues, metrics: new Metrics() });
  const sessions = Array.from({ length: 1200 }, (_, n) =>
    linkBetween('issued-credential', USER, accessKeyKey(`ASIAEXAMPLE${String(n).padStart(9, '0')}`)),
  );
  const links = [
    linkBetween('upn', USER, MARA),
    linkBetween('used-credential', USER, accessKeyKey('AKIAEXAMPLE000000001')),
  ];
  await correlation.handle([observation('early', 0, { links: [...links, ...sessions] })], RULES, NOON);
  expect((await keptIdentities(tables)).links).toHaveLength(1202);

  const later = NOON + 10 * DAY;
  await correlation.handle([observation('later', 0, { time: later, entry: true })], RULES, later);
  expect((await keptIdentities(tables)).links).toHaveLength(1202);
  await correlation.handle([], RULES, later + 60 * MINUTE);
  await correlation.handle([], RULES, later + 120 * MINUTE);
  expect((await keptIdentities(tables)).links).toEqual(links);

  const next = new Correlation('0', { tables, queues, metrics: new Metrics() });
  await next.handle([observation('last', 0, { time: later + 130 * MINUTE, entry: true })], RULES, later + 130 * MINUTE);
  expect((await keptIdentities(tables)).links).toEqual(links);
});
