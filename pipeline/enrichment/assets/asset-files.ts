import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { AssetError, type Inventory } from './inventory.ts';
import { parseAssetFile } from './parse-asset-file.ts';

/** No file of assets is larger than this: bytes. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Reads the inventories that a configuration names (`assets.files`), in order.
 * @throws AssetError where one cannot be read or used; it names the file, the line, and what was expected
 */
export async function loadAssetFiles(files: readonly string[]): Promise<Inventory[]> {
  return Promise.all(files.map(loadAssetFile));
}

async function loadAssetFile(file: string): Promise<Inventory> {
  let body: Uint8Array;
  try {
    body = await readFile(file);
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new AssetError(absent ? `${file}: there is no such file` : `${file} cannot be read`);
  }
  if (body.length > MOST_BYTES) throw new AssetError(`${file}: larger than ${MOST_BYTES} bytes`);
  return parseAssetFile(new TextDecoder().decode(body), basename(file));
}
