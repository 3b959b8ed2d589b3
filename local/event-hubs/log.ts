import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DAMAGED, Segment, SegmentReader, encodeRecord, type LoggedEvent } from './segment.ts';

/** How much of a partition is kept. Whole segments are dropped, oldest first. */
export interface Retention {
  /** At most this many bytes of events stay in a partition. */
  readonly bytesPerPartition: number;
  /** A segment takes no further events once it has this many bytes. */
  readonly segmentBytes: number;
}

/** A place in a partition: where a receiver starts. */
export type StartPosition =
  | { readonly at: 'earliest' }
  | { readonly at: 'latest' }
  | { readonly at: 'offset' | 'sequence' | 'time'; readonly value: number; readonly inclusive: boolean };

/** What is known of the newest event that a partition ever took. */
export interface LastEvent {
  readonly sequence: number;
  readonly offset: number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly enqueued: number;
}

/** Thrown for a start position beyond the partition's newest event. */
export class PositionOutOfRangeError extends Error {
  override readonly name = 'PositionOutOfRangeError';
}

const SEGMENT_NAME = /^(\d{16})-(\d{16})\.log$/;

function segmentName(sequence: number, offset: number): string {
  return `${sequence.toString().padStart(16, '0')}-${offset.toString().padStart(16, '0')}.log`;
}

/**
 * One partition's events on disk, in segment files. Sequence numbers count events from 0 and offsets count bytes; both go on
 * over restarts and over dropped segments.
 */
export class PartitionLog {
  readonly #folder: string;
  readonly #retention: Retention;
  readonly #warn: (message: string) => void;
  /** Oldest first; never empty; the last one takes new events. */
  readonly #segments: Segment[];
  #last: LastEvent = { sequence: -1, offset: -1, enqueued: 0 };
  #bytes = 0;
  #unreadable = 0;
  readonly #damaged = new WeakSet<Segment>();
  /** The older segment that a receiver read last: it alone keeps its file open besides the newest. */
  #olderOpen: Segment | undefined;

  /**
   * Opens a partition's folder, which is created where it is missing. Only the newest segment is read, to cut off what an
   * interrupted write left behind.
   * @param warn told what was cut or cannot be read
   * @throws Error of the file system
   */
  constructor(folder: string, retention: Retention, warn: (message: string) => void) {
    this.#folder = folder;
    this.#retention = retention;
    this.#warn = warn;
    mkdirSync(folder, { recursive: true });
    this.#segments = readdirSync(folder)
      .map((name) => SEGMENT_NAME.exec(name))
      .filter((match) => match !== null)
      .map(([name, sequence, offset]) => {
        const path = join(folder, name);
        return new Segment(path, { sequence: Number(sequence), offset: Number(offset) }, statSync(path).size);
      })
      .sort((a, b) => a.sequence - b.sequence || a.offset - b.offset);
    if (this.#segments.length === 0) this.#startSegment(0, 0);
    this.#recover();
    this.#bytes = this.#segments.reduce((sum, segment) => sum + segment.size, 0);
    this.#dropOld();
  }

  /** Sequence number of the oldest event kept; of the next event, where none is kept. It is also how many were dropped. */
  get begin(): number {
    return this.#oldest().sequence;
  }

  /** The newest event; its sequence number and offset are -1 where the partition never had one. */
  get last(): LastEvent {
    return this.#last;
  }

  /** Bytes of events on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Events passed over because their segment was damaged, since this log was opened. */
  get unreadable(): number {
    return this.#unreadable;
  }

  get isEmpty(): boolean {
    return this.begin > this.#last.sequence;
  }

  /**
   * Appends messages in order, in one write.
   * @param encode gives the bytes to keep, once the message's position is known
   * @param now milliseconds since 1970-01-01T00:00:00Z; times of a partition never go back
   * @throws Error of the file system; then none of the messages was taken
   */
  append<Message>(
    messages: readonly Message[],
    encode: (message: Message, position: LastEvent) => Buffer,
    now: number,
  ): void {
    const enqueued = Math.max(now, this.#last.enqueued);
    let segment = this.#newest();
    if (segment.size >= this.#retention.segmentBytes) {
      segment = this.#startSegment(this.#last.sequence + 1, segment.endOffset);
    }
    const records: Buffer[] = [];
    let last = this.#last;
    let offset = segment.endOffset;
    for (const message of messages) {
      last = { sequence: last.sequence + 1, offset, enqueued };
      const record = encodeRecord(last.sequence, enqueued, encode(message, last));
      offset += record.length;
      records.push(record);
    }
    const [only] = records;
    const bytes = records.length === 1 && only !== undefined ? only : Buffer.concat(records);
    segment.append(bytes);
    this.#last = last;
    this.#bytes += bytes.length;
    if (this.#bytes > this.#retention.bytesPerPartition) this.#dropOld();
  }

  /**
   * Opens a cursor at a position.
   * @throws PositionOutOfRangeError for an offset or sequence number beyond the newest event: whoever holds it has seen
   *   another log than this one
   */
  read(start: StartPosition): LogCursor {
    if (start.at === 'earliest') return this.#cursor(this.#oldest());
    const newest = this.#newest();
    const end = new LogCursor(this, new SegmentReader(newest, newest.size), this.#last.sequence + 1);
    if (start.at === 'latest') return end;
    const { value, inclusive } = start;
    const wanted = (found: number) => (inclusive ? found >= value : found > value);
    switch (start.at) {
      case 'offset': {
        this.#checkInRange('offset', start, newest.endOffset);
        if (!wanted(this.#last.offset)) return end;
        const segment = this.#lastSegment((candidate) => candidate.offset <= value);
        return this.#cursor(segment, (event, within) => wanted(within.offset + event.position));
      }
      case 'sequence': {
        this.#checkInRange('sequence', start, this.#last.sequence + 1);
        if (!wanted(this.#last.sequence)) return end;
        const segment = this.#lastSegment((candidate) => candidate.sequence <= value);
        return this.#cursor(segment, (event) => wanted(event.sequence));
      }
      case 'time': {
        if (!wanted(this.#last.enqueued)) return end;
        const segment = this.#lastSegment((candidate) => (this.#firstTime(candidate) ?? Infinity) < value);
        return this.#cursor(segment, (event) => wanted(event.enqueued));
      }
    }
  }

  /** Gives all file descriptors back. */
  close(): void {
    for (const segment of this.#segments) segment.close();
  }

  /** The segment that a cursor goes on with after `segment`; undefined where it is the newest. For cursors. */
  after(segment: Segment): Segment | undefined {
    if (segment.dropped) return this.#oldest();
    if (segment === this.#newest()) return undefined;
    return this.#segments.find((candidate) => candidate.sequence > segment.sequence);
  }

  /**
   * Tells that a segment cannot be read from `sequence` on; cursors go on with the next segment. The newest takes no more
   * events then, so that there is a next one. For cursors.
   */
  reportDamage(segment: Segment, sequence: number, position: number): void {
    if (segment === this.#newest()) this.#startSegment(this.#last.sequence + 1, segment.endOffset);
    if (this.#damaged.has(segment)) return;
    this.#damaged.add(segment);
    const lost = (this.after(segment)?.sequence ?? sequence) - sequence;
    this.#unreadable += lost;
    this.#warn(
      `${segment.path} is damaged at byte ${position}: ${lost} events from sequence number ${sequence} on are lost`,
    );
  }

  /** Keeps the number of open files small: the newest segment, and one older. For cursors. */
  noteUse(segment: Segment): void {
    if (segment === this.#olderOpen || segment === this.#newest()) return;
    this.#olderOpen?.close();
    this.#olderOpen = segment;
  }

  #cursor(segment: Segment, wanted?: Wanted): LogCursor {
    return new LogCursor(this, new SegmentReader(segment, 0), segment.sequence, wanted);
  }

  #oldest(): Segment {
    return existing(this.#segments[0]);
  }

  #newest(): Segment {
    return existing(this.#segments.at(-1));
  }

  /** The last segment for which `before` holds, where it holds for the first ones only; otherwise the oldest. */
  #lastSegment(before: (segment: Segment) => boolean): Segment {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(existing(this.#segments[middle]))) low = middle + 1;
      else high = middle;
    }
    return existing(this.#segments[Math.max(low - 1, 0)]);
  }

  #firstTime(segment: Segment): number | undefined {
    this.noteUse(segment);
    const first = new SegmentReader(segment, 0).next();
    return first === undefined || first === DAMAGED ? undefined : first.enqueued;
  }

  #checkInRange(kind: 'offset' | 'sequence', start: { value: number; inclusive: boolean }, next: number): void {
    const last = this.#last[kind];
    // "From the next event on" is a place that exists, although no event has it yet.
    if (start.value <= last || (start.inclusive && start.value <= next)) return;
    const what = kind === 'sequence' ? 'sequence number' : 'offset';
    throw new PositionOutOfRangeError(
      `The ${what} ${start.value} is beyond the last ${what} of the partition, which is ${last}. Start from another position.`,
    );
  }

  #startSegment(sequence: number, offset: number): Segment {
    const segment = new Segment(join(this.#folder, segmentName(sequence, offset)), { sequence, offset }, 0);
    this.#segments.at(-1)?.close();
    this.#segments.push(segment);
    return segment;
  }

  /** Finds the newest event, and cuts off what follows it. */
  #recover(): void {
    for (let index = this.#segments.length - 1; index >= 0; index--) {
      const segment = existing(this.#segments[index]);
      if (index === this.#segments.length - 1) {
        this.#last = { ...this.#last, sequence: segment.sequence - 1 };
      }
      const reader = new SegmentReader(segment, 0);
      let newest: LoggedEvent | undefined;
      let event = reader.next();
      while (event !== undefined && event !== DAMAGED) {
        newest = event;
        event = reader.next();
      }
      if (event === DAMAGED && index === this.#segments.length - 1) {
        this.#warn(
          `${segment.path} ends in an unfinished write: ${segment.size - reader.position} bytes after byte ${reader.position} were cut off`,
        );
        segment.truncate(reader.position);
      }
      if (newest !== undefined) {
        this.#last = {
          sequence: Math.max(newest.sequence, this.#last.sequence),
          offset: segment.offset + newest.position,
          enqueued: newest.enqueued,
        };
        return;
      }
    }
  }

  #dropOld(): void {
    while (this.#bytes > this.#retention.bytesPerPartition && this.#segments.length > 1) {
      const oldest = this.#segments.shift();
      if (oldest === undefined) return;
      this.#bytes -= oldest.size;
      oldest.drop();
    }
  }
}

/** The list of segments is never empty. */
function existing(segment: Segment | undefined): Segment {
  if (segment === undefined) throw new RangeError('a partition has no segment there');
  return segment;
}

type Wanted = (event: LoggedEvent, segment: Segment) => boolean;

/** A receiver's place in a partition's log: reads by demand, holding one small chunk of one segment. */
export class LogCursor {
  readonly #log: PartitionLog;
  #reader: SegmentReader;
  /** The sequence number that the reader's next event has. */
  #sequence: number;
  /** Passes over the events before the start position; undefined once that is reached. */
  #wanted: Wanted | undefined;

  constructor(log: PartitionLog, reader: SegmentReader, sequence: number, wanted?: Wanted) {
    this.#log = log;
    this.#reader = reader;
    this.#sequence = sequence;
    this.#wanted = wanted;
  }

  /** The next event; undefined while there is none. Where retention overtook the cursor, it goes on at the oldest event. */
  next(): LoggedEvent | undefined {
    for (;;) {
      const { segment } = this.#reader;
      if (!segment.dropped) {
        this.#log.noteUse(segment);
        const event = this.#reader.next();
        if (event === DAMAGED) {
          this.#log.reportDamage(segment, this.#sequence, this.#reader.position);
        } else if (event !== undefined) {
          this.#sequence = event.sequence + 1;
          if (this.#wanted?.(event, segment) === false) continue;
          this.#wanted = undefined;
          return event;
        }
      }
      const next = this.#log.after(segment);
      if (next === undefined) return undefined;
      // A file that was cut at the end of an event has no damage but what it lacks.
      if (!segment.dropped && next.sequence > this.#sequence) {
        this.#log.reportDamage(segment, this.#sequence, this.#reader.position);
      }
      this.#reader = new SegmentReader(next, 0);
      this.#sequence = next.sequence;
    }
  }
}
