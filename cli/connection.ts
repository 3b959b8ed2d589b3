import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Option } from 'commander';
import { z } from 'zod';
import { AzureHubs, hubSettings, type Hubs } from '../platform/hubs.ts';
import { azureStorage } from '../platform/storage/azure.ts';
import { storageSettings } from '../platform/storage/settings.ts';
import type { Storage } from '../platform/storage/ports.ts';
import { UnusableInputError } from './scan/files.ts';

const schema = z.object({ hubs: z.string(), storage: z.string(), configuration: z.string().optional() });

/** The option of every command that talks to a deployment. */
export const dataOption = () =>
  new Option(
    '--data <folder>',
    'folder of a local edition, used where the environment names no storage account',
  ).default('.crosstrail');

/**
 * The storage account that commands look into: the one that `AzureWebJobsStorage…` names, otherwise that of the local edition.
 * @throws UnusableInputError where neither is there
 */
export async function connectStorage(data: string): Promise<Storage> {
  if (Object.keys(process.env).some((name) => name.startsWith('AzureWebJobsStorage'))) {
    return azureStorage(storageSettings(process.env));
  }
  const { storage } = await localEdition(data);
  return azureStorage({ connectionString: storage });
}

/**
 * The namespace that commands send to: the one given, the one that `CROSSTRAIL_HUBS…` names, otherwise that of the local edition.
 * @throws UnusableInputError where none is there
 */
export async function connectHubs(data: string, connectionString?: string): Promise<Hubs> {
  if (connectionString !== undefined) return new AzureHubs({ connectionString });
  if (Object.keys(process.env).some((name) => name.startsWith('CROSSTRAIL_HUBS'))) {
    return new AzureHubs(hubSettings('CROSSTRAIL_HUBS', process.env));
  }
  const { hubs } = await localEdition(data);
  return new AzureHubs({ connectionString: hubs });
}

/** The configuration of the demo that a local edition plays; undefined where it plays none, or there is no such edition. */
export async function localConfiguration(data: string): Promise<string | undefined> {
  return existsSync(join(data, 'local.json')) ? (await localEdition(data)).configuration : undefined;
}

async function localEdition(data: string): Promise<z.infer<typeof schema>> {
  const file = join(data, 'local.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new UnusableInputError(
      `no deployment to talk to: start the local edition (npm start), name its folder with --data, or set AzureWebJobsStorage and CROSSTRAIL_HUBS (looked for ${file})`,
    );
  }
  return schema.parse(JSON.parse(text));
}
