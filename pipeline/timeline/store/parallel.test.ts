import { describe, expect, it } from 'vitest';
import { inParallel } from './parallel.ts';

/** Work that is done when the test says so. */
function held() {
  const begun: number[] = [];
  const finish: ((value: string) => void)[] = [];
  const fail: ((reason: Error) => void)[] = [];
  const work = (item: number): Promise<string> => {
    begun.push(item);
    return new Promise((resolve, reject) => {
      finish[item] = resolve;
      fail[item] = reject;
    });
  };
  return { begun, finish, fail, work };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('inParallel', () => {
  it('does so many at a time, and gives the results in order', async () => {
    const { begun, finish, work } = held();
    const results = inParallel([0, 1, 2], 2, work);
    await turn();
    expect(begun).toStrictEqual([0, 1]);
    finish[1]?.('second');
    await turn();
    expect(begun).toStrictEqual([0, 1, 2]);
    finish[2]?.('third');
    finish[0]?.('first');
    expect(await results).toStrictEqual(['first', 'second', 'third']);
    expect(await inParallel([], 2, work)).toStrictEqual([]);
  });

  it('begins nothing after a failure, and ends only when all is done', async () => {
    const { begun, finish, fail, work } = held();
    let ended = false;
    const results = inParallel([0, 1, 2], 2, work).finally(() => (ended = true));
    const failure = expect(results).rejects.toThrow('first of all');
    await turn();
    fail[0]?.(new Error('first of all'));
    await turn();
    expect(ended).toBe(false);
    finish[1]?.('done');
    await failure;
    expect(begun).toStrictEqual([0, 1]);
  });
});
