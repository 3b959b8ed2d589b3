/**
 * A Logs Ingestion API that takes rows on loopback as the service does: gzip'd JSON lists of less than 1 MB unpacked, for one data collection rule with the streams and
 * columns of `infra/sentinel/tables.json`; columns that are not declared are dropped without a word, values of another type become empty.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { isObject, parseJson, type JsonObject } from '../../platform/json.ts';
import { LoopbackServer } from './loopback-server.ts';

const tables = z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() })));

/** The columns of each table, as the infrastructure declares them. */
export const TABLES = tables.parse(
  JSON.parse(readFileSync(new URL('../../infra/sentinel/tables.json', import.meta.url), 'utf8')),
);

export const RULE = 'dcr-00000000000000000000000000000001';
const MAX_BYTES = 1024 * 1024;

export interface IngestionFailure {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export class FakeLogsIngestion {
  readonly #server: LoopbackServer;
  readonly rows = new Map<string, JsonObject[]>();
  /** Bytes of the requests, unpacked. */
  readonly sizes: number[] = [];
  requests = 0;
  /** Decides whether a request fails, by its number, which begins with 1. */
  failure: (request: number) => IngestionFailure | undefined = () => undefined;

  private constructor() {
    this.#server = new LoopbackServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<FakeLogsIngestion> {
    const fake = new FakeLogsIngestion();
    await fake.#server.listen();
    return fake;
  }

  get url(): string {
    return this.#server.url;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  reset(): void {
    this.rows.clear();
    this.sizes.length = 0;
    this.requests = 0;
    this.failure = () => undefined;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const packed = await buffer(request);
    this.requests++;
    const failure = this.failure(this.requests);
    const { status, headers } = failure ?? { status: this.#take(request, packed), headers: {} };
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(
      status === 204 ? undefined : JSON.stringify({ error: { code: 'Refused', message: `status ${status}` } }),
    );
  }

  /** @returns the status */
  #take(request: IncomingMessage, packed: Uint8Array): number {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const [, rule, stream = ''] = /^\/dataCollectionRules\/([^/]+)\/streams\/([^/]+)$/.exec(url.pathname) ?? [];
    if (request.headers.authorization === undefined) return 401;
    if (rule !== RULE) return 404;
    const table = stream.replace(/^Custom-/, '');
    const columns = TABLES[table];
    if (columns === undefined || url.searchParams.get('api-version') !== '2023-01-01') return 400;
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(packed) : packed;
    this.sizes.push(body.length);
    if (body.length > MAX_BYTES) return 413;
    const rows = parseJson(body.toString());
    if (!Array.isArray(rows) || !rows.every(isObject)) return 400;
    const kept = rows.map((row) => Object.fromEntries(columns.map(({ name, type }) => [name, typed(row[name], type)])));
    this.rows.set(table, [...(this.rows.get(table) ?? []), ...kept]);
    return 204;
  }
}

function typed(value: JsonObject[string], type: string): JsonObject[string] {
  const fits: Readonly<Record<string, boolean>> = {
    string: typeof value === 'string',
    datetime: typeof value === 'string' && !Number.isNaN(Date.parse(value)),
    int: Number.isInteger(value),
    real: typeof value === 'number',
    boolean: typeof value === 'boolean',
    dynamic: typeof value === 'object',
  };
  return fits[type] === true ? value : null;
}
