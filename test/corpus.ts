import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of real logs to try things on, which is not part of the project; it may be absent. */
export const CORPUS = process.env['CROSSTRAIL_CORPUS'] ?? fileURLToPath(new URL('../../shared/data', import.meta.url));

/** A path in the corpus, or undefined where it is absent. */
export function corpus(path: string): string | undefined {
  const full = join(CORPUS, path);
  return existsSync(full) ? full : undefined;
}
