import { describe, expect, it } from 'vitest';
import { armKey } from './entity-keys.ts';

describe('armKey', () => {
  it.each([
    ['/SUBSCRIPTIONS/A/RESOURCEGROUPS/B/', 'arm:/subscriptions/a/resourcegroups/b'],
    ['/subscriptions/a/resourceGroups/b', 'arm:/subscriptions/a/resourcegroups/b'],
    ['///', 'arm:'],
    ['', 'arm:'],
  ])('compares %s as Azure does', (id, key) => {
    expect(armKey(id)).toBe(key);
  });

  it('takes time in proportion to the length of a hostile id', () => {
    const started = performance.now();
    armKey(`${'/'.repeat(1_000_000)}x`);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
