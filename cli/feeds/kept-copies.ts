import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import { blobCopies, folderCopies, type CopyStore } from '../../pipeline/enrichment/copies/copy-store.ts';
import { connectStorage } from '../connection.ts';
import { UnusableInputError } from '../scan/files.ts';

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
 * where a local edition would be. Writing to a folder that cannot be written to throws UnusableInputError.
 */
export async function keptCopies({ data, folder }: CopiesOptions): Promise<KeptCopies> {
  const deployed =
    existsSync(join(data, 'local.json')) ||
    Object.keys(process.env).some((name) => name.startsWith('AzureWebJobsStorage'));
  if (folder === undefined && deployed) {
    return { store: blobCopies((await connectStorage(data)).blobs), where: 'the deployment', deployed };
  }
  const place = folder ?? join(data, 'feeds');
  const store = folderCopies(place);
  const checked: CopyStore = {
    ...store,
    write: (manifest, body) => store.write(manifest, body).catch((error: unknown) => unusable(place, error)),
    noteCheck: (id, check) => store.noteCheck(id, check).catch((error: unknown) => unusable(place, error)),
  };
  return { store: checked, where: place, deployed: false };
}

/** @throws UnusableInputError where the system refuses to write there */
function unusable(place: string, error: unknown): never {
  const refused = error instanceof Error && 'syscall' in error && 'code' in error;
  if (!refused) throw error;
  throw new UnusableInputError(
    `${place}: copies cannot be kept there: ${String(error.code)}; name a folder that can be written to with --folder`,
  );
}
