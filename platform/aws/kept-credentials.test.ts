import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock.ts';
import { keptCredentials } from './kept-credentials.ts';

const MINUTE = 60_000;

function hourly() {
  const clock = new ManualClock(Date.UTC(2026, 10, 21, 12));
  let asked = 0;
  const provider = keptCredentials(clock, () =>
    Promise.resolve({ number: ++asked, expiration: new Date(clock.now() + 60 * MINUTE) }),
  );
  return { clock, provider, asked: () => asked };
}

describe('kept credentials', () => {
  it('are asked for once by callers at the same time', async () => {
    const { provider, asked } = hourly();
    const given = await Promise.all([provider(), provider(), provider()]);
    expect(given.map(({ number }) => number)).toEqual([1, 1, 1]);
    expect(asked()).toBe(1);
  });

  it('are renewed five minutes before they end', async () => {
    const { clock, provider } = hourly();
    await provider();
    clock.advance(55 * MINUTE - 1);
    expect((await provider()).number).toBe(1);
    clock.advance(1);
    expect((await provider()).number).toBe(2);
  });

  it('are asked for again where asking failed', async () => {
    const clock = new ManualClock(0);
    let isAway = true;
    const provider = keptCredentials(clock, () =>
      isAway ? Promise.reject(new Error('away')) : Promise.resolve({ expiration: undefined }),
    );
    await expect(Promise.all([provider(), provider()])).rejects.toThrow('away');
    isAway = false;
    await expect(provider()).resolves.toEqual({ expiration: undefined });
  });

  it('without an end are kept', async () => {
    const clock = new ManualClock(0);
    let asked = 0;
    const provider = keptCredentials(clock, () => Promise.resolve({ number: ++asked, expiration: undefined }));
    await provider();
    clock.advance(1000 * 60 * MINUTE);
    expect((await provider()).number).toBe(1);
  });
});
