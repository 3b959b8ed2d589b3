import { rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodiesOf, writtenAt } from './bodies.ts';

/** The bodies of an input that arrives in pieces of `size` bytes. */
async function bodies(input: string | Uint8Array, size = 7): Promise<string[]> {
  const bytes = Buffer.from(input);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  const found: string[] = [];
  for await (const body of bodiesOf(Readable.from(pieces))) found.push(Buffer.from(body).toString('utf8'));
  return found;
}

describe('writtenAt', () => {
  it('is when a file was last written, now for standard input, and unknown of what is not there', async () => {
    const file = join(tmpdir(), `crosstrail-written-${process.pid}.json`);
    await writeFile(file, '{}');
    try {
      await utimes(file, new Date('2026-11-20T09:00:00Z'), new Date('2026-11-20T09:00:00Z'));
      expect(await writtenAt(file)).toBe(Date.UTC(2026, 10, 20, 9));
    } finally {
      await rm(file);
    }
    expect(await writtenAt(file)).toBeUndefined();
    expect(await writtenAt('-')).toBeGreaterThan(Date.UTC(2026, 0, 1));
  });
});

describe('bodiesOf', () => {
  it.each([
    ['one value a line', '{"a":1}\n\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
    ['a last line without its end', '{"a":1}\n{"a":2}', ['{"a":1}', '{"a":2}']],
    ['lines that are no JSON among others', '{"a":1}\n{"a":\n{"a":2}', ['{"a":1}', '{"a":', '{"a":2}']],
    ['a byte order mark', '\ufeff{"a":1}\n{"a":2}', ['\ufeff{"a":1}', '{"a":2}']],
    ['a value on several lines', '{\n"a":1\n}\n', ['{\n"a":1\n}\n']],
    ['an array with one element a line', '[\n{"a":1},\n{"a":2}\n]', ['[\n{"a":1},\n{"a":2}\n]']],
    ['a first line that is no JSON', '# a\n{"a":1}', ['# a\n{"a":1}']],
    ['nothing', '', ['']],
  ])('%s', async (_name, text, expected) => {
    expect(await bodies(text)).toEqual(expected);
    for (const size of text === '' ? [] : [1, 7]) expect(await bodies(gzipSync(text), size)).toEqual(expected);
  });

  it('gives the same, in whatever pieces an input arrives', async () => {
    const lines = fc.array(fc.oneof(fc.json(), fc.string()), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 40 }), async (parts, size) => {
        const text = parts.join('\n');
        expect(await bodies(text, size)).toEqual(await bodies(text, Infinity));
      }),
    );
  });

  it('reads gzip members one after the other as one', async () => {
    expect(await bodies(Buffer.concat([gzipSync('{"a":1}\n'), gzipSync('{"a":2}\n')]))).toEqual(['{"a":1}', '{"a":2}']);
  });

  it('passes over any number of empty lines quickly', async () => {
    const packed = gzipSync(Buffer.concat([Buffer.from('{}\n'), Buffer.alloc(50_000_000, '\n'), Buffer.from('{}')]));
    expect(await bodies(packed, Infinity)).toEqual(['{}', '{}']);
  }, 8_000);

  it('gives what comes before the place where gzip is cut off, then says so', async () => {
    const text = Array.from({ length: 5000 }, (_, at) => `{"a":${at ** 3}}`).join('\n');
    const packed = gzipSync(text);
    const found: string[] = [];
    const read = async () => {
      const input = Readable.from([packed.subarray(0, packed.length / 2), Buffer.alloc(0)]);
      for await (const body of bodiesOf(input)) found.push(Buffer.from(body).toString('utf8'));
    };
    await expect(read()).rejects.toThrow('damaged or cut off');
    expect(found.length).toBeGreaterThan(100);
    expect(text.startsWith(found.join('\n'))).toBe(true);
  });
});
