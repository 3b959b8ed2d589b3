/**
 * Entity group transactions, sent by @azure/data-tables and written here. The SDK (13.3) writes each row of a transaction by way
 * of a whole client, which costs more than the service does, sends `If-Match: *` for every delete whatever its etag, and leaves
 * the line separators U+2028 and U+2029 bare, at which Azurite cuts the request into lines and fails. So the SDK is given a
 * transaction of one row, for its address, signature, retries and the reading of the answer, and a policy puts in the body.
 * Format: learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { TableClient, TableServiceClientOptions } from '@azure/data-tables';
import { escapeLineSeparators } from './limits.ts';
import type { Cells, Write } from './ports.ts';

type AdditionalPolicy = NonNullable<TableServiceClientOptions['additionalPolicies']>[number];

interface Transaction {
  readonly table: string;
  readonly partition: string;
  readonly writes: readonly Write[];
}

const sending = new AsyncLocalStorage<Transaction>();

/** Sends writes of one partition as one transaction. The client must have the {@link transactionPolicy}. */
export async function sendTransaction(client: TableClient, partition: string, writes: readonly Write[]): Promise<void> {
  const standIn = { partitionKey: partition, rowKey: '-' };
  await sending.run({ table: client.tableName, partition, writes }, () =>
    client.submitTransaction([['delete', standIn]]),
  );
}

/** Puts in the body of the transaction being sent. */
export const transactionPolicy: AdditionalPolicy = {
  position: 'perCall',
  policy: {
    name: 'crosstrailTransactionPolicy',
    sendRequest(request, next) {
      const transaction = sending.getStore();
      if (transaction !== undefined) {
        const url = new URL(request.url);
        if (!url.pathname.endsWith('/$batch')) throw new Error(`A transaction was on its way to ${url.pathname}.`);
        const batch = randomUUID();
        request.headers.set('content-type', `multipart/mixed; boundary=batch_${batch}`);
        request.body = bodyOf(transaction, url.origin + url.pathname.slice(0, -'$batch'.length), batch);
      }
      return next(request);
    },
  },
};

function bodyOf({ table, partition, writes }: Transaction, account: string, batch: string): string {
  const changes = randomUUID();
  const lines = [`--batch_${batch}`, `content-type: multipart/mixed; boundary=changeset_${changes}`, '', ''];
  for (const write of writes) {
    lines.push(`--changeset_${changes}`, 'content-type: application/http', 'content-transfer-encoding: binary', '');
    lines.push(...requestOf(write, account + table, partition));
  }
  lines.push(`--changeset_${changes}--`, `--batch_${batch}--`, '');
  return lines.join('\r\n');
}

function requestOf(write: Write, table: string, partition: string): string[] {
  const row = `${table}(PartitionKey='${inUrl(partition)}',RowKey='${inUrl(write.row)}')`;
  const headers = [
    'Content-Type: application/json',
    'Accept: application/json;odata=minimalmetadata',
    'DataServiceVersion: 3.0',
  ];
  switch (write.kind) {
    case 'insert':
      headers.push('Prefer: return-no-content');
      return [`POST ${table} HTTP/1.1`, ...headers, '', '', entityOf(partition, write.row, write.cells)];
    case 'upsert':
      return [`PUT ${row} HTTP/1.1`, ...headers, '', '', entityOf(partition, write.row, write.cells)];
    case 'replace':
      headers.push(`If-Match: ${write.etag}`);
      return [`PUT ${row} HTTP/1.1`, ...headers, '', '', entityOf(partition, write.row, write.cells)];
    case 'delete':
      headers.push(`If-Match: ${write.etag ?? '*'}`);
      return [`DELETE ${row} HTTP/1.1`, ...headers, '', ''];
  }
}

function inUrl(key: string): string {
  return encodeURIComponent(key.replaceAll("'", "''"));
}

function entityOf(partition: string, row: string, cells: Cells): string {
  const entity: Record<string, string | number | boolean> = { PartitionKey: partition, RowKey: row };
  for (const [name, cell] of Object.entries(cells)) {
    if (cell instanceof Uint8Array) {
      entity[name] = Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString('base64');
      entity[`${name}@odata.type`] = 'Edm.Binary';
    } else if (typeof cell === 'number') {
      entity[name] = cell;
      entity[`${name}@odata.type`] = 'Edm.Double';
    } else {
      entity[name] = typeof cell === 'string' ? cell.toWellFormed() : cell;
    }
  }
  return escapeLineSeparators(JSON.stringify(entity));
}
