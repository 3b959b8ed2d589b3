/**
 * The part of LokiJS 1.5.12 that the journal stands on: the in-memory database in which Azurite keeps its tables, its
 * queues and the index of its blobs. See its src/lokijs.js.
 *
 * Azurite changes documents by `insert`, `update`, `remove` and `findAndRemove` alone, all of which emit events.
 */

/** A document as its collection holds it; `$loki` is its id, never given twice within a collection. */
export interface LokiDocument {
  $loki: number;
}

export interface LokiCollection {
  readonly name: string;
  data: LokiDocument[];
  /** The id given last. */
  maxId: number;
  readonly uniqueNames: readonly string[];
  /** By name of the indexed property. */
  readonly binaryIndices: Readonly<Record<string, unknown>>;
  ensureIndex(property: string, force: boolean): void;
  get(id: number): LokiDocument | null;
  /** Called at once, within the change; a `delete` before the document loses its id. */
  on(event: 'insert', listener: (inserted: LokiDocument | LokiDocument[]) => void): void;
  on(event: 'update', listener: (updated: LokiDocument) => void): void;
  /** A batch removal that names a document twice, or one not held, tells of `undefined`. */
  on(event: 'delete', listener: (deleted: LokiDocument | undefined) => void): void;
}

export interface LokiDatabase {
  readonly collections: readonly LokiCollection[];
  /** Gives the collection of that name, adding it where there is none. */
  addCollection(name: string, options?: { unique?: string[]; indices?: string[] }): LokiCollection;
  removeCollection(name: string): void;
  saveDatabase(callback?: (error?: Error) => void): void;
  autosaveDisable(): void;
}
