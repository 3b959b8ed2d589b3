/** For the tests of durability: things in storage, each with what can be read of it and every write that changes it. */
import { isDeepStrictEqual } from 'node:util';

import { TableClient, type TableEntityResult, TableServiceClient, type TransactionAction } from '@azure/data-tables';
import { BlobServiceClient, type RestError } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';

/** A write that may be sent now, and the state that it leads to. */
interface Write<State> {
  readonly after: State | undefined;
  readonly run: () => Promise<unknown>;
}

/** What a thing in storage is: its state, undefined where it does not exist; its writes, undefined where they do not apply. */
interface Definition<State> {
  readonly name: string;
  readonly observe: (storage: Storage) => Promise<State | undefined>;
  readonly writes: Readonly<
    Record<string, (storage: Storage, before: State | undefined, value: string) => Write<State> | undefined>
  >;
}

/** A thing in storage, and what was acknowledged of it. */
export interface Subject {
  readonly name: string;
  /** The names of its writes, in an order in which each applies within three turns. */
  readonly kinds: readonly string[];
  /** What was acknowledged; undefined where it does not exist. */
  readonly state: unknown;
  readonly observe: (storage: Storage) => Promise<unknown>;
  /** Writes; undefined where this kind of write does not apply to the state. */
  readonly write: (kind: string, storage: Storage, value: string) => Promise<void> | undefined;
  /** After a crash: the state is what was acknowledged, or what the write in flight leads to; anything else is an error. */
  readonly recall: (storage: Storage) => Promise<void>;
}

function subject<State>({ name, observe, writes }: Definition<State>): Subject {
  let state: State | undefined;
  let inFlight: Write<State> | undefined;
  return {
    name,
    kinds: Object.keys(writes),
    get state() {
      return state;
    },
    observe,
    write: (kind, storage, value) => {
      const write = (inFlight = writes[kind]?.(storage, state, value));
      return write?.run().then(() => {
        state = write.after;
        inFlight = undefined;
      });
    },
    recall: async (storage) => {
      const found = await observe(storage);
      const possible = inFlight ? [state, inFlight.after] : [state];
      inFlight = undefined;
      if (!possible.some((expected) => isDeepStrictEqual(found, expected))) {
        throw new Error(`${name}: of ${JSON.stringify(possible)} there is ${JSON.stringify(found)}`);
      }
      state = found;
    },
  };
}

/** Clients that never repeat a request: what was not acknowledged is not sent again. */
export interface Storage {
  readonly tables: TableServiceClient;
  readonly table: (name: string) => TableClient;
  readonly queues: QueueServiceClient;
  readonly blobs: BlobServiceClient;
}

export function connect(connectionString: string): Storage {
  const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
  return {
    tables: TableServiceClient.fromConnectionString(connectionString, options),
    table: (name) => TableClient.fromConnectionString(connectionString, name, options),
    queues: QueueServiceClient.fromConnectionString(connectionString, { retryOptions: { maxTries: 1 } }),
    blobs: BlobServiceClient.fromConnectionString(connectionString, { retryOptions: { maxTries: 1 } }),
  };
}

/** All kinds of things; `table` and `container` exist already, and `suffix` keeps one set apart from another. */
export function subjectsOf(table: string, container: string, suffix: string): Subject[] {
  return [
    rowSubject(table, `row${suffix}`),
    transactionSubject(table, `transaction${suffix}`),
    tableSubject(`Table${suffix}`),
    queueSubject(`queue${suffix}`),
    blobSubject(container, `blob${suffix}`),
    appendBlobSubject(container, `append${suffix}`),
    containerSubject(`container${suffix}`),
  ];
}

/** What `read` gives, or undefined where the service says that there is none. */
async function orAbsent<Found>(read: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && (error as Partial<RestError>).statusCode === 404) return undefined;
    throw error;
  }
}

async function rowsOf(client: TableClient, filter?: string): Promise<string[]> {
  const rows: string[] = [];
  for await (const row of client.listEntities<{ rowKey: string; value: string }>(
    filter ? { queryOptions: { filter } } : {},
  )) {
    rows.push(`${row.rowKey}=${row.value}`);
  }
  return rows;
}

function rowSubject(table: string, rowKey: string): Subject {
  const key = { partitionKey: 'rows', rowKey };
  return subject<{ value?: string; other?: string }>({
    name: rowKey,
    observe: ({ table: client }) =>
      orAbsent(async () => {
        const row: TableEntityResult<{ value?: string; other?: string }> = await client(table).getEntity(
          'rows',
          rowKey,
        );
        return { ...(row.value && { value: row.value }), ...(row.other && { other: row.other }) };
      }),
    writes: {
      insert: ({ table: client }, before, value) =>
        before ? undefined : { after: { value }, run: () => client(table).createEntity({ ...key, value }) },
      merge: ({ table: client }, before, other) => ({
        after: { ...before, other },
        run: () => client(table).upsertEntity({ ...key, other }, 'Merge'),
      }),
      upsert: ({ table: client }, _before, value) => ({
        after: { value },
        run: () => client(table).upsertEntity({ ...key, value }, 'Replace'),
      }),
      replace: ({ table: client }, before, value) =>
        before && {
          after: { value },
          run: async () => {
            const { etag } = await client(table).getEntity('rows', rowKey);
            await client(table).updateEntity({ ...key, value }, 'Replace', { etag });
          },
        },
      delete: ({ table: client }, before) =>
        before && { after: undefined, run: () => client(table).deleteEntity('rows', rowKey) },
    },
  });
}

function transactionSubject(table: string, partitionKey: string): Subject {
  const upsert = (rowKey: string, value: string): TransactionAction => [
    'upsert',
    { partitionKey, rowKey, value },
    'Replace',
  ];
  const observe = async ({ table: client }: Storage) => {
    const rows = await rowsOf(client(table), `PartitionKey eq '${partitionKey}'`);
    return rows.length > 0 ? rows : undefined;
  };
  return subject<string[]>({
    name: partitionKey,
    observe,
    writes: {
      commit: ({ table: client }, before, value) => {
        const last = before?.at(-1)?.startsWith('e=') === true;
        const change: TransactionAction = last
          ? ['delete', { partitionKey, rowKey: 'e' }]
          : ['create', { partitionKey, rowKey: 'e', value }];
        const rows = ['a', 'b', 'c', 'd'];
        return {
          after: [...rows, ...(last ? [] : ['e'])].map((rowKey) => `${rowKey}=${value}`),
          run: () => client(table).submitTransaction([...rows.map((rowKey) => upsert(rowKey, value)), change]),
        };
      },
      rollBack: ({ table: client }, before, value) =>
        before?.length === 5
          ? {
              after: before,
              run: async () => {
                const change: TransactionAction[] = [
                  upsert('a', value),
                  ['delete', { partitionKey, rowKey: 'b' }],
                  ['create', { partitionKey, rowKey: 'z', value }],
                  ['create', { partitionKey, rowKey: 'e', value }],
                ];
                const conflict = await client(table)
                  .submitTransaction(change)
                  .catch((error: unknown) => error);
                if (!(conflict instanceof Error && (conflict as Partial<RestError>).statusCode === 409)) throw conflict;
              },
            }
          : undefined,
    },
  });
}

function tableSubject(name: string): Subject {
  return subject<string[]>({
    name,
    observe: ({ table }) => orAbsent(() => rowsOf(table(name))),
    writes: {
      create: ({ tables }, before) => (before ? undefined : { after: [], run: () => tables.createTable(name) }),
      fill: ({ table }, before, value) =>
        before?.length === 0
          ? {
              after: [`row=${value}`],
              run: () => table(name).createEntity({ partitionKey: 'rows', rowKey: 'row', value }),
            }
          : undefined,
      delete: ({ tables }, before) => before && { after: undefined, run: () => tables.deleteTable(name) },
    },
  });
}

interface QueueState {
  readonly note: string;
  readonly messages: number;
  /** The texts of those that are visible. */
  readonly visible: readonly string[];
}

function queueSubject(name: string): Subject {
  // Each use of a message gives it a new receipt; one that was not acknowledged is not known.
  let receipt: { id: string; pop: string } | undefined;
  const take = () => {
    const taken = receipt;
    receipt = undefined;
    if (!taken) throw new Error('no message was received');
    return taken;
  };
  return subject<QueueState>({
    name,
    observe: ({ queues }) =>
      orAbsent(async () => {
        const queue = queues.getQueueClient(name);
        const { approximateMessagesCount: messages = 0, metadata } = await queue.getProperties();
        const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
        const visible = peekedMessageItems.map(({ messageText }) => messageText);
        return { note: metadata?.['note'] ?? '', messages, visible };
      }),
    writes: {
      create: ({ queues }, before) =>
        before ? undefined : { after: { note: '', messages: 0, visible: [] }, run: () => queues.createQueue(name) },
      setMetadata: ({ queues }, before, note) =>
        before && { after: { ...before, note }, run: () => queues.getQueueClient(name).setMetadata({ note }) },
      send: ({ queues }, before, text) =>
        before?.messages === 0
          ? {
              after: { ...before, messages: 1, visible: [text] },
              run: () => {
                receipt = undefined;
                return queues.getQueueClient(name).sendMessage(text);
              },
            }
          : undefined,
      receive: ({ queues }, before) =>
        before?.visible.length === 1
          ? {
              after: { ...before, visible: [] },
              run: async () => {
                const answer = await queues.getQueueClient(name).receiveMessages({ visibilityTimeout: 3600 });
                const [message] = answer.receivedMessageItems;
                if (message) receipt = { id: message.messageId, pop: message.popReceipt };
              },
            }
          : undefined,
      update: ({ queues }, before, text) =>
        receipt && before?.messages === 1
          ? {
              after: { ...before, visible: [text] },
              run: async () => {
                const { id, pop } = take();
                const { popReceipt = '' } = await queues.getQueueClient(name).updateMessage(id, pop, text, 0);
                receipt = { id, pop: popReceipt };
              },
            }
          : undefined,
      deleteMessage: ({ queues }, before) =>
        receipt && before?.messages === 1
          ? {
              after: { ...before, messages: 0, visible: [] },
              run: () => {
                const { id, pop } = take();
                return queues.getQueueClient(name).deleteMessage(id, pop);
              },
            }
          : undefined,
      clear: ({ queues }, before) =>
        before && {
          after: { ...before, messages: 0, visible: [] },
          run: () => queues.getQueueClient(name).clearMessages(),
        },
      delete: ({ queues }, before) => before && { after: undefined, run: () => queues.deleteQueue(name) },
    },
  });
}

interface BlobState {
  readonly content: string;
  readonly note: string;
  readonly lease: string;
}

const LEASE = '00000000-0000-4000-8000-000000000001';

function blobSubject(container: string, name: string): Subject {
  const blobOf = ({ blobs }: Storage) => blobs.getContainerClient(container).getBlockBlobClient(name);
  const conditionsOf = (before: BlobState | undefined) => (before?.lease === 'leased' ? { leaseId: LEASE } : {});
  return subject<BlobState>({
    name,
    observe: (storage) =>
      orAbsent(async () => {
        const { metadata, leaseState = '' } = await blobOf(storage).getProperties();
        const content = (await blobOf(storage).downloadToBuffer()).toString();
        return { content, note: metadata?.['note'] ?? '', lease: leaseState };
      }),
    writes: {
      put: (storage, before, content) => ({
        after: { content, note: '', lease: before?.lease ?? 'available' },
        run: () => blobOf(storage).upload(content, content.length, { conditions: conditionsOf(before) }),
      }),
      setMetadata: (storage, before, note) =>
        before && {
          after: { ...before, note },
          run: () => blobOf(storage).setMetadata({ note }, { conditions: conditionsOf(before) }),
        },
      acquireLease: (storage, before) =>
        before?.lease === 'available'
          ? {
              after: { ...before, lease: 'leased' },
              run: () => blobOf(storage).getBlobLeaseClient(LEASE).acquireLease(60),
            }
          : undefined,
      commitBlocks: (storage, before, content) => ({
        after: { content, note: '', lease: before?.lease ?? 'available' },
        run: async () => {
          const blob = blobOf(storage);
          const conditions = conditionsOf(before);
          const ids = Array.from(content, (_, index) => Buffer.from(String(index).padStart(6, '0')).toString('base64'));
          for (const [index, id] of ids.entries()) await blob.stageBlock(id, content.charAt(index), 1, { conditions });
          await blob.commitBlockList(ids, { conditions });
        },
      }),
      releaseLease: (storage, before) =>
        before?.lease === 'leased'
          ? {
              after: { ...before, lease: 'available' },
              run: () => blobOf(storage).getBlobLeaseClient(LEASE).releaseLease(),
            }
          : undefined,
      delete: (storage, before) =>
        before && { after: undefined, run: () => blobOf(storage).delete({ conditions: conditionsOf(before) }) },
    },
  });
}

function appendBlobSubject(container: string, name: string): Subject {
  const blobOf = ({ blobs }: Storage) => blobs.getContainerClient(container).getAppendBlobClient(name);
  return subject<string>({
    name,
    observe: (storage) => orAbsent(async () => (await blobOf(storage).downloadToBuffer()).toString()),
    writes: {
      create: (storage, before) =>
        before === undefined ? { after: '', run: () => blobOf(storage).create() } : undefined,
      append: (storage, before, more) =>
        before === undefined
          ? undefined
          : { after: before + more, run: () => blobOf(storage).appendBlock(more, more.length) },
      delete: (storage, before) =>
        before === undefined ? undefined : { after: undefined, run: () => blobOf(storage).delete() },
    },
  });
}

function containerSubject(name: string): Subject {
  return subject<string[]>({
    name,
    observe: ({ blobs }) =>
      orAbsent(async () => {
        const names: string[] = [];
        for await (const blob of blobs.getContainerClient(name).listBlobsFlat()) names.push(blob.name);
        return names;
      }),
    writes: {
      create: ({ blobs }, before) => (before ? undefined : { after: [], run: () => blobs.createContainer(name) }),
      fill: ({ blobs }, before, value) =>
        before?.length === 0
          ? {
              after: [value],
              run: () => blobs.getContainerClient(name).getBlockBlobClient(value).upload(value, value.length),
            }
          : undefined,
      delete: ({ blobs }, before) => before && { after: undefined, run: () => blobs.deleteContainer(name) },
    },
  });
}
