import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Blobs } from '../../../platform/storage/ports.ts';

/** What a copy is, in text, and how many bytes follow. */
export interface Head {
  readonly name: string;
  /** Undefined where the file has none: it is none of ours. */
  readonly head: string | undefined;
  readonly size: number;
}

/** Files with a text at their head, each written whole or not at all. */
export interface CopyFiles {
  head(name: string): Promise<Head | undefined>;
  get(name: string): Promise<(Head & { readonly body: Uint8Array }) | undefined>;
  put(name: string, head: string, body: Uint8Array): Promise<void>;
  /** Of the files whose names end so. */
  list(suffix: string): Promise<Head[]>;
}

const CONTAINER = 'copies';

/** As blobs, with the head as metadata: one request puts both, and listing gives the heads without the bodies. */
export function blobFiles(blobs: Blobs): CopyFiles {
  const list = async (prefix: string): Promise<Head[]> => {
    const items = await Array.fromAsync(blobs.list(CONTAINER, prefix));
    return items.map(({ name, size, metadata }) => ({ name, size, head: metadata['head'] }));
  };
  return {
    head: async (name) => (await list(name)).find((item) => item.name === name),
    async get(name) {
      const blob = await blobs.get(CONTAINER, name);
      return blob && { name, head: blob.metadata['head'], size: blob.body.length, body: blob.body };
    },
    put: (name, head, body) => blobs.put(CONTAINER, name, body, { head }),
    list: async (suffix) => (await list('')).filter(({ name }) => name.endsWith(suffix)),
  };
}

/** The first line of a file of ours, before its head, which is the second. */
const MARK = 'crosstrail copy 1\n';
/** A head is shorter than this. */
const MAX_HEAD = 16_384;

/** As files, written beside their places and then renamed into them. */
export function folderFiles(folder: string): CopyFiles {
  const head = async (name: string): Promise<Head | undefined> => {
    const file = await opened(join(folder, name));
    if (file === undefined) return undefined;
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_HEAD), 0, MAX_HEAD, 0);
      const { size } = await file.stat();
      const found = headOf(buffer.subarray(0, bytesRead));
      return { name, head: found?.head, size: size - (found?.length ?? 0) };
    } finally {
      await file.close();
    }
  };
  return {
    head,
    async get(name) {
      const bytes = await readFile(join(folder, name)).catch(unlessAbsent);
      if (bytes === undefined) return undefined;
      const found = headOf(bytes.subarray(0, MAX_HEAD));
      const body = bytes.subarray(found?.length ?? 0);
      return { name, head: found?.head, size: body.length, body };
    },
    put: (name, text, body) => replaceFile(join(folder, name), Buffer.concat([Buffer.from(`${MARK}${text}\n`), body])),
    async list(suffix) {
      const names = (await namesIn(folder)).filter((name) => name.endsWith(suffix));
      const heads = await Promise.all(names.sort().map(head));
      return heads.filter((found) => found !== undefined);
    },
  };
}

/** Of the files in a folder and in its folders; no name of ours leads deeper. */
async function namesIn(folder: string): Promise<string[]> {
  const entries = await entriesIn(folder);
  const below = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) =>
        (await entriesIn(join(folder, name))).filter(isFile).map((file) => `${name}/${file.name}`),
      ),
  );
  return [...entries.filter(isFile).map(({ name }) => name), ...below.flat()];
}

const entriesIn = async (folder: string): Promise<Dirent[]> =>
  (await readdir(folder, { withFileTypes: true }).catch(unlessAbsent)) ?? [];

const isFile = (entry: Dirent): boolean => entry.isFile();

/** The head, and how many bytes it takes up with the mark. */
function headOf(bytes: Buffer): { readonly head: string; readonly length: number } | undefined {
  if (bytes.toString('latin1', 0, MARK.length) !== MARK) return undefined;
  const end = bytes.indexOf(10, MARK.length);
  return end < 0 ? undefined : { head: bytes.toString('utf8', MARK.length, end), length: end + 1 };
}

/** A reader finds the file as it was or as it is; after a crash too, for the bytes are on the disk before the name is. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(beside, bytes, { flush: true });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

const opened = (path: string): Promise<FileHandle | undefined> => open(path).catch(unlessAbsent);

/** @throws what was thrown, unless it says that there is no such file */
function unlessAbsent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return;
  throw error;
}
