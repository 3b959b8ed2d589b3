import { closeSync, ftruncateSync, fstatSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** First bytes of every journal, so that no other file is taken for one. */
const MAGIC = Buffer.from('crosstrail journal 1\n');
/** Before each record: its length and the CRC-32 of its bytes, both unsigned 32 bit, little-endian. */
const HEADER_BYTES = 8;
const READ_BYTES = 1 << 20;

/** Thrown when a journal is not one, or is damaged elsewhere than at its end: nothing of the file was changed. */
export class DamagedJournalError extends Error {
  override readonly name = 'DamagedJournalError';
}

/**
 * An append-only file of records. A record is with the operating system when `append` returns, so it survives the end
 * of the process by SIGKILL (not a loss of power: nothing waits for the disk).
 */
export class JournalFile {
  readonly path: string;
  #descriptor: number;
  #size: number;

  private constructor(path: string, descriptor: number, size: number) {
    this.path = path;
    this.#descriptor = descriptor;
    this.#size = size;
  }

  /** Starts an empty journal, over whatever was at `path`. */
  static create(path: string): JournalFile {
    const file = new JournalFile(path, openSync(path, 'w'), 0);
    file.#write(MAGIC);
    return file;
  }

  /**
   * Opens a journal (a new one where there is none) for appending, after giving every record to `onRecord` in order.
   * A last record that was cut off while it was written is removed.
   * @throws DamagedJournalError
   */
  static open(path: string, onRecord: (payload: Buffer, end: number) => void): JournalFile {
    const descriptor = openSync(path, 'a+');
    try {
      const { size } = fstatSync(descriptor);
      const end = readRecords(path, descriptor, size, onRecord);
      if (end < size) ftruncateSync(descriptor, end);
      const file = new JournalFile(path, descriptor, end);
      if (end === 0) file.#write(MAGIC);
      return file;
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** Appends one record of at least one byte. An error leaves the file unusable until it is opened again. */
  append(payload: Uint8Array): void {
    const record = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
    record.writeUInt32LE(payload.length, 0);
    record.writeUInt32LE(crc32(payload), 4);
    record.set(payload, HEADER_BYTES);
    this.#write(record);
  }

  /** Takes the place of `other`, which is closed: one of the two is at its path at every moment. */
  replace(other: JournalFile): JournalFile {
    // Windows renames neither an open file nor onto one.
    this.close();
    other.close();
    renameSync(this.path, other.path);
    return new JournalFile(other.path, openSync(other.path, 'a'), this.#size);
  }

  close(): void {
    const descriptor = this.#descriptor;
    // A number that is no file's, where the old one may soon be another file's.
    this.#descriptor = -1;
    closeSync(descriptor);
  }

  #write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) done += writeSync(this.#descriptor, bytes, done);
    this.#size += bytes.length;
  }
}

/** Gives each whole record to `onRecord`, with the offset of its end; returns where the last whole one ends. */
function readRecords(
  path: string,
  descriptor: number,
  size: number,
  onRecord: (payload: Buffer, end: number) => void,
): number {
  const read = bufferedReader(descriptor, size);
  const magic = read(0, Math.min(size, MAGIC.length));
  if (!magic.equals(MAGIC.subarray(0, magic.length))) {
    throw new DamagedJournalError(`${path} is not a journal: move it away, or choose another folder`);
  }
  if (size < MAGIC.length) return 0;
  let start = MAGIC.length;
  while (start + HEADER_BYTES <= size) {
    const header = read(start, HEADER_BYTES);
    const length = header.readUInt32LE(0);
    const checksum = header.readUInt32LE(4);
    const end = start + HEADER_BYTES + length;
    if (end > size) break;
    const payload = read(start + HEADER_BYTES, length);
    if (length === 0 || crc32(payload) !== checksum) {
      if (end === size || isZero(read, start, size)) break;
      throw new DamagedJournalError(
        `${path} is damaged at byte ${start}, with ${size - end} bytes after: restore it, or move the folder away`,
      );
    }
    onRecord(payload, end);
    start = end;
  }
  return start;
}

/** Whether nothing but zeros follows, as after a loss of power, where the file's length was kept but not its bytes. */
function isZero(read: Read, start: number, size: number): boolean {
  for (let offset = start; offset < size; offset += READ_BYTES) {
    if (read(offset, Math.min(READ_BYTES, size - offset)).some((byte) => byte !== 0)) return false;
  }
  return true;
}

type Read = (offset: number, length: number) => Buffer;

/** Reads ranges of a file that only move forward, a block at a time. What it returns is valid until the next call. */
function bufferedReader(descriptor: number, size: number): Read {
  let block = Buffer.alloc(0);
  let blockStart = 0;
  return (offset, length) => {
    if (offset + length > blockStart + block.length) {
      const wanted = Math.min(Math.max(length, READ_BYTES), size - offset);
      block = Buffer.allocUnsafe(wanted);
      blockStart = offset;
      for (let done = 0; done < wanted;) {
        const count = readSync(descriptor, block, done, wanted - done, offset + done);
        if (count === 0) throw new Error(`the file became shorter while it was read, at byte ${offset + done}`);
        done += count;
      }
    }
    return block.subarray(offset - blockStart, offset - blockStart + length);
  };
}
