import { beforeEach, describe, expect, it } from 'vitest';
import { Metrics } from '../../platform/metrics.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { IncidentStore } from '../incidents/incident-store.ts';
import type { Observation } from '../timeline/observation.ts';
import { Correlation } from './correlation.ts';
import { MINUTE, NOON, observation, signal } from './observation-samples.ts';

const RULES = { rules: [], correlations: [] };
const HOUR = 60 * MINUTE;
const firing = (id: string, minutes: number, rule: string): Observation =>
  observation(id, minutes, { signals: [signal(rule)] });

const CHAIN = [firing('a1', 0, 'A'), firing('a2', 5, 'A'), firing('b', 10, 'B'), firing('c', 20, 'C')];
const DAYS = 72;

let storage: ReturnType<typeof memoryStorage>;
let metrics: Metrics;
beforeEach(async () => {
  storage = memoryStorage();
  metrics = new Metrics();
  const correlation = open();
  await correlation.handle(CHAIN, RULES, NOON + HOUR);
  for (let hour = 1; hour < DAYS; hour++) {
    const other = observation(`other ${hour}`, hour * 60, { principal: 'upn:noor@contoso.example', entities: [] });
    await correlation.handle([{ ...other, entry: true }], RULES, NOON + hour * HOUR);
  }
});

const open = () => new Correlation('0', { ...storage, metrics });
const come = (...late: readonly Observation[]) => open().handle(late, RULES, NOON + DAYS * HOUR);
const kept = async () => {
  const incidents = await Array.fromAsync(new IncidentStore(storage.tables).list({ limit: 10 }));
  return incidents.map(({ incident }) => incident.eventIds).sort();
};

describe('what comes days after all that it belongs to is forgotten', () => {
  it('takes nothing from the incident that is kept, whether it came before or not', async () => {
    const [again] = CHAIN;
    if (again !== undefined) await come(again);
    expect(await kept()).toEqual([['a1', 'a2', 'b', 'c']]);
    await come(firing('a3', 6, 'A'));
    expect(await kept()).toEqual([['a1', 'a2', 'b', 'c']]);
    expect(metrics.total('too-late')).toBe(2);
  });

  it('makes no incident give way to a late part of it', async () => {
    await come(firing('a1', 0, 'A'));
    await come(firing('z', -5, 'Z'));
    expect(await kept()).toEqual([['a1', 'a2', 'b', 'c'], expect.arrayContaining(['z'])]);
  });

  it('is an incident where none is kept, and the same one again where all of it comes again', async () => {
    await come(...CHAIN, { ...firing('x', 9, 'X'), principal: 'upn:ben@contoso.example', entities: [] });
    expect(await kept()).toEqual([['a1', 'a2', 'b', 'c'], ['x']]);
    expect(metrics.total('too-late')).toBe(0);
  });
});
