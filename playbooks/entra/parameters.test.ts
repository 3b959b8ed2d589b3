import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANN, GUEST } from '../../test/response/contoso.ts';
import { HOSTILE_USERS } from '../../test/response/graph-stage.ts';
import { userParameter } from './parameters.ts';

describe('the parameter that names a user', () => {
  it.each([ANN.id, ANN.id.toUpperCase(), ANN.upn, GUEST.upn, 'a.b_c-d~e^f!g@sub.contoso.example'])(
    'takes %s in lower case',
    (user) => {
      expect(userParameter.parse(user)).toBe(user.toLowerCase());
    },
  );

  it.each(HOSTILE_USERS)('refuses %j', (user) => {
    expect(userParameter.safeParse(user).success).toBe(false);
  });

  it('lets through nothing that would be another path, a filter or a query', () => {
    const pieces = fc.constantFrom(
      '/',
      '..',
      "'",
      '?',
      '#',
      '%',
      '@',
      '.',
      'a',
      '$',
      ' ',
      '\u0000',
      '\n',
      '(',
      '\\',
      '&',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 12 }).map((all) => `${all.join('')}@contoso.example`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const read = userParameter.safeParse(text);
        if (!read.success) return;
        const { pathname, search, hash } = new URL(`https://graph.example/v1.0/users/${encodeURIComponent(read.data)}`);
        expect([search, hash]).toEqual(['', '']);
        expect(pathname.split('/')).toHaveLength(4);
        expect(decodeURIComponent(pathname.split('/')[3] ?? '')).toBe(read.data);
        expect(read.data).not.toMatch(/['"\s\\]/);
      }),
    );
  });

  it('reads texts of any length in no time', () => {
    const long = `${'a'.repeat(100_000)}@${'b.'.repeat(100_000)}`;
    const began = performance.now();
    expect(userParameter.safeParse(long).success).toBe(false);
    expect(performance.now() - began).toBeLessThan(200);
  });
});
