import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionOfKey } from './partition-key.ts';

test('a key goes to the partition that the service would choose', () => {
  // Found by sending these keys with the buffered producer of @azure/event-hubs 6.0.4, which chooses by the service's hash.
  const found = ['', 'a', 'alice@contoso.example', '00000000-0000-4000-8000-000000000001', 'ключ'].map((key) =>
    partitionOfKey(key, 32),
  );
  expect(found).toEqual([0, 28, 20, 10, 14]);
});

test('every key has one of the partitions, and always the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.integer({ min: 1, max: 32 }), (key, partitions) => {
      const partition = partitionOfKey(key, partitions);
      expect(partition).toBeGreaterThanOrEqual(0);
      expect(partition).toBeLessThan(partitions);
      expect(partitionOfKey(key, partitions)).toBe(partition);
    }),
  );
});

test('keys spread over the partitions', () => {
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < 4000; index++) {
    const partition = partitionOfKey(`user-${index}@contoso.example`, counts.length);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(800);
});
