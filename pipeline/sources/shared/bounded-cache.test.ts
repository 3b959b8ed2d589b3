import { describe, expect, it } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';

describe('BoundedCache', () => {
  it('makes a value once for each key', () => {
    let made = 0;
    const cache = new BoundedCache((key) => ({ key, made: ++made }));
    expect(cache.get('a')).toBe(cache.get('a'));
    expect(cache.get('b').made).toBe(2);
  });

  it('keeps no more than its limit', () => {
    const cache = new BoundedCache((key) => key, 10);
    for (let i = 0; i < 1000; i++) {
      expect(cache.get(`key ${i}`)).toBe(`key ${i}`);
      expect(cache.size).toBeLessThanOrEqual(10);
    }
  });

  it('does not keep very long keys', () => {
    const cache = new BoundedCache((key) => key.length);
    expect(cache.get('x'.repeat(10_000))).toBe(10_000);
    expect(cache.size).toBe(0);
  });
});
