import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderStorage, FOLDER_FILE } from '../../platform/storage/folder.ts';
import type { Storage } from '../../platform/storage/ports.ts';
import { OPEN, PARTITION, TABLE } from '../../pipeline/response/response-rows.ts';
import { connectStorage } from '../connection.ts';
import { UnusableInputError } from '../scan/files.ts';
import { complain } from './options.ts';

/** Where responses of commands are kept. */
export interface ResponseStorage {
  readonly storage: Storage;
  /** The folder that keeps them, where no deployment is. */
  readonly folder: string | undefined;
  readonly close: () => void;
}

/** Whether the environment names the storage account of a deployment in Azure. */
export const inAzure = (): boolean => Object.keys(process.env).some((name) => name.startsWith('AzureWebJobsStorage'));

/** Whether there is a deployment to talk to: the one that the environment names, or a local edition. */
export const hasDeployment = (data: string): boolean => inAzure() || existsSync(join(data, 'local.json'));

/** Whether responses were kept in the folder itself. */
export const hasFolder = (data: string): boolean => existsSync(join(data, FOLDER_FILE));

/**
 * The storage of the deployment, or where there is none, that of the folder itself. What is meant for a deployment goes there as soon as there is one.
 * @throws UnusableInputError where the folder cannot be used
 */
export async function responseStorage(data: string): Promise<ResponseStorage> {
  if (hasDeployment(data)) {
    await tellOfFolder(data);
    return { storage: await connectStorage(data), folder: undefined, close: () => undefined };
  }
  try {
    const storage = folderStorage(data);
    return { storage, folder: data, close: storage.close };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    throw new UnusableInputError(`${join(data, FOLDER_FILE)} cannot be used: ${why}; name another folder with --data`);
  }
}

/** What was begun before there was a deployment is not seen by it, and would be held for ever. */
async function tellOfFolder(data: string): Promise<void> {
  if (!hasFolder(data)) return;
  const { tables, close } = folderStorage(data);
  try {
    const { rows } = await tables.query(TABLE, PARTITION, { from: OPEN, to: `${OPEN}~`, limit: 1 });
    if (rows.length === 0) return;
    complain(
      `${join(data, FOLDER_FILE)} holds what was done before there was a deployment, which does not see it: move the file to a folder of its own, and run crosstrail leases sweep --data with that folder`,
    );
  } finally {
    close();
  }
}

/** For commands that look at what is kept, and are not to make a place for it. @throws UnusableInputError where there is none */
export function requireKept(data: string): void {
  if (hasDeployment(data) || hasFolder(data)) return;
  throw new UnusableInputError(
    `no responses are kept here: there is no deployment, and no ${join(data, FOLDER_FILE)}; name the folder with --data, or set AzureWebJobsStorage`,
  );
}
