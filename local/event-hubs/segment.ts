import { closeSync, constants, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** Bytes before each event of a segment: length and checksum (32 bits each), sequence number and time (64 bits each). */
export const RECORD_HEADER = 24;
/** What a checksum covers begins after the length and the checksum itself. */
const CHECKED_FROM = 8;
/** How much a reader fetches at once: some dozens of events, and small enough to hold for every receiver. */
const READ_BYTES = 64 * 1024;
/** Longer than any event that is accepted: a length beyond it is damage, and no reason to allocate. */
export const MAX_EVENT_BYTES = 2 * 1024 * 1024;

/** An event as its partition's log holds it. */
export interface LoggedEvent {
  readonly sequence: number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly enqueued: number;
  /** Where its record begins, in bytes from the beginning of the segment. */
  readonly position: number;
  /** The encoded message. */
  readonly message: Buffer;
}

/** Where a record cannot be read: torn by an unfinished write, or changed since. */
export const DAMAGED = 'damaged';

/** The record of one event, ready to be written. */
export function encodeRecord(sequence: number, enqueued: number, message: Buffer): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEADER + message.length);
  record.writeUInt32BE(message.length, 0);
  record.writeDoubleBE(sequence, 8);
  record.writeDoubleBE(enqueued, 16);
  message.copy(record, RECORD_HEADER);
  record.writeUInt32BE(crc32(record.subarray(CHECKED_FROM)), 4);
  return record;
}

/** One file of a partition's log: records, one after another. */
export class Segment {
  readonly path: string;
  /** The sequence number of its first event. */
  readonly sequence: number;
  /** How many bytes of records were written to the partition before it: the offset of its first event. */
  readonly offset: number;
  /** Bytes that are whole records. */
  size: number;
  /** True once retention has removed the file. */
  dropped = false;
  #descriptor: number | undefined;

  constructor(path: string, start: { sequence: number; offset: number }, size: number) {
    this.path = path;
    this.sequence = start.sequence;
    this.offset = start.offset;
    this.size = size;
  }

  /** Where in a partition's bytes this segment ends. */
  get endOffset(): number {
    return this.offset + this.size;
  }

  #open(): number {
    this.#descriptor ??= openSync(this.path, constants.O_RDWR | constants.O_CREAT, 0o600);
    return this.#descriptor;
  }

  /**
   * Writes records at the end. They are in the operating system's hands when this returns, and so survive the end of this
   * process, by SIGKILL too; a power cut may take what the system had not yet written to the disk.
   * @throws Error of the file system; nothing of the records then stays
   */
  append(records: Buffer): void {
    const descriptor = this.#open();
    try {
      let written = 0;
      while (written < records.length) {
        written += writeSync(descriptor, records, written, records.length - written, this.size + written);
      }
    } catch (error) {
      ftruncateSync(descriptor, this.size);
      throw error;
    }
    this.size += records.length;
  }

  /** Fills the buffer from `position`; returns how many bytes there were. */
  read(target: Buffer, position: number): number {
    const descriptor = this.#open();
    let filled = 0;
    while (filled < target.length) {
      const count = readSync(descriptor, target, filled, target.length - filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  /** Cuts the file after `size` bytes. */
  truncate(size: number): void {
    ftruncateSync(this.#open(), size);
    this.size = size;
  }

  /** Gives the file descriptor back; the next use opens the file again. */
  close(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** Removes the file. */
  drop(): void {
    this.dropped = true;
    this.close();
    rmSync(this.path, { force: true });
  }
}

/** Reads a segment's records in order; goes on where it stopped once the segment has grown. */
export class SegmentReader {
  readonly segment: Segment;
  #position: number;
  #sequence: number | undefined;
  #chunk: Buffer = Buffer.alloc(0);
  #chunkStart = 0;

  /** @param position where a record begins, or the end of the segment */
  constructor(segment: Segment, position: number) {
    this.segment = segment;
    this.#position = position;
    this.#sequence = position === 0 ? segment.sequence : undefined;
  }

  /** Where the next record begins. */
  get position(): number {
    return this.#position;
  }

  /** The next event; undefined at the end of the segment. */
  next(): LoggedEvent | typeof DAMAGED | undefined {
    const position = this.#position;
    const left = this.segment.size - position;
    if (left <= 0) return undefined;
    if (left < RECORD_HEADER || !this.#holds(position, RECORD_HEADER)) return DAMAGED;
    const length = RECORD_HEADER + this.#chunk.readUInt32BE(position - this.#chunkStart);
    if (length > MAX_EVENT_BYTES || length > left || !this.#holds(position, length)) return DAMAGED;
    const chunk = this.#chunk;
    const start = position - this.#chunkStart;
    const end = start + length;
    if (crc32(chunk.subarray(start + CHECKED_FROM, end)) !== chunk.readUInt32BE(start + 4)) return DAMAGED;
    const sequence = chunk.readDoubleBE(start + 8);
    if (this.#sequence !== undefined && sequence !== this.#sequence) return DAMAGED;
    this.#sequence = sequence + 1;
    this.#position = position + length;
    const enqueued = chunk.readDoubleBE(start + 16);
    return { sequence, enqueued, position, message: chunk.subarray(start + RECORD_HEADER, end) };
  }

  /** Sees to it that the chunk at hand has these bytes of the segment; false where the file does not. */
  #holds(position: number, length: number): boolean {
    const start = position - this.#chunkStart;
    if (start >= 0 && start + length <= this.#chunk.length) return true;
    // Events share the chunk's memory and may still be on their way out, so a new chunk takes new memory.
    const chunk = Buffer.allocUnsafe(Math.min(Math.max(length, READ_BYTES), this.segment.size - position));
    const filled = this.segment.read(chunk, position);
    this.#chunk = chunk.subarray(0, filled);
    this.#chunkStart = position;
    return filled >= length;
  }
}
