import { deserialize, serialize } from 'node:v8';

import type { LokiCollection, LokiDocument } from './loki.ts';

/** How a collection was made. */
interface Definition {
  readonly unique: readonly string[];
  readonly indices: readonly string[];
  readonly maxId: number;
}

/** One change of Azurite's metadata, with the name of the database and of the collection that it is in. */
export type Change =
  | { readonly kind: 'create'; readonly database: string; readonly collection: string; readonly definition: Definition }
  | { readonly kind: 'drop'; readonly database: string; readonly collection: string }
  | {
      readonly kind: 'documents';
      readonly database: string;
      readonly collection: string;
      /** The document by its id, as it is after the change; undefined where it was removed. */
      readonly documents: Map<number, LokiDocument | undefined>;
    }
  /** All before this is what compaction kept. */
  | { readonly kind: 'compacted' };

/** The change that makes `collection` anew, without its documents. */
export function creationOf(database: string, collection: LokiCollection): Change {
  const definition = {
    unique: [...collection.uniqueNames],
    indices: Object.keys(collection.binaryIndices),
    maxId: collection.maxId,
  };
  return { kind: 'create', database, collection: collection.name, definition };
}

/**
 * The changes as bytes. Structured clone keeps what JSON would lose: Azurite compares the times of leases as `Date`,
 * and checksums are bytes.
 */
export function encodeChanges(changes: readonly Change[]): Buffer {
  try {
    return serialize(changes);
  } catch {
    // A function in a document cannot be cloned, and means nothing after a restart.
    return serialize(changes.map(withoutFunctions));
  }
}

function withoutFunctions(change: Change): Change {
  if (change.kind !== 'documents') return change;
  const documents = new Map<number, LokiDocument | undefined>();
  for (const [id, document] of change.documents) {
    documents.set(id, document && (JSON.parse(JSON.stringify(document)) as LokiDocument));
  }
  return { ...change, documents };
}

/** What {@link encodeChanges} made bytes of; the journal's checksum vouches for them. */
export function decodeChanges(bytes: Uint8Array): readonly Change[] {
  return deserialize(bytes) as readonly Change[];
}

/** A collection as the changes so far leave it. */
export interface CollectionState extends Definition {
  /** By id, in no particular order. */
  readonly documents: Map<number, LokiDocument>;
}

/** All collections as the changes so far leave them. */
export class MetadataState {
  readonly #databases = new Map<string, Map<string, CollectionState>>();

  /** The collections of one database, by name, in order of creation. */
  collectionsOf(database: string): Map<string, CollectionState> {
    let collections = this.#databases.get(database);
    if (!collections) this.#databases.set(database, (collections = new Map<string, CollectionState>()));
    return collections;
  }

  apply(change: Change): void {
    if (change.kind === 'compacted') return;
    const collections = this.collectionsOf(change.database);
    if (change.kind === 'drop') {
      collections.delete(change.collection);
    } else if (change.kind === 'create') {
      collections.set(change.collection, { ...change.definition, documents: new Map() });
    } else {
      const state = collections.get(change.collection);
      if (state) collections.set(change.collection, { ...state, maxId: applyDocuments(state, change.documents) });
    }
  }
}

/** Applies the changes; returns the highest id given so far. */
function applyDocuments(state: CollectionState, documents: ReadonlyMap<number, LokiDocument | undefined>): number {
  let maxId = state.maxId;
  for (const [id, document] of documents) {
    maxId = Math.max(maxId, id);
    if (document) state.documents.set(id, document);
    else state.documents.delete(id);
  }
  return maxId;
}
