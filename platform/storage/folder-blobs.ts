import type { DatabaseSync } from 'node:sqlite';
import { objectOf, parseJson, textOf } from '../json.ts';
import { checkBlob, checkContainer } from './limits.ts';
import { decodeMetadata, encodeMetadata } from './metadata.ts';
import type { BlobContent, BlobItem, Blobs } from './ports.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS blobs (
    container TEXT NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL, metadata TEXT NOT NULL,
    PRIMARY KEY (container, name)
  ) WITHOUT ROWID;`;

/** Blobs in a database of SQLite. */
export class FolderBlobs implements Blobs {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(SCHEMA);
  }

  async put(
    container: string,
    name: string,
    body: Uint8Array,
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    checkContainer('container', container);
    checkBlob(name);
    // Through the headers and back, so that what the service would cut is cut here too.
    const kept = JSON.stringify(decodeMetadata(encodeMetadata(metadata)));
    this.#database
      .prepare('INSERT OR REPLACE INTO blobs (container, name, body, metadata) VALUES (?, ?, ?, ?)')
      .run(container, name, body, kept);
  }

  async get(container: string, name: string): Promise<BlobContent | undefined> {
    checkContainer('container', container);
    checkBlob(name);
    const found = this.#database
      .prepare('SELECT body, metadata FROM blobs WHERE container = ? AND name = ?')
      .get(container, name);
    const body = found?.['body'];
    return body instanceof Uint8Array
      ? { body: Uint8Array.from(body), metadata: read(found?.['metadata']) }
      : undefined;
  }

  async *list(container: string, prefix: string): AsyncIterable<BlobItem> {
    checkContainer('container', container);
    const found = this.#database
      .prepare(
        'SELECT name, length(body) AS size, metadata FROM blobs WHERE container = ?1 AND substr(name, 1, length(?2)) = ?2 ORDER BY name',
      )
      .all(container, prefix);
    for (const { name, size, metadata } of found) {
      yield { name: String(name), size: Number(size), metadata: read(metadata) };
    }
  }

  async delete(container: string, name: string): Promise<void> {
    checkContainer('container', container);
    checkBlob(name);
    this.#database.prepare('DELETE FROM blobs WHERE container = ? AND name = ?').run(container, name);
  }
}

function read(metadata: unknown): Record<string, string> {
  const all = Object.entries(objectOf(parseJson(String(metadata))) ?? {});
  return Object.fromEntries(all.map(([name, value]) => [name, textOf(value) ?? '']));
}
