import { describe, expect, it } from 'vitest';
import { shortened } from './shortened.ts';

describe('a text made small', () => {
  it('is the text itself up to 512 characters', () => {
    expect(shortened('a'.repeat(512))).toBe('a'.repeat(512));
  });

  it('begins as the text does, and differs where texts do', () => {
    const long = 'a'.repeat(513);
    expect(shortened(long)).toMatch(/^a{512}#[0-9a-f]{16}$/);
    expect(shortened(`${long}b`)).not.toBe(shortened(`${long}c`));
  });
});
