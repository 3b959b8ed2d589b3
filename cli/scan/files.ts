import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

const READABLE = /\.(json|ndjson|jsonl|log|sarif)(\.gz)?$|\.gz$/i;

/** Thrown where a command's input cannot be used at all. */
export class UnusableInputError extends Error {
  override readonly name = 'UnusableInputError';
}

/**
 * The files that paths stand for, each once, in order of name: a file as itself, a directory as the .json, .ndjson, .jsonl, .log, .sarif and .gz files in it and
 * below, `-` as standard input. Links to files are followed, links to directories are not. What cannot be looked into (a directory without
 * permission, a link that leads nowhere) is given as itself, so that whoever opens it learns why.
 * @throws UnusableInputError where a path does not exist or a directory holds nothing to read
 */
export async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files = new Map<string, string>();
  const add = async (file: string) => {
    const real = file === '-' ? file : await realpath(file).catch(() => file);
    if (!files.has(real)) files.set(real, file);
  };
  for (const path of paths) {
    const entry = path === '-' ? undefined : await stat(path).catch(() => undefined);
    if (path !== '-' && entry === undefined)
      throw new UnusableInputError(`${path}: there is no such file or directory`);
    if (entry?.isDirectory() !== true) await add(path);
    else {
      const found = await filesIn(path);
      if (found.length === 0) {
        throw new UnusableInputError(`${path}: holds no .json, .ndjson, .jsonl, .log, .sarif or .gz file`);
      }
      for (const file of found) await add(file);
    }
  }
  return [...files.values()];
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [directory];
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) found.push(...(await filesIn(path)));
    else if (
      READABLE.test(entry.name) &&
      (entry.isFile() || (entry.isSymbolicLink() && !(await leadsElsewhere(path))))
    ) {
      found.push(path);
    }
  }
  return found.sort();
}

/** Whether a link leads to a directory or a device. */
async function leadsElsewhere(link: string): Promise<boolean> {
  const target = await stat(link).catch(() => undefined);
  return target !== undefined && !target.isFile();
}
