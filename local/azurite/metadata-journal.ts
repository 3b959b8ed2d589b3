import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { JournalFile } from './journal-file.ts';
import { restoreCollections, watchDatabase } from './loki-hooks.ts';
import type { LokiDatabase, LokiDocument } from './loki.ts';
import { type Change, MetadataState, creationOf, decodeChanges, encodeChanges } from './metadata-change.ts';

/** Below this the journal is not compacted; above, when it has doubled since. */
const COMPACT_AT_BYTES = 16 << 20;
/** Documents copied in one turn of the event loop while compacting, so that requests wait a millisecond or two at most. */
const COMPACT_SLICE = 50;

/**
 * Keeps Azurite's databases on disk as one journal of changes. One journal for all, because a blob's index entry refers
 * to an extent of another database; and the changes of one request are one record, because Azurite replaces a document
 * by removing and inserting it, and works through a transaction row by row.
 *
 * The promise: after {@link flush}, whatever was changed before survives SIGKILL, and of a request that was not yet
 * flushed nothing does.
 */
export class MetadataJournal {
  #file: JournalFile;
  readonly #restored = new MetadataState();
  readonly #databases = new Map<string, LokiDatabase>();
  readonly #compactAtBytes: number;
  #keptBytes = 0;
  #pending: Change[] = [];
  #copy: JournalFile | undefined;
  #failure: Error | undefined;
  #closed = false;

  /**
   * Reads `metadata.journal` in `folder`; both are made where there is none.
   * @throws DamagedJournalError
   */
  constructor(folder: string, compactAtBytes = COMPACT_AT_BYTES) {
    this.#compactAtBytes = compactAtBytes;
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'metadata.journal');
    rmSync(copyOf(path), { force: true });
    this.#file = JournalFile.open(path, (payload, end) => {
      for (const change of decodeChanges(payload)) {
        this.#restored.apply(change);
        if (change.kind === 'compacted') this.#keptBytes = end;
      }
    });
  }

  /** Fills an empty database with what the journal kept under `name`, and records its changes from now on. */
  attach(name: string, database: LokiDatabase): void {
    restoreCollections(database, this.#restored.collectionsOf(name));
    this.#restored.collectionsOf(name).clear();
    watchDatabase(name, database, { onChange: (change) => this.#record(change), flush: () => this.flush() });
    this.#databases.set(name, database);
  }

  /**
   * Writes what was changed since the last call; to be called before a request is answered.
   * @throws Error where it cannot be written, then and ever after: memory is then ahead of the disk.
   */
  flush(): void {
    if (this.#failure) throw this.#failure;
    if (this.#pending.length === 0) return;
    const payload = encodeChanges(this.#pending);
    this.#pending = [];
    try {
      this.#file.append(payload);
    } catch (error) {
      this.#failure = new Error(`storage cannot write ${this.#file.path}: free disk space and start again`, {
        cause: error,
      });
      throw this.#failure;
    }
    this.#appendToCopy(payload);
    if (!this.#copy && this.#file.size > Math.max(this.#compactAtBytes, 2 * this.#keptBytes)) void this.#compact();
  }

  /** Writes what is left; requests that are still under way can no longer be answered. */
  close(): void {
    this.flush();
    this.#abandonCopy();
    this.#file.close();
    this.#closed = true;
    this.#failure = new Error('local storage is closed');
  }

  #flushUnlessClosed(): void {
    if (!this.#closed) this.flush();
  }

  #record(change: Change): void {
    // A request changes all it does before the ticks that follow; what no answer follows is written by them.
    if (this.#pending.length === 0) process.nextTick(() => this.#flushUnlessClosed());
    const last = this.#pending.at(-1);
    if (
      change.kind === 'documents' &&
      last?.kind === 'documents' &&
      last.collection === change.collection &&
      last.database === change.database
    ) {
      for (const [id, document] of change.documents) last.documents.set(id, document);
    } else {
      this.#pending.push(change);
    }
  }

  /**
   * Copies what is alive to a new journal, slice by slice, while changes go to both; then puts it in place of the old.
   * A document that changes meanwhile may be in the copy twice: the last one counts.
   */
  async #compact(): Promise<void> {
    // Should it fail, the next attempt waits until the journal has doubled again.
    this.#keptBytes = this.#file.size;
    try {
      const copy = (this.#copy = JournalFile.create(copyOf(this.#file.path)));
      for (const changes of snapshotOf(this.#databases)) {
        copy.append(encodeChanges(changes));
        await nextTurn();
        if (this.#copy !== copy) return;
      }
      copy.append(encodeChanges([{ kind: 'compacted' }]));
      this.#copy = undefined;
      this.#file = copy.replace(this.#file);
      this.#keptBytes = this.#file.size;
    } catch {
      this.#abandonCopy();
    }
  }

  #appendToCopy(payload: Uint8Array): void {
    try {
      this.#copy?.append(payload);
    } catch {
      this.#abandonCopy();
    }
  }

  #abandonCopy(): void {
    const copy = this.#copy;
    this.#copy = undefined;
    copy?.close();
    if (copy) rmSync(copy.path, { force: true });
  }
}

/** What makes the databases anew: the collections, in the first turn, then their documents as each turn finds them. */
function* snapshotOf(databases: ReadonlyMap<string, LokiDatabase>): Generator<Change[]> {
  const all = [...databases].flatMap(([name, database]) =>
    database.collections.map((collection) => ({ name, collection })),
  );
  yield all.map(({ name, collection }) => creationOf(name, collection));
  for (const { name, collection } of all) {
    const ids = collection.data.map((document) => document.$loki);
    for (let start = 0; start < ids.length; start += COMPACT_SLICE) {
      const documents = new Map<number, LokiDocument>();
      for (const id of ids.slice(start, start + COMPACT_SLICE)) {
        const document = collection.get(id);
        if (document) documents.set(id, document);
      }
      yield [{ kind: 'documents', database: name, collection: collection.name, documents }];
    }
  }
}

function copyOf(path: string): string {
  return `${path}.compacting`;
}
