import { readFile } from 'node:fs/promises';
import { readText } from '../../pipeline/sources/decode.ts';
import { UnusableInputError } from './files.ts';

/**
 * Reads a snapshot from a file of text, plain or gzip.
 * @throws UnusableInputError naming the file and what is wrong with it
 */
export const readSnapshot = <T>(file: string, parse: (text: string) => T): Promise<T> =>
  readFeed(file, (body) => parse(readText(body)));

/**
 * Reads a feed from a file, as it was published.
 * @throws UnusableInputError naming the file and what is wrong with it
 */
export async function readFeed<T>(file: string, parse: (body: Uint8Array) => T): Promise<T> {
  try {
    return parse(await readFile(file));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'cannot be read';
    throw new UnusableInputError(`${file}: ${why}`);
  }
}
