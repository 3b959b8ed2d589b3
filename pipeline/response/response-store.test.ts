import { expect, it } from 'vitest';
import { faultyStorage } from '../../platform/storage/faults.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { HurriedClock } from '../../test/response/hurried-clock.ts';
import { proposed } from '../../test/response/response-world.ts';
import { Switchboard, switchOff } from '../../test/response/switchboard.ts';
import { ResponseStore } from './response-store.ts';

it('lists the latest first, and reads no more than are wanted', async () => {
  const [storage, clock] = [memoryStorage(), new HurriedClock()];
  let calls = 0;
  const counted = faultyStorage(storage, () => {
    calls++;
    return undefined;
  });
  const store = new ResponseStore(counted.tables, clock);
  const action = switchOff(new Switchboard());
  const made: string[] = [];
  for (let at = 0; at < 100; at++) {
    const step = { action, parameters: { wall: 'hall', names: ['a'] } };
    const { id } = await proposed(store, [step], { incident: `incident-${at}`, now: clock.now() });
    made.unshift(id);
    await clock.wait(1000);
  }
  const ids = async (query: Parameters<ResponseStore['list']>[0]): Promise<string[]> =>
    (await store.list(query)).map(({ id }) => id);
  calls = 0;
  expect(await ids({ limit: 2 })).toEqual(made.slice(0, 2));
  expect(calls).toBeLessThan(50);
  expect(await ids({ limit: Infinity })).toEqual(made);
  expect(await ids({ open: true, limit: 40 })).toEqual(made.slice(0, 40));
  expect(await ids({ incident: 'incident-7', limit: 10 })).toEqual([made[92]]);
});
