import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Blobs } from '../../../platform/storage/ports.ts';
import { blobFiles, folderFiles, type CopyFiles, type Head } from './copy-files.ts';
import { checkSchema, copyId, manifestSchema, type Check, type Copy, type CopyManifest } from './copy.ts';

export type { Check, Copy, CopyManifest } from './copy.ts';

/**
 * Keeps the last good copy of each feed and inventory. What is there but torn, changed by others or no copy at all reads as absent, and
 * `damage` says why. Ids that are none are refused.
 */
export interface CopyStore {
  manifest(id: string): Promise<CopyManifest | undefined>;
  read(id: string): Promise<Copy | undefined>;
  /** Puts a copy in the place of the one before, whole or not at all. */
  write(manifest: CopyManifest, body: Uint8Array): Promise<void>;
  check(id: string): Promise<Check | undefined>;
  noteCheck(id: string, check: Check): Promise<void>;
  /** Of all copies, in order of id. */
  list(): Promise<CopyManifest[]>;
  /** Why what is kept under an id cannot be used; undefined where it can be used, or nothing is kept. */
  damage(id: string): Promise<string | undefined>;
}

/** Copies in the container `copies` of a storage account. */
export const blobCopies = (blobs: Blobs): CopyStore => storeOf(blobFiles(blobs));

/** Copies in a folder of this machine, which is made when the first is written. */
export const folderCopies = (folder: string): CopyStore => storeOf(folderFiles(folder));

function storeOf(files: CopyFiles): CopyStore {
  const read = async (id: string): Promise<Copy | string | undefined> => {
    const file = await files.get(copyFile(id));
    return file && copyIn(file, file.body);
  };
  return {
    async manifest(id) {
      const head = await files.head(copyFile(id));
      return head && usable(manifestIn(head));
    },
    read: async (id) => usable(await read(id)),
    async write(manifest, body) {
      const checked = manifestSchema.parse(manifest);
      if (checked.bytes !== body.length) throw new Error(`The manifest of ${checked.id} is not that of its body.`);
      await files.put(copyFile(checked.id), JSON.stringify(checked), body);
    },
    async check(id) {
      const file = await files.get(checkFile(id));
      return file && parsed(checkSchema, Buffer.from(file.body).toString('utf8'));
    },
    noteCheck: (id, check) => files.put(checkFile(id), '', Buffer.from(JSON.stringify(checkSchema.parse(check)))),
    async list() {
      return (await files.list(COPY))
        .map((head) => usable(manifestIn(head)))
        .filter((manifest) => manifest !== undefined)
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async damage(id) {
      const found = await read(id);
      return typeof found === 'string' ? found : undefined;
    },
  };
}

const COPY = '.copy';
const copyFile = (id: string): string => `${copyId.parse(id)}${COPY}`;
const checkFile = (id: string): string => `${copyId.parse(id)}.check`;

const usable = <T>(found: T | string | undefined): T | undefined => (typeof found === 'string' ? undefined : found);

/** What a file says that it is, or why it is no copy. */
function manifestIn({ name, head, size }: Head): CopyManifest | string {
  const manifest = head === undefined ? undefined : parsed(manifestSchema, head);
  if (manifest === undefined) return `${name} is no copy that Crosstrail wrote`;
  if (name !== copyFile(manifest.id)) return `${name} is the copy of ${manifest.id}, under another name`;
  return size === manifest.bytes ? manifest : `${name} is torn: it holds ${size} bytes of ${manifest.bytes}`;
}

function copyIn(file: Head, body: Uint8Array): Copy | string {
  const manifest = manifestIn(file);
  if (typeof manifest === 'string') return manifest;
  if (sha256(body) === manifest.sha256) return { manifest, body };
  return `${file.name} was changed: its bytes are not those that its checksum is of`;
}

/** The SHA-256 of bytes, in hexadecimal. */
export const sha256 = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');

function parsed<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
