import { checkBlob, checkContainer, checkMessage } from './limits.ts';
import { MemoryTables } from './memory-tables.ts';
import { decodeMetadata, encodeMetadata } from './metadata.ts';
import type { BlobContent, BlobItem, Blobs, Queues, Storage } from './ports.ts';

/** Blobs in memory, with the service's limits. */
export class MemoryBlobs implements Blobs {
  readonly #containers = new Map<string, Map<string, BlobContent>>();

  async put(
    container: string,
    name: string,
    body: Uint8Array,
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    checkContainer('container', container);
    checkBlob(name);
    // Through the headers and back, so that what the service would cut is cut here too.
    const kept = decodeMetadata(encodeMetadata(metadata));
    let blobs = this.#containers.get(container);
    if (blobs === undefined) this.#containers.set(container, (blobs = new Map<string, BlobContent>()));
    blobs.set(name, { body: Uint8Array.from(body), metadata: kept });
  }

  async get(container: string, name: string): Promise<BlobContent | undefined> {
    checkContainer('container', container);
    checkBlob(name);
    const blob = this.#containers.get(container)?.get(name);
    return blob && { body: Uint8Array.from(blob.body), metadata: { ...blob.metadata } };
  }

  async *list(container: string, prefix: string): AsyncIterable<BlobItem> {
    checkContainer('container', container);
    const blobs = this.#containers.get(container) ?? new Map<string, BlobContent>();
    const names = [...blobs.keys()].filter((name) => name.startsWith(prefix)).sort();
    for (const name of names) {
      const blob = blobs.get(name);
      if (blob !== undefined) yield { name, size: blob.body.length, metadata: { ...blob.metadata } };
    }
  }

  async delete(container: string, name: string): Promise<void> {
    checkContainer('container', container);
    checkBlob(name);
    this.#containers.get(container)?.delete(name);
  }
}

/** Queues in memory; nothing takes messages off again. */
export class MemoryQueues implements Queues {
  readonly #sent = new Map<string, string[]>();

  async send(queue: string, message: string): Promise<void> {
    checkMessage(queue, message);
    const messages = this.#sent.get(queue);
    if (messages === undefined) this.#sent.set(queue, [message]);
    else messages.push(message);
  }

  /** What was sent to a queue, in order. */
  sent(queue: string): readonly string[] {
    return this.#sent.get(queue) ?? [];
  }
}

/** A storage account in memory, for tests and for `scan`. */
export function memoryStorage(): Storage & { readonly queues: MemoryQueues } {
  return { tables: new MemoryTables(), blobs: new MemoryBlobs(), queues: new MemoryQueues() };
}
