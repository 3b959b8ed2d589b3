import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64AtEveryOffset, WIDE_ENCODINGS } from './encodings.ts';

describe('base64AtEveryOffset', () => {
  it('gives a text that stands in the Base64 of anything that holds the bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 12 });
    fc.assert(
      fc.property(bytes, fc.uint8Array({ minLength: 2, maxLength: 12 }), bytes, (before, wanted, after) => {
        const whole = Buffer.concat([before, wanted, after]).toString('base64');
        const encoded = base64AtEveryOffset(wanted)[before.length % 3] ?? '';
        expect(encoded).not.toBe('');
        expect(whole).toContain(encoded);
      }),
    );
  });

  it('gives the known spellings of a text', () => {
    expect(base64AtEveryOffset(Buffer.from('foobar'))).toEqual(['Zm9vYmFy', 'Zvb2Jhc', 'mb29iYX']);
  });
});

describe('WIDE_ENCODINGS', () => {
  it.each([
    ['utf16le', '63 00 6d 00 64 00'],
    ['wide', '63 00 6d 00 64 00'],
    ['utf16be', '00 63 00 6d 00 64'],
    ['utf16', 'ff fe 63 00 6d 00 64 00'],
  ] as const)('%s', (name, bytes) => {
    expect(Buffer.from(WIDE_ENCODINGS[name]('cmd'), 'latin1').toString('hex')).toBe(bytes.replaceAll(' ', ''));
  });
});
