import { expect, it } from 'vitest';
import { Metrics } from '../../platform/metrics.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { compileRules } from '../detection/loading/load.ts';
import { IncidentStore } from '../incidents/incident-store.ts';
import { accessKeyKey, entraUserKey } from '../timeline/entity-keys.ts';
import { Correlation } from './correlation.ts';
import { keptIdentities } from './kept-identities.ts';
import { credential, KEY, linkBetween, MARA, MINUTE, NOON, observation, signal } from './observation-samples.ts';

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

it('keeps those by which it is known whose the events of an incident are that still goes on', async () => {
  const { tables, queues } = memoryStorage();
  const correlation = new Correlation('0', { tables, queues, metrics: new Metrics() });
  const second = accessKeyKey('ASIAEXAMPLE000000002');
  const sessions = Array.from({ length: 1200 }, (_, n) =>
    linkBetween('issued-credential', USER, accessKeyKey(`ASIAEXAMPLE${String(n + 10).padStart(9, '0')}`)),
  );
  // Links of events that nothing else is known of, so that no observation brings them again.
  const links = [linkBetween('issued-credential', MARA, KEY), linkBetween('issued-credential', KEY, second)];
  await correlation.handle([observation('links', 0, { links: [...sessions, ...links] })], RULES, NOON);
  const chained = { principal: second, entities: [credential(second)], signals: [signal('chained')] };
  await correlation.handle([observation('chained', 1, chained)], RULES, NOON + 20 * MINUTE);
  for (let hour = 1; hour <= 140; hour += 1) {
    const act = observation(`act ${hour}`, hour * 60, { signals: [signal('act')] });
    await correlation.handle(hour % 20 === 0 ? [act] : [], RULES, NOON + hour * 60 * MINUTE);
  }
  expect((await keptIdentities(tables)).links).toEqual(links);
  const [kept] = await Array.fromAsync(new IncidentStore(tables).list({ limit: 10 }));
  expect(kept?.incident.eventIds).toHaveLength(8);
  expect(kept?.incident.principals).toMatchObject([{ id: MARA, aliases: [KEY, second] }]);
});
