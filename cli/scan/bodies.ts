import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { pipeline, type Readable } from 'node:stream';
import { systemClock } from '../../platform/clock.ts';
import { isGzip } from '../../pipeline/sources/decode.ts';

/** The largest piece that is parsed as one: the longest string of the language is half a gigabyte. */
export const MAX_BODY_BYTES = 400 * 1024 * 1024;

const NEW_LINE = 10;

/** Opens a file, or standard input for `-`. */
export const openInput = (path: string): Readable =>
  path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 20 });

/**
 * When an input was written, milliseconds since 1970-01-01T00:00:00Z: now for standard input. Reports that do not say when they were made go by it.
 * @returns undefined where the system does not say
 */
export async function writtenAt(path: string): Promise<number | undefined> {
  if (path === '-') return systemClock.now();
  return (await stat(path).catch(() => undefined))?.mtimeMs;
}

/**
 * Cuts an input, plain or gzip, into bodies: one a line where its first line is a JSON value of its own and more lines follow, otherwise the whole.
 * Line by line, an input of any size is read in little memory.
 * @throws Error with a reason for people where a body is too large or the gzip data is damaged; bodies before it have been given
 */
export async function* bodiesOf(input: Readable): AsyncGenerator<Uint8Array> {
  let pending: Buffer[] = [];
  let size = 0;
  let lines: boolean | undefined;
  for await (const chunk of unpacked(input)) {
    let rest = chunk;
    while (lines !== false) {
      if (lines === true && size === 0) rest = fromFirstText(rest);
      const end = rest.indexOf(NEW_LINE);
      if (end < 0) break;
      const line = Buffer.concat([...pending, rest.subarray(0, end)]);
      lines ??= isWhole(line);
      if (!lines) break;
      rest = rest.subarray(end + 1);
      pending = [];
      size = 0;
      if (!isBlank(line)) yield line;
    }
    pending.push(rest);
    size += rest.length;
    if (size > MAX_BODY_BYTES) {
      throw new Error(
        `holds more than ${MAX_BODY_BYTES} bytes in one piece; give it one record a line (NDJSON) to read it piece by piece`,
      );
    }
  }
  const last = Buffer.concat(pending);
  if (lines !== true || !isBlank(last)) yield last;
}

/** Skips empty lines without making anything of each: gzip can hold billions. */
function fromFirstText(bytes: Buffer): Buffer {
  let at = 0;
  while (bytes[at] === NEW_LINE) at++;
  return at === 0 ? bytes : bytes.subarray(at);
}

async function* unpacked(input: Readable): AsyncGenerator<Buffer> {
  const chunks = (input as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let first: Buffer = Buffer.alloc(0);
  let ended = false;
  while (first.length < 2 && !ended) {
    const next = await chunks.next();
    if (next.done === true) ended = true;
    else first = Buffer.concat([first, next.value]);
  }
  const whole = async function* () {
    yield first;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  };
  if (!isGzip(first)) {
    yield* whole();
    return;
  }
  try {
    yield* pipeline(whole, createGunzip(), () => undefined) as AsyncIterable<Buffer>;
  } catch {
    throw new Error('begins as gzip but cannot be unpacked to its end: it is damaged or cut off');
  }
}

/** Whether a first line is a value of its own; a blank one is not, and a file of one value on several lines is not. */
function isWhole(line: Buffer): boolean {
  if (line.length > MAX_BODY_BYTES || !/^[\s\ufeff]*[{["]/.test(line.subarray(0, 64).toString('utf8'))) return false;
  try {
    JSON.parse(line.toString('utf8').replace(/^\ufeff/, ''));
    return true;
  } catch {
    return false;
  }
}

const isBlank = (line: Buffer): boolean => line.length < 1024 && line.toString('utf8').trim() === '';
