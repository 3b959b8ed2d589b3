import { buffer } from 'node:stream/consumers';
import type { BlobServiceClient } from '@azure/storage-blob';
import { serviceCode, isMissing, withCreation } from './azure-errors.ts';
import { checkBlob, checkContainer } from './limits.ts';
import { decodeMetadata, encodeMetadata } from './metadata.ts';
import type { BlobContent, BlobItem, Blobs } from './ports.ts';

/** Azure Blob Storage, block blobs. Retries are the SDK's own: three, exponential. */
export class AzureBlobs implements Blobs {
  readonly #service: () => Promise<BlobServiceClient>;

  /** @param service makes the SDK's client; called again for every operation, so it should remember */
  constructor(service: () => Promise<BlobServiceClient>) {
    this.#service = service;
  }

  async put(
    container: string,
    name: string,
    body: Uint8Array,
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const client = await this.#container(container);
    const blob = client.getBlockBlobClient(checked(name));
    const headers = encodeMetadata(metadata);
    await withCreation(
      `container ${container}`,
      () => blob.upload(body, body.length, { metadata: headers }),
      () => client.createIfNotExists(),
    );
  }

  async get(container: string, name: string): Promise<BlobContent | undefined> {
    const client = await this.#container(container);
    try {
      const { readableStreamBody, metadata } = await client.getBlobClient(checked(name)).download();
      if (readableStreamBody === undefined) throw new Error(`The blob ${name} in ${container} came without a body.`);
      return { body: await buffer(readableStreamBody), metadata: decodeMetadata(metadata ?? {}) };
    } catch (error) {
      if (isMissing(error) || serviceCode(error) === 'BlobNotFound') return undefined;
      throw error;
    }
  }

  async *list(container: string, prefix: string): AsyncIterable<BlobItem> {
    const client = await this.#container(container);
    try {
      for await (const { name, properties, metadata } of client.listBlobsFlat({ prefix, includeMetadata: true })) {
        yield { name, size: properties.contentLength ?? 0, metadata: decodeMetadata(metadata ?? {}) };
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async delete(container: string, name: string): Promise<void> {
    const client = await this.#container(container);
    try {
      await client.getBlobClient(checked(name)).deleteIfExists();
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async #container(name: string) {
    checkContainer('container', name);
    return (await this.#service()).getContainerClient(name);
  }
}

function checked(name: string): string {
  checkBlob(name);
  return name;
}
