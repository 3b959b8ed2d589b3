import { describe, expect, it } from 'vitest';
import { readBody, rejectedBytes } from './read-body.ts';

const NO_RULES = { match: () => [] };
const deadLetters = (text: string) => {
  const body = new TextEncoder().encode(text);
  return rejectedBytes(body, readBody(body, NO_RULES)).map(({ raw, records }) => ({
    text: new TextDecoder().decode(raw),
    records,
  }));
};

describe('rejectedBytes', () => {
  it('keeps rejected records as they were written, by reason', () => {
    expect(deadLetters('{"records":[{"x":1.00},7,{"x":2.00}]}')).toEqual([
      { text: '[{"x":1.00},{"x":2.00}]', records: 2 },
      { text: '7', records: 1 },
    ]);
  });

  it('keeps the whole body where empty envelopes shift the places', () => {
    const body = '[{"records":[{"x":1},{"y":2}]},{"records":[]}]';
    expect(deadLetters(body)).toEqual([{ text: body, records: 2 }]);
  });

  it('keeps nothing where all was read', () => {
    expect(deadLetters('{"records":[]}')).toEqual([]);
  });
});
