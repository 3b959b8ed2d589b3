import type { LokiCollection, LokiDatabase, LokiDocument } from './loki.ts';
import { type Change, type CollectionState, creationOf } from './metadata-change.ts';

/** Puts into an empty database what a journal kept of it, and builds the indices again. */
export function restoreCollections(database: LokiDatabase, collections: ReadonlyMap<string, CollectionState>): void {
  for (const [name, state] of collections) {
    const collection = database.addCollection(name, { unique: [...state.unique], indices: [...state.indices] });
    // Loki finds a document by binary search of the ids.
    const documents = [...state.documents].sort(([one], [other]) => one - other);
    collection.data = documents.map(([id, document]) => Object.assign(document, { $loki: id }));
    collection.maxId = state.maxId;
    for (const property of state.indices) collection.ensureIndex(property, true);
  }
}

/**
 * Tells `onChange` of every change of the database from now on, within the change, and stops Loki's own saving: it
 * writes the whole database as one JSON text every five seconds, and loses what came since.
 *
 * Azurite also changes some documents without telling Loki, when it reads them: the state of a lease that has run out,
 * the form of a checksum. It derives these anew from the rest of the document whenever it reads one.
 */
export function watchDatabase(
  name: string,
  database: LokiDatabase,
  hooks: { readonly onChange: (change: Change) => void; readonly flush: () => void },
): void {
  const { onChange, flush } = hooks;
  database.autosaveDisable();
  database.saveDatabase = (callback) => {
    flush();
    callback?.();
  };

  const addCollection = database.addCollection.bind(database);
  database.addCollection = (collectionName, options) => {
    const isNew = !database.collections.some((collection) => collection.name === collectionName);
    const collection = addCollection(collectionName, options);
    if (isNew) {
      onChange(creationOf(name, collection));
      watchCollection(name, collection, onChange);
    }
    return collection;
  };
  const removeCollection = database.removeCollection.bind(database);
  database.removeCollection = (collectionName) => {
    removeCollection(collectionName);
    onChange({ kind: 'drop', database: name, collection: collectionName });
  };
  for (const collection of database.collections) watchCollection(name, collection, onChange);
}

function watchCollection(database: string, collection: LokiCollection, onChange: (change: Change) => void): void {
  const changed = (id: number, document: LokiDocument | undefined) =>
    onChange({ kind: 'documents', database, collection: collection.name, documents: new Map([[id, document]]) });
  collection.on('insert', (inserted) => {
    for (const document of Array.isArray(inserted) ? inserted : [inserted]) changed(document.$loki, document);
  });
  collection.on('update', (document) => changed(document.$loki, document));
  collection.on('delete', (document) => {
    if (document) changed(document.$loki, undefined);
  });
}
