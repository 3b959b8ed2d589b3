/**
 * A publisher of files on loopback, as web servers and what stands before them are: entity tags and times with 304, gzip as a content encoding,
 * redirects, and all that goes wrong: busy with Retry-After, a page for people with status 200, connections that break off, bytes that stop coming,
 * bodies that do not end.
 */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { LoopbackServer } from './loopback-server.ts';

export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** How one request is answered otherwise. */
export type Fault =
  /** With a status, and a body where one is given. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** The beginning of the file, then the connection breaks off. */
  | { readonly kind: 'broken'; readonly bytes: number }
  /** One byte, and then nothing. */
  | { readonly kind: 'stuck' }
  /** Zeros without end; as gzip they are some thousand times fewer. */
  | { readonly kind: 'endless'; readonly packed: boolean }
  /** The connection is closed without a word. */
  | { readonly kind: 'closed' };

interface Published {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PublishOptions {
  /** Send it packed, and say so. */
  readonly packed?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it has an entity tag; otherwise only a time. */
  readonly tagged?: boolean;
}

export class FakeFeedServer {
  readonly #server: LoopbackServer;
  readonly #files = new Map<string, Published>();
  readonly seen: SeenRequest[] = [];
  /** What the next requests are answered with, before anything else. */
  readonly faults: Fault[] = [];
  /** Bytes of endless bodies that were handed to the network. */
  drained = 0;

  private constructor() {
    this.#server = new LoopbackServer(
      (request, response) => this.#answer(request, response),
      (response) => response.destroy(),
    );
  }

  static async start(): Promise<FakeFeedServer> {
    const fake = new FakeFeedServer();
    await fake.#server.listen();
    return fake;
  }

  get url(): string {
    return this.#server.url;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Begins anew: nothing is published, nothing was asked. */
  reset(): void {
    this.#files.clear();
    this.faults.length = this.seen.length = this.drained = 0;
  }

  /** Publishes a file, or another version of it. @returns its address */
  publish(
    path: string,
    body: Uint8Array | string,
    { packed = false, headers = {}, tagged = true }: PublishOptions = {},
  ): string {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    this.#files.set(path, {
      body: packed ? gzipSync(bytes) : bytes,
      headers: {
        'content-type': 'application/octet-stream',
        'last-modified': 'Thu, 19 Nov 2026 08:00:00 GMT',
        ...(tagged && { etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"` }),
        ...(packed && { 'content-encoding': 'gzip' }),
        ...headers,
      },
    });
    return `${this.url}${path}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', this.url).pathname;
    this.seen.push({ path, headers: request.headers });
    const fault = this.faults.shift();
    const file = this.#files.get(path);
    if (fault !== undefined) await this.#fail(fault, file, response);
    else if (file === undefined) response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not Found</h1>');
    else if (isKnown(request.headers, file)) response.writeHead(304, file.headers).end();
    else response.writeHead(200, { ...file.headers, 'content-length': file.body.length }).end(file.body);
  }

  async #fail(fault: Fault, file: Published | undefined, response: ServerResponse): Promise<void> {
    if (fault.kind === 'status') response.writeHead(fault.status, fault.headers).end(fault.body);
    else if (fault.kind === 'closed') response.destroy();
    else if (fault.kind === 'stuck') response.writeHead(200).write('#');
    else if (fault.kind === 'endless') await this.#sendWithoutEnd(fault.packed, response);
    else {
      response.writeHead(200, { ...file?.headers, 'content-length': file?.body.length ?? 0 });
      response.write(file?.body.subarray(0, fault.bytes), () => response.destroy());
    }
  }

  async #sendWithoutEnd(packed: boolean, response: ServerResponse): Promise<void> {
    const chunk = Buffer.alloc(1 << 20);
    const zeros = Readable.from(
      (function* () {
        for (;;) yield chunk;
      })(),
    );
    response.writeHead(200, packed ? { 'content-encoding': 'gzip' } : {});
    const count = async function* (this: FakeFeedServer, source: AsyncIterable<Buffer>) {
      for await (const part of source) {
        this.drained += part.length;
        yield part;
      }
    }.bind(this);
    if (packed) await pipeline(zeros, createGzip({ level: 1 }), count, response);
    else await pipeline(zeros, count, response);
  }
}

/** RFC 9110, 13.2.2: where there is an entity tag, the time is not asked. */
function isKnown(asked: IncomingHttpHeaders, { headers }: Published): boolean {
  const tag = asked['if-none-match'];
  if (tag !== undefined) return tag === headers['etag'];
  const since = asked['if-modified-since'];
  return since !== undefined && since === headers['last-modified'];
}
