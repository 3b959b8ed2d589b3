import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyObject } from '../../../test/records.ts';
import { isDeeperThan } from '../../../platform/json.ts';
import { cutText, MAX_MEMBERS, pick } from './pick.ts';

const SHAPE = {
  id: 'text',
  level: 'number',
  open: 'flag',
  tags: 'texts',
  rule: { id: 'text' },
  places: [{ line: 'number' }],
} as const;

describe('pick', () => {
  it('takes what is named and of its kind', () => {
    expect(
      pick(
        {
          ...{ id: 'x', level: 3, open: false, tags: ['a', 7, 'b'], rule: { id: 'r', help: 'long' }, other: 'y' },
          places: [{ line: 1, snippet: 'secret' }, null, { line: '2' }],
        },
        SHAPE,
      ),
    ).toEqual({ id: 'x', level: 3, open: false, tags: ['a', 'b'], rule: { id: 'r' }, places: [{ line: 1 }, {}] });
    expect(pick({ id: 7, level: '3', open: 1, tags: 'a', rule: [], places: {} }, SHAPE)).toEqual({});
  });

  it('leaves credentials out of addresses', () => {
    const shape = { at: 'address' } as const;
    expect(pick({ at: 'https://invented-token@github.com/a/b' }, shape)).toEqual({ at: 'https://github.com/a/b' });
  });

  it.each([null, undefined, 'text', 7, []])('takes nothing of %j', (value) => {
    expect(pick(value, SHAPE)).toBeUndefined();
  });

  it('is bounded, whatever the object', () => {
    const names = Object.keys(SHAPE);
    fc.assert(
      fc.property(anyObject(names), (value) => {
        const picked = pick(value, SHAPE);
        expect(isDeeperThan(picked, 3)).toBe(false);
        expect(names).toEqual(expect.arrayContaining(Object.keys(picked ?? {})));
      }),
    );
    const big = pick({ id: 'x'.repeat(1e6), tags: Array.from({ length: 1e5 }, () => 'a') }, SHAPE);
    expect(big?.['id']).toHaveLength(2000);
    expect(big?.['tags']).toHaveLength(MAX_MEMBERS);
  });
});

describe('cutText', () => {
  it('leaves no half of a character', () => {
    expect(cutText('ab😀', 4)).toBe('ab😀');
    expect(cutText('ab😀d', 4).isWellFormed()).toBe(true);
    expect(cutText('abcde', 4)).toBe('abc…');
  });
});
