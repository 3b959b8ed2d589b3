import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const DIGITS = 20;

/**
 * How far each partition was read: one small file each, a number of fixed length, written over in place by one write, which the end of the process
 * cannot cut in two. Written to the page cache only: it survives the end of the process, not that of the machine.
 */
export class Checkpoints {
  readonly #folder: string;
  readonly #files = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /**
   * Sequence number of the last message done with, or undefined where nothing was read yet.
   * @throws Error where the file holds something else
   */
  read(hub: string, group: string, partition: string): number | undefined {
    const path = this.#path(hub, group, partition);
    let text: string;
    try {
      text = readFileSync(path, 'latin1');
    } catch {
      return undefined;
    }
    if (text === '') return undefined;
    if (!/^\d{20}$/.test(text))
      throw new Error(`${path} is no checkpoint; remove it to read its partition from the beginning`);
    return Number(text);
  }

  write(hub: string, group: string, partition: string, sequenceNumber: number): void {
    const path = this.#path(hub, group, partition);
    let file = this.#files.get(path);
    if (file === undefined) {
      // Made where there is none, kept as it is where there is one: what stands in it counts until it is written over.
      closeSync(openSync(path, 'a'));
      file = openSync(path, 'r+');
      this.#files.set(path, file);
    }
    writeSync(file, String(sequenceNumber).padStart(DIGITS, '0'), 0, 'latin1');
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #path(hub: string, group: string, partition: string): string {
    const name = [hub, group, partition].map(encodeURIComponent).join('~');
    return join(this.#folder, `${name}.checkpoint`);
  }
}
