import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../platform/json.ts';

const MEDIA_TYPE = 'application/taxii+json;version=2.1';
const COLLECTION = '/api1/collections/00000000-0000-4000-8000-0000000000c1/';

export interface TaxiiOptions {
  /** What the header `authorization` must be. */
  readonly authorization?: string;
  /** Objects on one page, whatever is asked for. */
  readonly pageSize?: number;
  /** Whether a page that is not the last names the next one; otherwise the client is to ask from its last time on. */
  readonly givesNext?: boolean;
}

/** A TAXII 2.1 server with one collection, as the specification says that one behaves, and with its faults where these are asked for. */
export class FakeTaxii {
  readonly #server = createServer((request, response) => {
    this.#answer(request, response);
  });
  readonly #options: Required<Pick<TaxiiOptions, 'pageSize' | 'givesNext'>> & TaxiiOptions;
  readonly #objects: { readonly added: string; readonly object: JsonObject }[] = [];
  /** The queries that were answered, in order. */
  readonly asked: URLSearchParams[] = [];
  /** Answers to give before any other, the first first. */
  readonly faults: { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }[] =
    [];
  /** Given in place of what is really on a page. */
  tamper: ((envelope: JsonObject) => JsonObject) | undefined;

  constructor(options: TaxiiOptions = {}) {
    this.#options = { pageSize: 100, givesNext: true, ...options };
  }

  /** @returns the address of the collection */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${COLLECTION}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** @param added when, in ISO 8601; not before what was added last */
  add(added: string, ...objects: readonly JsonObject[]): void {
    this.#objects.push(...objects.map((object) => ({ added, object })));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': MEDIA_TYPE, ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    const fault = this.faults.shift();
    if (fault !== undefined) {
      send(fault.status, fault.body ?? { title: 'fault' }, fault.headers);
      return;
    }
    const refusal = this.#refusalOf(request, url);
    if (refusal !== undefined) {
      send(refusal, { title: 'refused', http_status: String(refusal) });
      return;
    }
    this.asked.push(url.searchParams);
    const { envelope, first, last } = this.#page(url.searchParams);
    const times = { 'x-taxii-date-added-first': first, 'x-taxii-date-added-last': last };
    const known = Object.entries(times).filter((entry): entry is [string, string] => entry[1] !== undefined);
    send(200, this.tamper?.(envelope) ?? envelope, Object.fromEntries(known));
  }

  #refusalOf({ headers }: IncomingMessage, { pathname }: URL): number | undefined {
    if (headers.authorization !== this.#options.authorization) return 401;
    if (headers.accept !== MEDIA_TYPE) return 406;
    return pathname === `${COLLECTION}objects/` ? undefined : 404;
  }

  #page(query: URLSearchParams): { envelope: JsonObject; first: string | undefined; last: string | undefined } {
    const type = query.get('match[type]');
    const after = query.get('added_after');
    const start = Number(query.get('next') ?? 0);
    const size = Math.min(Number(query.get('limit') ?? 100), this.#options.pageSize);
    const all = this.#objects
      .filter(({ added }) => after === null || Date.parse(added) > Date.parse(after))
      .filter(({ object }) => type === null || object.type === type);
    const page = all.slice(start, start + size);
    if (page.length === 0) return { envelope: {}, first: undefined, last: undefined };
    const more = start + size < all.length;
    const envelope: JsonObject = {
      more,
      ...(more && this.#options.givesNext && { next: String(start + size) }),
      objects: page.map(({ object }) => object),
    };
    return { envelope, first: page[0]?.added, last: page.at(-1)?.added };
  }
}
