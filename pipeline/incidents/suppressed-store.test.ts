import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultyStorage, InjectedFault } from '../../platform/storage/faults.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { SuppressedStore, type SuppressedSignal } from './suppressed-store.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 20, 10);

const suppressed = (event: number, exception = 'nightly-backup', time = START + event): SuppressedSignal => ({
  exception,
  rule: { id: 'rule-1', title: 'Snapshot shared', level: 'medium' },
  event: { id: `cloudtrail/${event}`, recordId: `record-${event}`, time, principal: 'aws:arn' },
});
const recordsOf = (signals: readonly SuppressedSignal[]) => signals.map(({ event }) => event.recordId);
const listed = (store: SuppressedStore, ...options: Parameters<SuppressedStore['list']>) =>
  Array.fromAsync(store.list(...options));

describe('SuppressedStore', () => {
  it('keeps each rule and event once, and says which were new', async () => {
    const store = new SuppressedStore(memoryStorage().tables);
    expect(recordsOf(await store.keep([suppressed(1), suppressed(2), suppressed(1)]))).toEqual([
      'record-1',
      'record-2',
    ]);
    expect(recordsOf(await store.keep([suppressed(2), suppressed(3)]))).toEqual(['record-3']);
    const other = { ...suppressed(1), rule: { ...suppressed(1).rule, id: 'rule-2' } };
    expect(await store.keep([other, suppressed(1, 'another')])).toEqual([other]);
    expect(recordsOf(await listed(store))).toEqual(['record-3', 'record-2', 'record-1', 'record-1']);
  });

  it('lists the newest first, by exception and since a time', async () => {
    const store = new SuppressedStore(memoryStorage().tables);
    const times = [-30 * 24 * HOUR, 0, -1, -26 * HOUR, 400 * 24 * HOUR];
    await store.keep(times.map((time, event) => suppressed(event, event % 2 === 0 ? 'a' : 'b', START + time)));
    expect(recordsOf(await listed(store))).toEqual(['record-4', 'record-1', 'record-2', 'record-3', 'record-0']);
    expect(recordsOf(await listed(store, { exception: 'b' }))).toEqual(['record-1', 'record-3']);
    expect(recordsOf(await listed(store, { since: START - 1 }))).toEqual(['record-4', 'record-1', 'record-2']);
    expect(recordsOf(await listed(store, { exception: 'a', since: START - HOUR }))).toEqual(['record-4', 'record-2']);
  });

  it('takes any time that a record may name', async () => {
    const store = new SuppressedStore(memoryStorage().tables);
    const times = [-8.64e15, -1, 0, Date.UTC(2040, 0), 8.64e15];
    await store.keep(times.map((time, event) => suppressed(event, 'a', time)));
    expect(recordsOf(await listed(store))).toEqual(['record-4', 'record-3', 'record-2', 'record-1', 'record-0']);
  });

  it('takes more than one transaction holds, and long texts', async () => {
    const store = new SuppressedStore(memoryStorage().tables);
    const signals = Array.from({ length: 250 }, (_, event) => suppressed(event));
    const long = suppressed(250);
    const hostile = { ...long.event, recordId: '\u0000'.repeat(100_000), principal: '"'.repeat(100_000) };
    expect(await store.keep([...signals, { ...long, event: hostile }])).toHaveLength(251);
    expect(await listed(store)).toHaveLength(251);
  });

  it('drops months that have ended', async () => {
    const store = new SuppressedStore(memoryStorage().tables);
    await store.keep([suppressed(1), suppressed(2, 'a', Date.UTC(2026, 9, 31))]);
    await store.dropBefore(Date.UTC(2026, 10, 1));
    expect(recordsOf(await listed(store))).toEqual(['record-1']);
  });

  it('holds one row for each rule and event under redelivery in any pieces, by two instances, whatever fails', async () => {
    const scenario = fc.record({
      times: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 20, maxLength: 20 }),
      pieces: fc.array(fc.tuple(fc.nat(19), fc.integer({ min: 1, max: 8 })), { maxLength: 8 }),
      faults: fc.array(fc.constantFrom('before' as const, 'after' as const, undefined), { maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ times, pieces, faults }) => {
        const all = times.map((time, event) => suppressed(event, 'a', START + time * 12 * HOUR));
        const storage = memoryStorage();
        const left = [...faults];
        const faulty = faultyStorage(storage, () => left.shift()).tables;
        const stores = [new SuppressedStore(faulty), new SuppressedStore(faulty)] as const;
        const untilDone = async (signals: readonly SuppressedSignal[], store: SuppressedStore): Promise<void> => {
          try {
            await store.keep(signals);
          } catch (error) {
            if (!(error instanceof InjectedFault)) throw error;
            await untilDone(signals, store);
          }
        };
        const [one, other] = stores;
        await Promise.all(
          pieces.map(([from, length], at) => untilDone(all.slice(from, from + length), at % 2 === 0 ? one : other)),
        );
        await untilDone(all, one);
        const kept = await listed(new SuppressedStore(storage.tables));
        const byRecord = (signals: readonly SuppressedSignal[]) =>
          signals.toSorted((a, b) => (a.event.id < b.event.id ? -1 : 1));
        expect(byRecord(kept)).toEqual(byRecord(all));
      }),
      { numRuns: 60 },
    );
  });
});
