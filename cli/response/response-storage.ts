import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderStorage, FOLDER_FILE } from '../../platform/storage/folder.ts';
import type { Storage } from '../../platform/storage/ports.ts';
import { connectStorage } from '../connection.ts';
import { UnusableInputError } from '../scan/files.ts';

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
  if (hasDeployment(data)) return { storage: await connectStorage(data), folder: undefined, close: () => undefined };
  try {
    const storage = folderStorage(data);
    return { storage, folder: data, close: storage.close };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    throw new UnusableInputError(`${join(data, FOLDER_FILE)} cannot be used: ${why}; name another folder with --data`);
  }
}

/** For commands that look at what is kept, and are not to make a place for it. @throws UnusableInputError where there is none */
export function requireKept(data: string): void {
  if (hasDeployment(data) || hasFolder(data)) return;
  throw new UnusableInputError(
    `no responses are kept here: there is no deployment, and no ${join(data, FOLDER_FILE)}; name the folder with --data, or set AzureWebJobsStorage`,
  );
}
