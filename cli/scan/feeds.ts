import { readFile } from 'node:fs/promises';
import { readText } from '../../pipeline/sources/decode.ts';
import { UnusableInputError } from './files.ts';

/**
 * Reads a feed from a file, plain or gzip.
 * @throws UnusableInputError naming the file and what is wrong with it
 */
export async function readFeed<T>(file: string, parse: (text: string) => T): Promise<T> {
  try {
    return parse(readText(await readFile(file)));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'cannot be read';
    throw new UnusableInputError(`${file}: ${why}`);
  }
}
