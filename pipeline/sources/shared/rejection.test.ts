import { describe, expect, it } from 'vitest';
import { RejectedRecord } from '../source.ts';
import { unreadable } from './rejection.ts';

describe('unreadable', () => {
  it.each([
    ['yesterday', "time: expected a time, found 'yesterday'"],
    ['', 'time: expected a time, found an empty text'],
    [undefined, 'time: expected a time, found nothing'],
    [null, 'time: expected a time, found null'],
    [true, 'time: expected a time, found true'],
    [-5, 'time: expected a time, found -5'],
    [[1], 'time: expected a time, found a list'],
    [{}, 'time: expected a time, found an object'],
    ['a\r\n\u001b[31mb\u202e', "time: expected a time, found 'a???[31mb?'"],
  ])('says what was found in place of a time: %j', (found, message) => {
    const error = unreadable('time', 'a time', found);
    expect(error).toBeInstanceOf(RejectedRecord);
    expect(error.message).toBe(message);
  });

  it('quotes no more than a line', () => {
    expect(unreadable('time', 'a time', 'x'.repeat(1_000_000)).message.length).toBeLessThan(100);
  });
});
