import type { TableClient, TableEntity, TableServiceClient, TableServiceClientOptions } from '@azure/data-tables';
import { isBeingDeleted, isMissing, serviceCode, withCreation } from './azure-errors.ts';
import { sendTransaction, transactionPolicy } from './azure-transactions.ts';
import { checkCommit, checkKey, checkRange, checkTable } from './limits.ts';
import {
  RowChangedError,
  RowExistsError,
  type Cell,
  type Cells,
  type Row,
  type RowPage,
  type RowRange,
  type Tables,
  type Write,
} from './ports.ts';

/** Makes the SDK's clients when they are first needed; each takes these options. */
export interface TableConnection {
  table(name: string, options: TableServiceClientOptions): Promise<TableClient>;
  service(options: TableServiceClientOptions): Promise<TableServiceClient>;
}

const OPTIONS: TableServiceClientOptions = { additionalPolicies: [transactionPolicy] };
const MAX_PAGE = 1000;

/** Azure Table Storage. Retries are the SDK's own: three, exponential, with the service's Retry-After. */
export class AzureTables implements Tables {
  readonly #connection: TableConnection;
  readonly #clients = new Map<string, Promise<TableClient>>();

  constructor(connection: TableConnection) {
    this.#connection = connection;
  }

  async get(table: string, partition: string, row: string): Promise<Row | undefined> {
    checkTable(table);
    checkKey('partition', partition);
    checkKey('row', row);
    const client = await this.#client(table);
    try {
      return rowOf(await client.getEntity(partition, row));
    } catch (error) {
      if (isMissing(error) || isBeingDeleted(error) || isRowMissing(error)) return undefined;
      throw error;
    }
  }

  async commit(table: string, partition: string, writes: readonly Write[]): Promise<void> {
    checkCommit(table, partition, writes);
    const client = await this.#client(table);
    const send = (rest: readonly Write[]) =>
      withCreation(
        `table ${table}`,
        () => submit(client, partition, rest),
        () => client.createTable(),
      );
    let rest = writes;
    while (rest.length > 0) {
      try {
        await send(rest);
        return;
      } catch (error) {
        if (!isRowMissing(error)) throw commitError(error, table, partition);
        // The service refuses a delete of what is not there, and the whole commit with it; the port does not.
        const present = await this.#withoutNeedlessDeletes(table, partition, rest);
        if (present.length === rest.length) throw commitError(error, table, partition);
        rest = present;
      }
    }
  }

  async query(table: string, partition: string, range: RowRange): Promise<RowPage> {
    checkRange(table, partition, range);
    const client = await this.#client(table);
    const filter = [`PartitionKey eq ${quoted(partition)}`];
    if (range.from !== undefined) filter.push(`RowKey ge ${quoted(range.from)}`);
    if (range.after !== undefined) filter.push(`RowKey gt ${quoted(range.after)}`);
    if (range.to !== undefined) filter.push(`RowKey lt ${quoted(range.to)}`);
    const entities = client.listEntities({ queryOptions: { filter: filter.join(' and ') } });
    // One row more than wanted tells whether more follow; the service may give fewer than asked for, even none, and go on.
    const wanted = range.limit + 1;
    const rows: Row[] = [];
    let token: string | undefined;
    do {
      const page = await pageOf(entities, Math.min(wanted - rows.length, MAX_PAGE), token);
      for (const entity of page.entities) rows.push(rowOf(entity));
      token = page.token;
    } while (token !== undefined && rows.length < wanted);
    return { rows: rows.slice(0, range.limit), more: rows.length > range.limit };
  }

  async list(prefix: string): Promise<readonly string[]> {
    if (!/^[a-z0-9]*$/.test(prefix)) return [];
    const service = await this.#connection.service(OPTIONS);
    // `{` comes next after `z`.
    const filter =
      prefix === '' ? {} : { filter: `TableName ge ${quoted(prefix)} and TableName lt ${quoted(`${prefix}{`)}` };
    const names: string[] = [];
    for await (const { name } of service.listTables({ queryOptions: filter })) {
      // Other software's tables in the account may have names in upper case, which this port cannot address.
      if (name?.startsWith(prefix) === true && name === name.toLowerCase()) names.push(name);
    }
    return names.sort();
  }

  async drop(table: string): Promise<void> {
    checkTable(table);
    const client = await this.#client(table);
    try {
      await client.deleteTable();
    } catch (error) {
      if (!isBeingDeleted(error)) throw error;
    }
  }

  #client(table: string): Promise<TableClient> {
    const known = this.#clients.get(table);
    if (known !== undefined) return known;
    const client = this.#connection.table(table, OPTIONS);
    this.#clients.set(table, client);
    return client;
  }

  async #withoutNeedlessDeletes(table: string, partition: string, writes: readonly Write[]): Promise<readonly Write[]> {
    const needed = await Promise.all(
      writes.map(async (write) => !isFreeDelete(write) || (await this.get(table, partition, write.row)) !== undefined),
    );
    return writes.filter((_, index) => needed[index]);
  }
}

function isFreeDelete(write: Write): boolean {
  return write.kind === 'delete' && write.etag === undefined;
}

async function submit(client: TableClient, partition: string, writes: readonly Write[]): Promise<void> {
  const [first] = writes;
  if (first !== undefined && writes.length === 1) await submitOne(client, partition, first);
  else await sendTransaction(client, partition, writes);
}

async function submitOne(client: TableClient, partition: string, write: Write): Promise<void> {
  switch (write.kind) {
    case 'insert':
      await client.createEntity(entityOf(partition, write.row, write.cells));
      return;
    case 'upsert':
      await client.upsertEntity(entityOf(partition, write.row, write.cells), 'Replace');
      return;
    case 'replace':
      await client.updateEntity(entityOf(partition, write.row, write.cells), 'Replace', { etag: write.etag });
      return;
    case 'delete':
      await client.deleteEntity(partition, write.row, { etag: write.etag ?? '*' });
  }
}

function entityOf(partition: string, row: string, cells: Cells): TableEntity {
  const entity: TableEntity = { partitionKey: partition, rowKey: row };
  for (const [name, cell] of Object.entries(cells)) {
    entity[name] = propertyOf(cell);
  }
  return entity;
}

function propertyOf(cell: Cell): Cell | { type: 'Double'; value: number } {
  // Without a type the service takes a whole number for an Int32, whatever its size.
  if (typeof cell === 'number') return { type: 'Double', value: cell };
  // Log fields may hold half a surrogate pair, which is no text in any encoding.
  return typeof cell === 'string' ? cell.toWellFormed() : cell;
}

function rowOf(entity: Readonly<Record<string, unknown>>): Row {
  const { partitionKey: _partition, rowKey, etag, timestamp: _timestamp, ...rest } = entity;
  if (typeof rowKey !== 'string' || typeof etag !== 'string')
    throw new Error('The table service gave a row without key or etag.');
  const cells: Record<string, Cell> = {};
  for (const [name, value] of Object.entries(rest)) {
    if (name.startsWith('odata.')) continue;
    if (!isCell(value)) {
      const cell = `${JSON.stringify(name)} of the row ${JSON.stringify(rowKey)}`;
      throw new Error(`The cell ${cell} is of a kind that is never written here: another program wrote it.`);
    }
    cells[name] = value;
  }
  return { row: rowKey, etag, cells };
}

function isCell(value: unknown): value is Cell {
  return ['string', 'number', 'boolean'].includes(typeof value) || value instanceof Uint8Array;
}

const NO_PAGE = { entities: [], token: undefined };

async function pageOf(entities: ReturnType<TableClient['listEntities']>, size: number, token: string | undefined) {
  try {
    const pages = entities.byPage({ maxPageSize: size, ...(token === undefined ? {} : { continuationToken: token }) });
    const page = await pages.next();
    return page.done === true ? NO_PAGE : { entities: page.value, token: page.value.continuationToken };
  } catch (error) {
    if (isMissing(error) || isBeingDeleted(error)) return NO_PAGE;
    throw error;
  }
}

function quoted(key: string): string {
  return `'${key.replaceAll("'", "''")}'`;
}

function isRowMissing(error: unknown): boolean {
  return /^(ResourceNotFound|EntityNotFound)$/.test(serviceCode(error) ?? '');
}

function commitError(error: unknown, table: string, partition: string): unknown {
  const where = `in partition ${JSON.stringify(partition)} of table ${table}`;
  if (serviceCode(error) === 'EntityAlreadyExists') {
    return new RowExistsError(`A row to insert exists ${where}.`, { cause: error });
  }
  if (isRowMissing(error) || serviceCode(error) === 'UpdateConditionNotSatisfied') {
    return new RowChangedError(`A row was changed or deleted by another writer ${where}.`, { cause: error });
  }
  return error;
}
