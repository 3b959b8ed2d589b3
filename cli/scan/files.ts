import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const READABLE = /\.(json|ndjson|jsonl|log)(\.gz)?$|\.gz$/i;

/** Thrown where a command's input cannot be used at all. */
export class UnusableInputError extends Error {
  override readonly name = 'UnusableInputError';
}

/**
 * The files that paths stand for, each once, in order of name: a file as itself, a directory as the .json, .ndjson, .jsonl, .log and .gz files in it and
 * below (links to directories are not followed), `-` as standard input.
 * @throws UnusableInputError where a path does not exist or a directory holds nothing to read
 */
export async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (path === '-') files.push(path);
    else {
      const entry = await stat(path).catch(() => undefined);
      if (entry === undefined) throw new UnusableInputError(`${path}: there is no such file or directory`);
      if (!entry.isDirectory()) files.push(path);
      else {
        const names = await readdir(path, { recursive: true, withFileTypes: true });
        const found = names
          .filter((name) => name.isFile() && READABLE.test(name.name))
          .map((name) => join(name.parentPath, name.name))
          .sort();
        if (found.length === 0) {
          throw new UnusableInputError(`${path}: holds no .json, .ndjson, .jsonl, .log or .gz file`);
        }
        files.push(...found);
      }
    }
  }
  return [...new Set(files)];
}
