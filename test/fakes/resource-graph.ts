/**
 * An Azure Resource Graph that answers on loopback as the service does: tables by the first word of a query, pages with `$skipToken` that go with
 * their query and scope, subscriptions that may not be read left out without a word, refused where none is left, a bound on the size of an answer,
 * and a quota with its headers.
 * https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { textOf, type JsonObject } from '../../platform/json.ts';
import { LoopbackServer } from './loopback-server.ts';

export type GraphTable = 'resourcecontainers' | 'resources' | 'roleassignments' | 'roledefinitions';

const requestBody = z.object({
  subscriptions: z.array(z.string()).optional(),
  managementGroups: z.array(z.string()).optional(),
  query: z.string(),
  options: z.object({
    $skipToken: z.string().optional(),
    $top: z.number().max(1000).default(1000),
    resultFormat: z.literal('objectArray'),
    authorizationScopeFilter: z.string().optional(),
  }),
});

/** A request, as the service saw it. */
export type SeenQuery = z.infer<typeof requestBody> & { readonly table: GraphTable };

/** How a request is to fail. */
export interface GraphFailure {
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent in place of an error of the service. */
  readonly html?: string;
}

export class FakeResourceGraph {
  readonly #server: LoopbackServer;
  readonly #rows = new Map<string, JsonObject[]>();
  readonly #groups = new Map<string, readonly string[]>();
  readonly seen: SeenQuery[] = [];
  /** Bytes of the largest answer. */
  largestAnswer = 16 * 1024 * 1024;
  /** Says for each request what is left of the quota; each is answered whatever it is. */
  quota: () => { readonly remaining: number; readonly resets: string } = () => ({ remaining: 10, resets: '00:00:05' });
  failure: (query: SeenQuery) => GraphFailure | undefined = () => undefined;

  private constructor() {
    this.#server = new LoopbackServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<FakeResourceGraph> {
    const fake = new FakeResourceGraph();
    await fake.#server.listen();
    return fake;
  }

  get url(): string {
    return this.#server.url;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Lets a subscription be read, with these rows. */
  add(subscription: string, table: GraphTable, ...rows: readonly JsonObject[]): void {
    const key = `${subscription} ${table}`;
    this.#rows.set(key, [...(this.#rows.get(key) ?? []), ...rows]);
  }

  /** Says which subscriptions a management group has. */
  group(name: string, subscriptions: readonly string[]): void {
    this.#groups.set(name, subscriptions);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '', this.url).pathname;
    if (request.method !== 'POST' || path !== '/providers/Microsoft.ResourceGraph/resources') {
      fail(response, { status: 404, code: 'NotFound' });
      return;
    }
    const body = requestBody.parse(await json(request));
    const query: SeenQuery = { ...body, table: tableOf(body.query) };
    this.seen.push(query);
    const failure = this.failure(query);
    if (failure !== undefined) {
      fail(response, failure);
      return;
    }
    const known = new Set([...this.#rows.keys()].map((key) => key.split(' ', 1)[0] ?? ''));
    const readable = this.#scopeOf(query, known).filter((each) => known.has(each));
    if (readable.length === 0) {
      fail(response, { status: 400, code: 'BadRequest', detail: 'NoValidSubscriptionsInQueryRequest' });
      return;
    }
    this.#page(query, readable, response);
  }

  #page(query: SeenQuery, readable: readonly string[], response: ServerResponse): void {
    const { table, options } = query;
    const rows = readable.flatMap((each) => this.#rows.get(`${each} ${table}`) ?? []).sort(byId);
    const context = JSON.stringify([query.query, query.subscriptions, query.managementGroups]);
    const start = startOf(options.$skipToken, context);
    if (start === undefined) {
      fail(response, { status: 400, code: 'BadRequest', detail: 'InvalidSkipToken' });
      return;
    }
    const page = rows.slice(start, start + options.$top);
    const next = start + page.length;
    const more = next < rows.length;
    const body = JSON.stringify({
      totalRecords: rows.length,
      count: page.length,
      data: page,
      facets: [],
      resultTruncated: 'false',
      ...(more && { $skipToken: Buffer.from(JSON.stringify({ next, context })).toString('base64') }),
    });
    if (body.length > this.largestAnswer) {
      fail(response, { status: 400, code: 'BadRequest', detail: 'ResponsePayloadTooLarge' });
      return;
    }
    const { remaining, resets } = this.quota();
    response.writeHead(200, {
      'content-type': 'application/json',
      'x-ms-user-quota-remaining': String(remaining),
      'x-ms-user-quota-resets-after': resets,
    });
    response.end(body);
  }

  #scopeOf({ subscriptions, managementGroups }: SeenQuery, known: ReadonlySet<string>): readonly string[] {
    if (subscriptions !== undefined) return subscriptions;
    if (managementGroups === undefined) return [...known];
    return managementGroups.flatMap((group) => this.#groups.get(group) ?? []);
  }
}

function tableOf(query: string): GraphTable {
  const [first = ''] = query.split(/\s/, 1);
  if (first === 'resourcecontainers' || first === 'resources') return first;
  return query.includes('roledefinitions') ? 'roledefinitions' : 'roleassignments';
}

const idOf = ({ id }: JsonObject): string => textOf(id)?.toLowerCase() ?? '';
const byId = (one: JsonObject, other: JsonObject): number => (idOf(one) < idOf(other) ? -1 : 1);

function startOf(token: string | undefined, context: string): number | undefined {
  if (token === undefined) return 0;
  const read = z
    .object({ next: z.number(), context: z.literal(context) })
    .safeParse(JSON.parse(Buffer.from(token, 'base64').toString()));
  return read.success ? read.data.next : undefined;
}

function fail(response: ServerResponse, { status, code, detail, headers = {}, html }: GraphFailure): void {
  if (html !== undefined) {
    response.writeHead(status, { ...headers, 'content-type': 'text/html' }).end(html);
    return;
  }
  const details = detail === undefined ? [] : [{ code: detail, message: `${detail}: asked for what may not be had` }];
  response.writeHead(status, { ...headers, 'content-type': 'application/json' });
  response.end(
    JSON.stringify({ error: { code, message: 'Please provide below info when asking for support.', details } }),
  );
}
