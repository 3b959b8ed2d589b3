import { beforeEach, describe, expect, it } from 'vitest';
import { jsonCells } from '../../platform/storage/json-cells.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Storage } from '../../platform/storage/ports.ts';
import { PostureConditions, type ConditionEpisode } from './posture-conditions.ts';
import { observed, trailRecord } from './posture-samples.ts';
import { PostureStore } from './posture-store.ts';

const call = (name: string, at: number) =>
  observed(trailRecord({ source: 'cloudtrail', name, request: { name: 'main' }, at }));

let storage: Storage;
let store: PostureStore;
let standing: ConditionEpisode;
let undone: ConditionEpisode;
beforeEach(() => {
  storage = memoryStorage();
  store = new PostureStore(storage.tables);
  const conditions = new PostureConditions();
  const one = (): ConditionEpisode => {
    const [episode, ...more] = conditions.settle().changed;
    if (episode === undefined || more.length > 0) throw new Error('expected one condition');
    return episode;
  };
  conditions.take(call('StopLogging', 0));
  standing = one();
  conditions.take(call('StartLogging', 5));
  undone = one();
});

const kept = (): Promise<ConditionEpisode[]> => Array.fromAsync(store.list());

describe('PostureStore', () => {
  it('gives back what was written', async () => {
    expect(await kept()).toEqual([]);
    await store.write(undone, 1);
    expect(await kept()).toEqual([undone]);
  });

  it('keeps what follows from the newer state, whichever is written last', async () => {
    await store.write(undone, 2);
    await store.write(standing, 1);
    expect(await kept()).toEqual([undone]);
    await store.write(standing, 3);
    expect(await kept()).toEqual([standing]);
  });

  it('what never was is not shown, until it is after all', async () => {
    await store.remove(standing.id, 2);
    await store.write(standing, 1);
    expect(await kept()).toEqual([]);
    await store.write(standing, 3);
    expect(await kept()).toEqual([standing]);
  });

  it('gives back more than one page holds', async () => {
    for (let n = 0; n < 1100; n++) await store.write({ ...standing, id: `condition ${n}` }, 1);
    expect(new Set((await kept()).map(({ id }) => id)).size).toBe(1100);
  });

  it('lets the newer stay where two write at once', async () => {
    await Promise.all([store.write(undone, 2), store.write(standing, 1), store.write(undone, 2)]);
    expect(await kept()).toEqual([undone]);
  });

  it('refuses what is no condition', async () => {
    await storage.tables.commit('posture', 'conditions', [
      {
        kind: 'insert',
        row: 'x',
        cells: { ...jsonCells({ ...standing, condition: 'untidy' }), revision: 1, gone: false },
      },
    ]);
    await expect(kept()).rejects.toThrow('condition');
  });
});
