import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseJson, type Json } from '../../platform/json.ts';

/** A request as a fake of a service reads it. */
export interface FakeRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly body: Json | undefined;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body?: Json | undefined;
  /** In place of `body`. */
  readonly text?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What goes wrong with a request. */
export interface FakeFault {
  /** How often; once unless told. */
  readonly times?: number | undefined;
  /** Which requests; all unless told. */
  readonly when?: ((request: FakeRequest) => boolean) | undefined;
  /**
   * What is answered in place of doing it; `hang up`: the connection breaks before anything is done; `lose answer`: it is done, and the connection
   * breaks before that is said.
   */
  readonly answer: FakeAnswer | 'hang up' | 'lose answer';
}

/** A change that a request made: what tests count to see that nothing was done twice. */
export interface FakeWrite {
  /** `PATCH /users/…`, or the name of the operation. */
  readonly operation: string;
  /** What it changed. */
  readonly target: string;
}

/** What all fakes of services stand on: a server on the loopback address, faults on demand, and a journal of what was changed. */
export abstract class FakeService {
  /** Only what changed something: the same written again is no change. In order. */
  readonly writes: FakeWrite[] = [];
  /** All requests, as `GET /path`. */
  readonly requests: string[] = [];
  readonly #faults: { left: number; fault: FakeFault }[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  /** Does what is asked. */
  protected abstract answer(request: FakeRequest): FakeAnswer | Promise<FakeAnswer>;

  /** Notes a change. */
  protected wrote(operation: string, target: string): void {
    this.writes.push({ operation, target });
  }

  /** Lets the next requests fail; faults are used up in the order in which they were given. */
  fail(fault: FakeFault): void {
    this.#faults.push({ left: fault.times ?? 1, fault });
  }

  /** @param port 0 for any */
  listen(port = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  }

  /** `http://127.0.0.1:<port>`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming);
    this.requests.push(`${request.method} ${request.path}`);
    const fault = this.#faultFor(request);
    if (fault === 'hang up') {
      response.destroy();
      return;
    }
    const answer = fault === undefined || fault === 'lose answer' ? await this.answer(request) : fault;
    if (fault === 'lose answer') {
      response.destroy();
      return;
    }
    const { status, body, text, headers } = answer;
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
    response.end(text ?? (body === undefined ? undefined : JSON.stringify(body)));
  }

  #faultFor(request: FakeRequest): FakeFault['answer'] | undefined {
    const found = this.#faults.find(({ left, fault }) => left > 0 && (fault.when?.(request) ?? true));
    if (found === undefined) return undefined;
    found.left--;
    return found.fault.answer;
  }
}

async function read(incoming: IncomingMessage): Promise<FakeRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const { method = 'GET', headers } = incoming;
  return { method, path: decodeURIComponent(url.pathname), query: url.searchParams, headers, text, body: opened(text) };
}

function opened(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
