import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import { blobCopies, folderCopies, type CopyStore } from '../../pipeline/enrichment/copies/copy-store.ts';
import { connectStorage } from '../connection.ts';

/** Where a command finds copies. */
export interface CopiesOptions {
  readonly data: string;
  readonly folder?: string;
}

export const folderOption = (): Option =>
  new Option(
    '--folder <folder>',
    'a folder for copies, instead of a deployment; .crosstrail/feeds where there is none',
  );

/** Copies, and where they are, for people. */
export interface KeptCopies {
  readonly store: CopyStore;
  readonly where: string;
  /** Whether a deployment keeps them. */
  readonly deployed: boolean;
}

/**
 * The copies in a folder, where one is named; otherwise those of the deployment; and where none is known, those in the folder `feeds` of
 * where a local edition would be.
 */
export async function keptCopies({ data, folder }: CopiesOptions): Promise<KeptCopies> {
  const deployed =
    existsSync(join(data, 'local.json')) ||
    Object.keys(process.env).some((name) => name.startsWith('AzureWebJobsStorage'));
  if (folder === undefined && deployed) {
    return { store: blobCopies((await connectStorage(data)).blobs), where: 'the deployment', deployed };
  }
  const place = folder ?? join(data, 'feeds');
  return { store: folderCopies(place), where: place, deployed: false };
}
