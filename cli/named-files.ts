import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** Whether a file is one of some places or stands below one of them, by whichever links each was reached. */
export function withinAny(places: readonly string[]): (file: string) => boolean {
  const roots = [...new Set(places.flatMap((place) => [resolve(place), realPath(place)]))];
  const realDirectories = new Map<string, string>();
  const realDirectory = (directory: string): string => {
    const real = realDirectories.get(directory) ?? realPath(directory);
    realDirectories.set(directory, real);
    return real;
  };
  return (file) => {
    const spellings = [resolve(file), join(realDirectory(dirname(file)), basename(file))];
    return spellings.some((path) => roots.some((root) => path === root || path.startsWith(`${root}${sep}`)));
  };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
