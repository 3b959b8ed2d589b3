import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FolderBlobs } from './folder-blobs.ts';
import { FolderTables } from './folder-tables.ts';
import { checkMessage } from './limits.ts';
import type { Queues, Storage } from './ports.ts';

/** The file in the folder. */
export const FOLDER_FILE = 'responses.db';
/** How long to wait for another process that writes at this moment: milliseconds. */
const LONGEST_WAIT = 10_000;

export interface FolderStorage extends Storage {
  readonly close: () => void;
}

/**
 * Storage in one file of a folder, for commands that change something where no deployment is. Several processes may use it at once: SQLite lets one of them
 * write at a time. What is sent to a queue goes nowhere, for there is nobody to take it.
 * @param folder is made where it is not there
 * @throws Error where it cannot be written to, or its file is something else
 */
export function folderStorage(folder: string): FolderStorage {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, FOLDER_FILE), { timeout: LONGEST_WAIT });
  // SQLite then calls fsync before a commit returns: https://www.sqlite.org/pragma.html#pragma_synchronous
  database.exec('PRAGMA synchronous = FULL');
  return {
    tables: new FolderTables(database),
    blobs: new FolderBlobs(database),
    queues: NOBODY,
    close: () => database.close(),
  };
}

const NOBODY: Queues = {
  send: async (queue, message) => checkMessage(queue, message),
};
