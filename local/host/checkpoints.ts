import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({ sequenceNumber: z.number() });

/**
 * How far each partition was read: one small file each, replaced by renaming, so that a crash at any moment leaves the old position or the new one.
 * Written to the page cache only: it survives the end of the process, not that of the machine.
 */
export class Checkpoints {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Sequence number of the last message done with, or undefined where nothing was read yet. */
  read(hub: string, group: string, partition: string): number | undefined {
    let text: string;
    try {
      text = readFileSync(this.#file(hub, group, partition), 'utf8');
    } catch {
      return undefined;
    }
    return schema.parse(JSON.parse(text)).sequenceNumber;
  }

  write(hub: string, group: string, partition: string, sequenceNumber: number): void {
    const file = this.#file(hub, group, partition);
    writeFileSync(`${file}.new`, JSON.stringify({ sequenceNumber }));
    renameSync(`${file}.new`, file);
  }

  #file(hub: string, group: string, partition: string): string {
    return join(
      this.#folder,
      `${encodeURIComponent(hub)}~${encodeURIComponent(group)}~${encodeURIComponent(partition)}.json`,
    );
  }
}
