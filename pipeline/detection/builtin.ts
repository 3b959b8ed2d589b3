import { existsSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the folder stands as seen from this file, from a chunk of the bundle, and from the bundle itself. */
const PLACES = ['../../detections', '../detections'];

/**
 * The folder of the rules that come with Crosstrail.
 * @throws Error where it is missing: the installation is not whole
 */
export function builtinRules(): string {
  for (const place of PLACES) {
    const folder = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(folder)) return folder;
  }
  throw new Error('the folder "detections" with the built-in rules is missing beside the program; install it again');
}

/** Whether a file is one of those that come with Crosstrail. */
export function isBuiltin(file: string): boolean {
  return resolve(file).startsWith(builtinRules() + sep);
}
