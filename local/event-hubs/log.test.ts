import fc from 'fast-check';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PartitionLog, PositionOutOfRangeError, type LogCursor, type Retention, type StartPosition } from './log.ts';
import { RECORD_HEADER } from './segment.ts';

const NO_LIMIT: Retention = { bytesPerPartition: 1e9, segmentBytes: 1e8 };
/** Every segment takes some few events of these tests. */
const SMALL: Retention = { bytesPerPartition: 1e9, segmentBytes: 200 };
const NOON = Date.UTC(2026, 0, 1, 12);

let folder: string;
let warnings: string[];
let open: PartitionLog[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'partition-log-'));
  warnings = [];
  open = [];
});

afterEach(() => {
  for (const log of open) log.close();
  rmSync(folder, { recursive: true });
});

function openLog(retention = NO_LIMIT, path = folder): PartitionLog {
  const log = new PartitionLog(path, retention, (warning) => warnings.push(warning));
  open.push(log);
  return log;
}

function append(log: PartitionLog, texts: readonly string[], now = NOON): void {
  log.append(texts, (text) => Buffer.from(text), now);
}

function appendEach(log: PartitionLog, texts: readonly string[]): void {
  for (const text of texts) append(log, [text]);
}

function rest(cursor: LogCursor): string[] {
  const texts: string[] = [];
  for (let event = cursor.next(); event !== undefined; event = cursor.next()) texts.push(event.message.toString());
  return texts;
}

function read(log: PartitionLog, start: StartPosition = { at: 'earliest' }): string[] {
  return rest(log.read(start));
}

function segments(path = folder): string[] {
  return readdirSync(path)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .map((name) => join(path, name));
}

function numbered(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `event ${from + index}`);
}

describe('a new partition', () => {
  test('is empty', () => {
    const log = openLog();
    expect(log).toMatchObject({ begin: 0, bytes: 0, isEmpty: true, last: { sequence: -1, offset: -1 } });
    expect(read(log)).toEqual([]);
  });

  test('gives what was appended, with sequence numbers from 0 and offsets in bytes', () => {
    const log = openLog();
    append(log, ['a', 'bcd']);
    append(log, ['e'], NOON + 5);
    const cursor = log.read({ at: 'earliest' });
    expect([cursor.next(), cursor.next(), cursor.next(), cursor.next()]).toMatchObject([
      { sequence: 0, position: 0, enqueued: NOON, message: Buffer.from('a') },
      { sequence: 1, position: RECORD_HEADER + 1, enqueued: NOON, message: Buffer.from('bcd') },
      { sequence: 2, position: 2 * RECORD_HEADER + 4, enqueued: NOON + 5, message: Buffer.from('e') },
      undefined,
    ]);
    expect(log.last).toEqual({ sequence: 2, offset: 2 * RECORD_HEADER + 4, enqueued: NOON + 5 });
    expect(log.bytes).toBe(3 * RECORD_HEADER + 5);
  });

  test('tells each message its position before it is written', () => {
    const log = openLog(SMALL);
    appendEach(log, numbered(20));
    log.append(['last'], (text, { sequence, offset }) => Buffer.from(`${text} ${sequence} ${offset}`), NOON);
    expect(read(log).at(-1)).toBe(`last 20 ${log.last.offset}`);
  });
});

describe('a cursor', () => {
  test('goes on with events that come later, over the ends of segments', () => {
    const log = openLog(SMALL);
    const cursor = log.read({ at: 'earliest' });
    for (let index = 0; index < 50; index++) {
      append(log, [`event ${index}`]);
      expect(rest(cursor)).toEqual([`event ${index}`]);
    }
    expect(segments().length).toBeGreaterThan(5);
  });

  test('reads events larger than its chunk', () => {
    const log = openLog();
    const large = 'x'.repeat(200_000);
    append(log, ['small', large, 'small']);
    expect(read(log)).toEqual(['small', large, 'small']);
  });

  test.each([
    ['an offset', { at: 'offset', inclusive: false }],
    ['an offset, inclusive', { at: 'offset', inclusive: true }],
    ['a sequence number', { at: 'sequence', inclusive: false }],
    ['a sequence number, inclusive', { at: 'sequence', inclusive: true }],
    ['a time', { at: 'time', inclusive: false }],
    ['a time, inclusive', { at: 'time', inclusive: true }],
  ] as const)('starts at %s, wherever it is', (_, { at, inclusive }) => {
    const log = openLog(SMALL);
    const offsets: number[] = [];
    for (let index = 0; index < 40; index++) {
      append(log, [`event ${index}`], NOON + index * 10);
      offsets.push(log.last.offset);
    }
    for (let index = 0; index < 40; index++) {
      const value = { offset: offsets[index] ?? NaN, sequence: index, time: NOON + index * 10 }[at];
      const first = inclusive ? index : index + 1;
      expect(read(log, { at, value, inclusive })).toEqual(numbered(40 - first, first));
    }
  });

  test('starts between two times, or two offsets', () => {
    const log = openLog();
    append(log, ['a'], NOON);
    append(log, ['b'], NOON + 100);
    expect(read(log, { at: 'time', value: NOON + 50, inclusive: false })).toEqual(['b']);
    expect(read(log, { at: 'offset', value: 3, inclusive: false })).toEqual(['b']);
  });

  test('starts at the latest: only with what comes after', () => {
    const log = openLog();
    append(log, ['before']);
    const cursor = log.read({ at: 'latest' });
    append(log, ['after']);
    expect(rest(cursor)).toEqual(['after']);
  });

  test('starts at a time to come as at the latest', () => {
    const log = openLog();
    append(log, ['before']);
    const cursor = log.read({ at: 'time', value: NOON + 1e6, inclusive: false });
    append(log, ['after'], NOON + 1);
    expect(rest(cursor)).toEqual(['after']);
  });

  test('starts after the newest event, also in an empty partition', () => {
    const log = openLog();
    const fresh = log.read({ at: 'sequence', value: 0, inclusive: true });
    append(log, ['a']);
    expect(rest(fresh)).toEqual(['a']);
    const next = log.read({ at: 'offset', value: log.bytes, inclusive: true });
    append(log, ['b']);
    expect(rest(next)).toEqual(['b']);
  });

  test.each([
    ['sequence', 'The sequence number 2 is beyond the last sequence number of the partition, which is 1.'],
    ['offset', 'The offset 26 is beyond the last offset of the partition, which is 25.'],
  ] as const)('does not start beyond the newest event: %s', (at, message) => {
    const log = openLog();
    append(log, ['a', 'b']);
    const value = at === 'sequence' ? 2 : log.last.offset + 1;
    expect(() => log.read({ at, value, inclusive: false })).toThrow(PositionOutOfRangeError);
    expect(() => log.read({ at, value, inclusive: false })).toThrow(message);
  });
});

describe('opened again', () => {
  test('a partition has its events, and goes on counting', () => {
    appendEach(openLog(SMALL), numbered(30));
    const log = openLog(SMALL);
    append(log, ['event 30']);
    expect(read(log)).toEqual(numbered(31));
    expect(log.last.sequence).toBe(30);
    expect(warnings).toEqual([]);
  });

  test('a partition that lost an unfinished write has what was whole before it, and says so', () => {
    append(openLog(), ['a', 'b']);
    const [file = ''] = segments();
    appendFileSync(file, Buffer.from('half a record'));
    const log = openLog();
    expect(read(log)).toEqual(['a', 'b']);
    expect(warnings).toEqual([`${file} ends in an unfinished write: 13 bytes after byte 50 were cut off`]);
    append(log, ['c']);
    expect(read(openLog())).toEqual(['a', 'b', 'c']);
  });

  test('a partition whose newest segment has no whole event goes on after the older ones', () => {
    const log = openLog(SMALL);
    append(log, numbered(7));
    append(log, ['torn']);
    expect(segments()).toHaveLength(2);
    const torn = segments().at(-1) ?? '';
    truncateSync(torn, statSync(torn).size - 1);
    const again = openLog(SMALL);
    expect(again.last).toMatchObject({ sequence: 6, enqueued: NOON });
    append(again, ['event 7']);
    expect(read(again)).toEqual(numbered(8));
  });

  test('times do not go back with the clock', () => {
    append(openLog(), ['a'], NOON);
    const log = openLog();
    append(log, ['b'], NOON - 3_600_000);
    expect(log.last.enqueued).toBe(NOON);
  });

  test('torn at any byte: what is left is a prefix with every whole event', () => {
    const appends = fc.array(fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 12,
    });
    const retention = fc.constantFrom(SMALL, NO_LIMIT);
    let run = 0;
    fc.assert(
      fc.property(appends, retention, fc.nat(), fc.boolean(), (batches, kept, cut, garbage) => {
        const path = join(folder, `${run++}`);
        const log = openLog(kept, path);
        const ends: number[] = [];
        for (const batch of batches) {
          append(log, batch);
          ends.push(log.bytes);
        }
        const file = segments(path).at(-1) ?? '';
        const size = statSync(file).size;
        const lost = cut % (size + 1);
        truncateSync(file, size - lost);
        if (garbage) appendFileSync(file, Buffer.alloc(lost, 0xaa));
        const all = batches.flat();
        let left = log.bytes - lost;
        const whole = all.findIndex((text) => (left -= RECORD_HEADER + Buffer.byteLength(text)) < 0);
        const expected = whole === -1 ? all : all.slice(0, whole);

        const again = openLog(kept, path);
        expect(read(again)).toEqual(expected);
        append(again, ['next']);
        expect(again.last.sequence).toBe(expected.length);
        expect(read(openLog(kept, path))).toEqual([...expected, 'next']);
        for (const each of open.splice(0)) each.close();
      }),
      { numRuns: 150 },
    );
  });

  test('changed at any byte: no changed event is ever given', () => {
    appendEach(openLog(SMALL), numbered(20));
    const originals = segments();
    const events = new Set(numbered(20));
    let run = 0;
    fc.assert(
      fc.property(fc.nat(originals.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), (segment, at, flip) => {
        const path = join(folder, `${run++}`);
        mkdirSync(path);
        for (const original of originals) copyFileSync(original, original.replace(folder, path));
        const file = segments(path)[segment] ?? '';
        const bytes = readFileSync(file);
        const index = at % bytes.length;
        const descriptor = openSync(file, 'r+');
        writeSync(descriptor, Buffer.from([(bytes[index] ?? 0) ^ flip]), 0, 1, index);
        closeSync(descriptor);
        const log = openLog(SMALL, path);
        const found = read(log);
        expect(found.every((text) => events.has(text))).toBe(true);
        expect(found.length).toBeLessThan(20);
        // Within one segment only.
        expect(found.length).toBeGreaterThanOrEqual(20 - 7);
        expect(new Set(found).size).toBe(found.length);
        expect(warnings.length).toBeGreaterThan(0);
        warnings.length = 0;
        for (const each of open.splice(0)) each.close();
      }),
    );
  });
});

describe('damage in an older segment', () => {
  test('costs the rest of that segment, which is counted and told', () => {
    appendEach(openLog(SMALL), numbered(20));
    const [first = '', second = ''] = segments();
    truncateSync(first, RECORD_HEADER + 7);
    const log = openLog(SMALL);
    const firstOfSecond = Number(second.slice(folder.length + 1).split('-')[0]);
    expect(read(log)).toEqual(['event 0', ...numbered(20 - firstOfSecond, firstOfSecond)]);
    expect(log.unreadable).toBe(firstOfSecond - 1);
    expect(warnings[0]).toContain(`${firstOfSecond - 1} events from sequence number 1 on are lost`);
  });
});

describe('retention', () => {
  const LIMITED: Retention = { bytesPerPartition: 1000, segmentBytes: 200 };

  test('drops the oldest segments whole, and counts', () => {
    const log = openLog(LIMITED);
    appendEach(log, numbered(200));
    expect(log.bytes).toBeLessThanOrEqual(1000);
    const kept = read(log);
    expect(kept).toEqual(numbered(200 - log.begin, log.begin));
    expect(log.begin).toBeGreaterThan(150);
    expect(segments().reduce((sum, file) => sum + statSync(file).size, 0)).toBe(log.bytes);
    expect(openLog(LIMITED)).toMatchObject({ begin: log.begin, last: { sequence: 199 }, bytes: log.bytes });
  });

  test('lets a receiver that it overtakes go on at the oldest event', () => {
    const log = openLog(LIMITED);
    append(log, ['event 0']);
    const cursor = log.read({ at: 'earliest' });
    expect(cursor.next()?.sequence).toBe(0);
    appendEach(log, numbered(199, 1));
    expect(rest(cursor)).toEqual(numbered(200 - log.begin, log.begin));
  });

  test('that was lowered holds from the next start', () => {
    appendEach(openLog(SMALL), numbered(100));
    const log = openLog({ bytesPerPartition: 500, segmentBytes: 200 });
    expect(log.bytes).toBeLessThanOrEqual(500);
    expect(log.last.sequence).toBe(99);
  });

  test('starts a position that was dropped at the oldest event', () => {
    const log = openLog(LIMITED);
    appendEach(log, numbered(100));
    expect(read(log, { at: 'sequence', value: 3, inclusive: false })).toEqual(numbered(100 - log.begin, log.begin));
  });
});

test('a large log opens fast: only its newest segment is read', () => {
  const retention: Retention = { bytesPerPartition: 1e9, segmentBytes: 4e6 };
  const log = openLog(retention);
  const texts = Array.from({ length: 1000 }, () => 'x'.repeat(1000));
  for (let index = 0; index < 60; index++) append(log, texts);
  const from = performance.now();
  const again = openLog(retention);
  const opened = performance.now() - from;
  expect(again.last.sequence).toBe(59_999);
  const begun = performance.now();
  expect(read(again)).toHaveLength(60_000);
  // Reading all takes the time of all segments, opening that of one.
  expect(opened).toBeLessThan((performance.now() - begun) / 2);
});
