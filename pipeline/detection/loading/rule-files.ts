import { constants } from 'node:fs';
import { open, opendir, realpath, stat, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MAX_FILE_BYTES } from './rule-documents.ts';

/** How much is taken. */
export interface Bounds {
  readonly files: number;
  /** In all files together. */
  readonly bytes: number;
  /** Entries of directories that are looked at on the way. */
  readonly entries: number;
}

/** Ten thousand rules of the usual size have 30 MB. */
const BOUNDS: Bounds = { files: 50_000, bytes: 134_217_728, entries: 500_000 };

/** So many files are asked for at once: on a network share, and in a process that is busy, each answer takes a while. */
const AT_ONCE = 1024;

/** A file that holds rules, or ought to. */
export interface FoundFile {
  readonly file: string;
  /** Differs as soon as the file was written or replaced. */
  readonly version: string;
}

/**
 * Finds the files at some places, each a directory with all that is below it, or a file, which stands for itself. Those of a
 * directory come in the order of their paths. Links are followed, and each directory is entered once, so that no loop of links
 * matters; what begins with a dot is hidden and passed over. Nothing is opened.
 * @param wanted whether a file of this name is meant
 * @param what the files hold, for messages
 * @throws Error where a place cannot be read, or there is too much
 */
export async function findFiles(
  places: readonly string[],
  wanted: (name: string) => boolean,
  what = 'rules',
  bounds = BOUNDS,
): Promise<FoundFile[]> {
  const walk = new Walk(wanted, what, bounds);
  for (const place of places) await walk.enter(place);
  return walk.found;
}

class Walk {
  readonly found: FoundFile[] = [];
  readonly #wanted: (name: string) => boolean;
  readonly #what: string;
  readonly #entered = new Set<string>();
  readonly #versions = new Set<string>();
  readonly #bounds: Bounds;
  #entries = 0;
  #bytes = 0;

  constructor(wanted: (name: string) => boolean, what: string, bounds: Bounds) {
    this.#wanted = wanted;
    this.#what = what;
    this.#bounds = bounds;
  }

  async enter(place: string): Promise<void> {
    const status = await stat(place).catch((error: unknown) => {
      throw this.#unreadable(place, error);
    });
    if (status.isFile()) {
      const file = await described(place);
      // It may stand in a directory that was entered, or be named twice.
      if (!this.#versions.has(file.version)) this.#add(file);
      return;
    }
    const files: Described[] = [];
    const directories = [place];
    for (let next = directories.pop(); next !== undefined; next = directories.pop()) {
      await this.#list(next, files, directories);
    }
    for (const file of files.sort((one, other) => (one.file < other.file ? -1 : 1))) this.#add(file);
  }

  async #list(directory: string, files: Described[], directories: string[]): Promise<void> {
    try {
      const real = await realpath(directory);
      if (this.#entered.has(real)) return;
      this.#entered.add(real);
      const candidates: string[] = [];
      for await (const entry of await opendir(directory, { bufferSize: 1024 })) {
        this.#entries += 1;
        if (this.#entries > this.#bounds.entries) throw new Error(`more than ${this.#bounds.entries} entries`);
        if (entry.name.startsWith('.')) continue;
        const path = join(directory, entry.name);
        if (entry.isDirectory()) directories.push(path);
        else if (entry.isSymbolicLink() || this.#wanted(entry.name)) candidates.push(path);
      }
      for (let at = 0; at < candidates.length; at += AT_ONCE) {
        for (const file of await Promise.all(candidates.slice(at, at + AT_ONCE).map(described))) {
          if (file.isDirectory) directories.push(file.file);
          else if (this.#wanted(basename(file.file))) files.push(file);
        }
      }
    } catch (error) {
      throw this.#unreadable(directory, error);
    }
  }

  #add({ file, version, size }: Described): void {
    this.found.push({ file, version });
    this.#versions.add(version);
    this.#bytes += Math.min(size, MAX_FILE_BYTES);
    const { files, bytes } = this.#bounds;
    if (this.found.length > files || this.#bytes > bytes) {
      const most = `at most ${files} files and ${bytes} bytes of ${this.#what} are read`;
      throw new Error(`${most}, and with ${file} there are more; leave some out`);
    }
  }

  #unreadable(place: string, cause: unknown): Error {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new Error(`the directory of ${this.#what} ${place} cannot be read; name one that exists (${why})`, {
      cause,
    });
  }
}

interface Described extends FoundFile {
  readonly size: number;
  readonly isDirectory: boolean;
}

/** What the file system says of a path; one that leads nowhere is a file that reading will fail on. */
async function described(file: string): Promise<Described> {
  const status = await stat(file, { bigint: true }).catch(() => undefined);
  if (status === undefined) return { file, version: 'absent', size: 0, isDirectory: false };
  const { dev, ino, size, mtimeNs, ctimeNs } = status;
  const version = [dev, ino, size, mtimeNs, ctimeNs].join(':');
  return { file, version, size: Number(size), isDirectory: status.isDirectory() };
}

/**
 * Reads a file of rules as text; a byte order mark is left out.
 * @throws Error where it is no regular file, is too large, or is not UTF-8
 */
export async function readText(file: string): Promise<string> {
  // To open a pipe would wait until somebody writes to it, unless told not to.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new Error('it is not a file');
    return utf8(await readAll(handle, status.size));
  } finally {
    await handle.close();
  }
}

/** The whole content; its size may differ from what the file system says, or change meanwhile. */
async function readAll(handle: FileHandle, size: number): Promise<Uint8Array> {
  let content = Buffer.alloc(Math.min(size, MAX_FILE_BYTES) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(content, length, content.length - length);
    length += bytesRead;
    if (bytesRead === 0) return content.subarray(0, length);
    if (length > MAX_FILE_BYTES) throw new Error(`the file is larger than ${MAX_FILE_BYTES} bytes; split it`);
    if (length === content.length) content = Buffer.concat([content], Math.min(2 * length, MAX_FILE_BYTES + 1));
  }
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('it is not text in UTF-8; save it as such');
  }
}
