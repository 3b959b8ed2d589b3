import { existsSync } from 'node:fs';
import { loadConfiguration, type Configuration } from '../../platform/configuration.ts';
import { localConfiguration } from '../connection.ts';
import { inAzure } from './response-storage.ts';

/**
 * The configuration that commands work with: the one that is named, `crosstrail.yaml`, or that of the demo where a local edition plays it.
 * @throws ConfigurationError
 */
export async function responseConfiguration(data: string, file: string | undefined): Promise<Configuration> {
  if (file !== undefined || inAzure() || existsSync('crosstrail.yaml')) return loadConfiguration(file);
  return loadConfiguration(await localConfiguration(data));
}
