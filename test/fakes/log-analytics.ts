/**
 * A Log Analytics workspace on loopback that answers `POST /v1/workspaces/{id}/query`. It does not run KQL: it opens the `let` statements of a query, as
 * the service would, and gives of each table that the query names the rows that have one of these values and lie in the time span. Tables that are not
 * there, partial results, slow queries, throttling and error pages are as the service has them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { arrayOf, isObject, parseJson, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import { LoopbackServer } from './loopback-server.ts';

/** A row as a query gives it, and the values by which it is found. */
export interface FakeRow {
  /** Milliseconds since 1970-01-01T00:00:00Z; of rows without a time nothing is asked. */
  readonly time?: number;
  readonly found: readonly string[];
  readonly cells: JsonObject;
}

/** A query as the service saw it. */
export interface SeenQuery {
  readonly text: string;
  /** What its `let` statements hold. */
  readonly values: JsonObject;
  readonly from: number;
  readonly to: number;
  readonly prefer: string | undefined;
}

/** How an answer is to differ from a good one. */
export type FakeAnswer =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  /** A page for people, with status 502 unless told. */
  | { readonly kind: 'html'; readonly status?: number }
  | { readonly kind: 'partial' }
  /** Takes so long that the service stops it, or answers never. */
  | { readonly kind: 'slow' }
  | { readonly kind: 'never' };

const LET = /^let (\w+) = parse_json\(base64_decode_tostring\("([A-Za-z0-9+/=]*)"\)\);$/;

export class FakeLogAnalytics {
  readonly #server: LoopbackServer;
  readonly #workspace: string;
  readonly #tables = new Map<string, FakeRow[]>();
  readonly seen: SeenQuery[] = [];
  /** How to answer a query of these tables; undefined for well. */
  answer: ((tables: readonly string[], count: number) => FakeAnswer | undefined) | undefined;
  /** The most queries that were answered at once. */
  mostAtOnce = 0;
  #atOnce = 0;

  private constructor(workspace: string) {
    this.#workspace = workspace;
    this.#server = new LoopbackServer((request, response) => {
      this.#mostAtOnce();
      return this.#handle(request, response).finally(() => this.#atOnce--);
    });
  }

  static async start(workspace: string): Promise<FakeLogAnalytics> {
    const fake = new FakeLogAnalytics(workspace);
    await fake.#server.listen();
    return fake;
  }

  get url(): string {
    return this.#server.url;
  }

  /** Makes a table, with rows or without. */
  table(name: string, ...rows: FakeRow[]): void {
    this.#tables.set(name, [...(this.#tables.get(name) ?? []), ...rows]);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #mostAtOnce(): void {
    this.#atOnce++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = parseJson(await text(request));
    if (request.url !== `/v1/workspaces/${this.#workspace}/query` || !isObject(body)) {
      fail(response, 404, 'WorkspaceNotFoundError', 'The workspace could not be found');
      return;
    }
    if (request.headers.authorization !== 'Bearer local') {
      fail(response, 401, 'InvalidTokenError', 'No token');
      return;
    }
    const query = textOf(body['query']) ?? '';
    const [from = NaN, to = NaN] = (textOf(body['timespan']) ?? '').split('/').map(Date.parse);
    const lines = query.split('\n');
    const opened = lines.map((line) => LET.exec(line)).filter((match) => match !== null);
    const values = Object.fromEntries(
      opened.map(([, name = '', value = '']) => [name, parseJson(Buffer.from(value, 'base64').toString('utf8'))]),
    );
    const prefer = request.headers['prefer'];
    this.seen.push({ text: query, values, from, to, prefer: Array.isArray(prefer) ? prefer[0] : prefer });
    const rest = lines.slice(opened.length).join('\n');
    const named = tablesOf(rest);
    const special = this.answer?.(named, this.seen.length);
    if (special?.kind === 'never') return;
    if (special !== undefined && special.kind !== 'partial') {
      answerBadly(response, special);
      return;
    }
    const there = named.filter((table) => this.#tables.has(table));
    const enough = rest.startsWith('union isfuzzy=true') ? there.length > 0 : there.length === named.length;
    if (!enough) {
      missing(response, named.find((table) => !this.#tables.has(table)) ?? '');
      return;
    }
    send(response, 200, this.#result(there, values, { from, to }, limitOf(rest), special?.kind === 'partial'));
  }

  #result(
    tables: readonly string[],
    values: JsonObject,
    { from, to }: { readonly from: number; readonly to: number },
    limit: number,
    partial: boolean,
  ): Json {
    const wanted = new Set(Object.values(values).flatMap((list) => (arrayOf(list) ?? []).map((id) => fold(id))));
    const rows = tables
      .flatMap((table) => this.#tables.get(table) ?? [])
      .filter(({ time }) => time === undefined || (time >= from && time < to))
      .filter(({ found }) => found.some((id) => wanted.has(fold(id))))
      .sort((a, b) => (b.time ?? 0) - (a.time ?? 0))
      .slice(0, limit)
      .map(({ time, cells }): JsonObject =>
        time === undefined ? cells : { Time: new Date(time).toISOString(), ...cells },
      );
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return {
      tables: [
        {
          name: 'PrimaryResult',
          columns: names.map((name) => ({
            name,
            type: name === 'Time' ? 'datetime' : name === 'Roles' ? 'dynamic' : 'string',
          })),
          rows: rows.map((row) => names.map((name) => cellOf(row[name]))),
        },
      ],
      ...(partial && {
        error: {
          code: 'PartialError',
          message: 'There were some errors when processing your query.',
          details: [
            {
              code: 'EngineError',
              message: 'Something went wrong processing your query on the server.',
              innererror: { code: '-2133196797', message: 'The results of this query exceed the set limit.' },
            },
          ],
        },
      }),
    };
  }
}

const fold = (id: Json): string => (typeof id === 'string' ? id.toLowerCase() : '');

/** The service writes `dynamic` values as text. */
const cellOf = (cell: Json | undefined): Json =>
  cell === undefined ? '' : typeof cell === 'object' ? JSON.stringify(cell) : cell;

/** Names that begin a statement or stand first in parentheses. */
const tablesOf = (query: string): string[] =>
  [...query.matchAll(/(?:^|\()([A-Z]\w+)\s*\n\s*\|/gm)].map(([, name = '']) => name);

const limitOf = (query: string): number => Number(/\| (?:top|take) (\d+)/.exec(query)?.[1] ?? 30_000);

function send(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

const fail = (response: ServerResponse, status: number, code: string, message: string): void =>
  send(response, status, { error: { code, message } });

function missing(response: ServerResponse, table: string): void {
  const message = `'where' operator: Failed to resolve table or column expression named '${table}'`;
  const innererror = {
    code: 'SemanticError',
    message: 'A semantic error occurred.',
    innererror: { code: 'SEM0100', message },
  };
  send(response, 400, {
    error: { code: 'BadArgumentError', message: 'The request had some invalid properties', innererror },
  });
}

function answerBadly(response: ServerResponse, answer: Exclude<FakeAnswer, { kind: 'never' | 'partial' }>): void {
  if (answer.kind === 'slow') {
    fail(response, 504, 'GatewayTimeout', 'The query took too long');
    return;
  }
  if (answer.kind === 'html') {
    response
      .writeHead(answer.status ?? 502, { 'content-type': 'text/html' })
      .end('<html><body>Bad gateway</body></html>');
    return;
  }
  const { status, retryAfter } = answer;
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  fail(response, status, status === 403 ? 'InsufficientAccessError' : 'ThrottledError', 'refused');
}
