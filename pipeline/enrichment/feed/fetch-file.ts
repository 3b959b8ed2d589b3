import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Copy } from '../copies/copy.ts';
import { FeedError } from '../feed-error.ts';
import type { Fetched } from './feed.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads a feed that stands in a file, as others are had over the network.
 * @throws FeedError where it cannot be read, or has more than 64 MiB
 */
export async function fetchFile(file: string, previous: Copy | undefined): Promise<Fetched | 'unchanged'> {
  const source = basename(file);
  const body = await contentOf(file);
  const sha256 = createHash('sha256').update(body).digest('hex');
  if (previous?.manifest.sha256 === sha256 && previous.manifest.source === source) return 'unchanged';
  return { body, source };
}

async function contentOf(file: string): Promise<Uint8Array> {
  let handle;
  try {
    handle = await open(file);
    const { size } = await handle.stat();
    if (size > MAX_BYTES) throw new FeedError(`${file} has more than ${MAX_BYTES} bytes`);
    return await handle.readFile();
  } catch (error) {
    if (error instanceof FeedError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new FeedError(`${file} cannot be read: ${code}`);
  } finally {
    await handle?.close();
  }
}
