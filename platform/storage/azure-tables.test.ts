import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { BeingDeletedError } from './azure-errors.ts';
import { azureStorage } from './azure.ts';
import type { Tables } from './ports.ts';

/** What Azure does and Azurite never does, played by a server that gives one prepared answer after the other. */
type Answer = (response: ServerResponse) => void;

const close: (() => void)[] = [];
afterEach(() => close.splice(0).forEach((end) => end()));

async function service(answers: Answer[]): Promise<{ tables: Tables; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      requests.push(`${request.method ?? ''} ${decodeURIComponent(request.url ?? '')}`);
      const answer = answers.shift();
      if (answer === undefined) response.writeHead(500).end();
      else answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=contoso;AccountKey=${btoa('invented')};TableEndpoint=http://127.0.0.1:${port}/contoso`;
  return { tables: azureStorage({ connectionString }).tables, requests };
}

const fails =
  (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  (response) => {
    const body = JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value: `invented ${code}` } } });
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };

const page =
  (rows: string[], next?: string): Answer =>
  (response) => {
    const value = rows.map((RowKey) => ({ 'odata.etag': 'W/"1"', PartitionKey: 'p', RowKey }));
    const headers =
      next === undefined ? {} : { 'x-ms-continuation-NextPartitionKey': 'p', 'x-ms-continuation-NextRowKey': next };
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ value }));
  };

const done: Answer = (response) => response.writeHead(204, { etag: 'W/"1"' }).end();

describe('AzureTables', () => {
  it('says clearly that a table is being deleted', async () => {
    const { tables } = await service([fails(404, 'TableNotFound'), fails(409, 'TableBeingDeleted')]);
    const commit = tables.commit('timeline202611', 'p', [{ kind: 'insert', row: 'a', cells: {} }]);
    await expect(commit).rejects.toThrow(BeingDeletedError);
    await expect(commit).rejects.toThrow(/table timeline202611 is being deleted.*Try again/);
  });

  it('reads nothing from a table that is being deleted, and is content to drop it again', async () => {
    const deleted = fails(409, 'TableBeingDeleted');
    const { tables } = await service([deleted, deleted, deleted]);
    expect(await tables.get('abc', 'p', 'a')).toBeUndefined();
    expect(await tables.query('abc', 'p', { limit: 1 })).toStrictEqual({ rows: [], more: false });
    await tables.drop('abc');
  });

  it('tries again when told to, after the time it is told', async () => {
    const { tables, requests } = await service([fails(503, 'ServerBusy', { 'retry-after-ms': '1' }), done]);
    await tables.commit('abc', 'p', [{ kind: 'upsert', row: 'a', cells: {} }]);
    expect(requests).toHaveLength(2);
  });

  it('reads on through short and empty pages until it has what was asked for', async () => {
    const { tables, requests } = await service([page(['a'], 'b'), page([], 'b'), page(['b', 'c'])]);
    const { rows, more } = await tables.query('abc', 'p', { limit: 2 });
    expect([rows.map(({ row }) => row), more]).toStrictEqual([['a', 'b'], true]);
    expect(requests[2]).toMatch(/NextRowKey=b/);
  });

  it('knows that no more follow where the rest of the pages is empty', async () => {
    const { tables } = await service([page(['a', 'b'], 'c'), page([])]);
    const { rows, more } = await tables.query('abc', 'p', { limit: 2 });
    expect([rows.length, more]).toStrictEqual([2, false]);
  });

  it('passes on what it does not know', async () => {
    const { tables } = await service([fails(403, 'AuthorizationFailure')]);
    await expect(tables.get('abc', 'p', 'a')).rejects.toThrow(/AuthorizationFailure/);
  });
});
