import { beforeEach, describe, expect, it } from 'vitest';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { PostureConditions, type ConditionEpisode } from './posture-conditions.ts';
import { observed, trailRecord } from './posture-samples.ts';
import { PostureStore } from './posture-store.ts';

const call = (name: string, at: number) =>
  observed(trailRecord({ source: 'cloudtrail', name, request: { name: 'main' }, at }));

let store: PostureStore;
let standing: ConditionEpisode;
let undone: ConditionEpisode;
beforeEach(() => {
  store = new PostureStore(memoryStorage().tables);
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
});
