import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { invoke, triggerOf, type Log } from './invoke.ts';
import type { RunningTrigger } from './event-hub-trigger.ts';
import type { FunctionApp, HttpData, Registration, TypedData } from './registrations.ts';

/** Azure takes 100 MB; nothing here needs more than this. */
const LARGEST_BODY = 10 * 1024 * 1024;

interface Route {
  readonly registration: Registration;
  readonly methods: readonly string[];
  readonly segments: readonly string[];
}

/**
 * Serves the functions with an HTTP trigger on the loopback address, without keys, as the tools for developers do: whoever can reach the
 * loopback address of this machine may call them.
 * @param port 0 for any
 */
export async function startHttpTriggers(
  app: FunctionApp,
  registrations: readonly Registration[],
  { port, routePrefix, log }: { port: number; routePrefix: string; log: Log },
): Promise<RunningTrigger & { readonly port: number }> {
  const routes = registrations.map((registration) => routeOf(registration, routePrefix));
  const server = createServer((request, response) => {
    answer(app, routes, request, log)
      .catch((error: unknown) => {
        log('error', `${request.url ?? ''}: ${error instanceof Error ? error.message : String(error)}`);
        return { statusCode: '500', body: { string: 'the function failed; its log says why\n' } };
      })
      .then((data) => write(response, data))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function routeOf(registration: Registration, prefix: string): Route {
  const { settings } = triggerOf(registration);
  const route = typeof settings['route'] === 'string' ? settings['route'] : registration.name;
  const methods = Array.isArray(settings['methods'])
    ? settings['methods'].map((method) => String(method).toUpperCase())
    : [];
  return { registration, methods, segments: `${prefix}/${route}`.split('/').filter((segment) => segment !== '') };
}

async function answer(
  app: FunctionApp,
  routes: readonly Route[],
  request: IncomingMessage,
  log: Log,
): Promise<HttpData> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (!isEncoded(url.pathname)) return { statusCode: '400' };
  const method = request.method ?? 'GET';
  for (const route of routes) {
    const params = match(
      route.segments,
      url.pathname.split('/').filter((segment) => segment !== ''),
    );
    if (params === undefined) continue;
    if (route.methods.length > 0 && !route.methods.includes(method)) return { statusCode: '405' };
    const bytes = await readBody(request);
    if (bytes === undefined) return { statusCode: '413' };
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const query = Object.fromEntries(url.searchParams);
    const http = { method, url: url.href, headers, query, params, body: { bytes } };
    const result = await invoke(app, route.registration, { data: { http } }, log);
    return result !== undefined && 'http' in result ? result.http : { statusCode: '204' };
  }
  return { statusCode: '404' };
}

/** Whether a path can be decoded. */
function isEncoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function match(segments: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  const matches = segments.every((segment, at) => {
    const name = /^\{(\w+)(\?)?\}$/.exec(segment);
    const part = path[at];
    if (name === null) return part?.toLowerCase() === segment.toLowerCase();
    if (part !== undefined && name[1] !== undefined) params[name[1]] = decodeURIComponent(part);
    return part !== undefined || name[2] === '?';
  });
  return matches && path.length <= segments.length ? params : undefined;
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function write(response: ServerResponse, data: HttpData): void {
  response.writeHead(Number(data.statusCode ?? 200), { ...data.headers });
  response.end(data.body === undefined ? undefined : contentOf(data.body));
}

function contentOf(data: TypedData): string | Uint8Array {
  if ('bytes' in data) return data.bytes;
  if ('string' in data) return data.string;
  return 'json' in data ? data.json : '';
}
