import { describe, expect, it } from 'vitest';
import { faultyStorage, InjectedFault, type Fault, type StorageCall } from './faults.ts';
import { memoryStorage } from './memory.ts';
import type { Storage } from './ports.ts';

function setUp(fault: Fault) {
  const real = memoryStorage();
  const calls: StorageCall[] = [];
  const faulty = faultyStorage(real, (call) => {
    calls.push(call);
    return fault;
  });
  return { real, faulty, calls };
}

async function listed(storage: Storage): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of storage.blobs.list('box', 'a')) names.push(name);
  return names;
}

/** Every call of every port, on things that exist. */
const operations: [string, (storage: Storage) => Promise<unknown>][] = [
  [
    'tables.commit table partition',
    ({ tables }) => tables.commit('table', 'partition', [{ kind: 'upsert', row: 'r', cells: {} }]),
  ],
  ['tables.get table partition', ({ tables }) => tables.get('table', 'partition', 'r')],
  ['tables.query table partition', ({ tables }) => tables.query('table', 'partition', { limit: 1 })],
  ['tables.list tab', ({ tables }) => tables.list('tab')],
  ['tables.drop table', ({ tables }) => tables.drop('table')],
  ['blobs.put box a/b', ({ blobs }) => blobs.put('box', 'a/b', Uint8Array.of(1), { reason: 'x' })],
  ['blobs.get box a/b', ({ blobs }) => blobs.get('box', 'a/b')],
  ['blobs.list box a', listed],
  ['blobs.delete box a/b', ({ blobs }) => blobs.delete('box', 'a/b')],
  ['queues.send queue', ({ queues }) => queues.send('queue', 'message')],
];

describe('faultyStorage', () => {
  it.each(operations)('passes %s through where no fault is asked for', async (name, operate) => {
    const { real, faulty, calls } = setUp(undefined);
    expect(await operate(faulty)).toStrictEqual(await operate(real).catch(() => undefined));
    expect(calls.map(({ operation, target, within }) => `${operation} ${target} ${within}`.trim())).toStrictEqual([
      name,
    ]);
  });

  it.each(operations)('makes %s fail', async (name, operate) => {
    for (const fault of ['before', 'after'] as const) {
      const failed = operate(setUp(fault).faulty);
      await expect(failed).rejects.toThrow(InjectedFault);
      await expect(failed).rejects.toThrow(`${name.replace(' ', ' of ')} was made to fail ${fault}`);
    }
  });

  it.each(operations)(
    'makes %s fail with the error that is asked for, once it was decided on',
    async (_name, operate) => {
      for (const when of ['before', 'after'] as const) {
        const error = new Error('busy');
        const faulty = faultyStorage(memoryStorage(), async () => ({ when, error }));
        await expect(operate(faulty)).rejects.toBe(error);
      }
    },
  );

  it('writes nothing with a fault before, and all with a fault after', async () => {
    for (const fault of ['before', 'after'] as const) {
      const { real, faulty } = setUp(fault);
      for (const [, operate] of operations.filter(([name]) => /commit|put|send/.test(name)))
        await operate(faulty).catch(() => 0);
      expect((await real.tables.query('table', 'partition', { limit: 9 })).rows).toHaveLength(
        fault === 'after' ? 1 : 0,
      );
      expect(await listed(real)).toStrictEqual(fault === 'after' ? ['a/b'] : []);
      expect(real.queues.sent('queue')).toStrictEqual(fault === 'after' ? ['message'] : []);
    }
  });
});
