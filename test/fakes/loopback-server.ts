import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers a request, at once or later. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** A server of HTTP on the loopback address, on a port of its own: what the fakes of services stand on. */
export class LoopbackServer {
  readonly #server: Server;

  /** @param failed what becomes of a request in whose answer something was thrown; status 500 with the error unless told */
  constructor(
    answer: Answer,
    failed: (response: ServerResponse, error: unknown) => void = (response, error) =>
      response.writeHead(500).end(String(error)),
  ) {
    this.#server = createServer((request, response) => {
      const answering = async (): Promise<void> => answer(request, response);
      answering().catch((error: unknown) => failed(response, error));
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
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
}
