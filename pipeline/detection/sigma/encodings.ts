/** How `utf16le`, `utf16be`, `utf16` and `wide` turn a text into bytes, as their names in Sigma say; the result holds one byte per character. */
export const WIDE_ENCODINGS: Readonly<Record<'utf16le' | 'wide' | 'utf16be' | 'utf16', (text: string) => string>> = {
  utf16le: littleEndian,
  wide: littleEndian,
  utf16be: (text) => Buffer.from(text, 'utf16le').swap16().toString('latin1'),
  utf16: (text) => littleEndian(`\ufeff${text}`),
};

function littleEndian(text: string): string {
  return Buffer.from(text, 'utf16le').toString('latin1');
}

/**
 * The three Base64 texts of which one stands in the Base64 of anything that holds these bytes, at whichever offset: for each
 * of the three ways to fall onto Base64's groups of three bytes, the characters that the bytes alone decide.
 */
export function base64AtEveryOffset(bytes: Uint8Array): string[] {
  return [0, 1, 2].map((offset) => {
    const shifted = new Uint8Array(offset + bytes.length);
    shifted.set(bytes, offset);
    const first = Math.ceil((offset * 8) / 6);
    const end = Math.floor((shifted.length * 8) / 6);
    return Buffer.from(shifted).toString('base64').slice(first, end);
  });
}
