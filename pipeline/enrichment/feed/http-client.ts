import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { isLoopback } from '../../../platform/azure/endpoints.ts';
import { systemClock, type Clock } from '../../../platform/clock.ts';
import { FeedError } from '../feed-error.ts';
import type { FeedHttp, FeedRequest, FeedResponse } from './feed-http.ts';

export interface FeedHttpOptions {
  readonly clock?: Clock;
  /** Milliseconds in which nothing comes, after which a server is given up. */
  readonly idle?: number;
  /** Milliseconds that one `get` may take in all. */
  readonly total?: number;
  /** A server that is busy is asked so many times. */
  readonly tries?: number;
  /** Milliseconds that are waited at most between two tries; who asks for more is asked at another time. */
  readonly longestWait?: number;
}

const MAX_REDIRECTS = 5;
const MEBIBYTE = 1024 * 1024;
const MAX_BYTES = 64 * MEBIBYTE;
const BUSY: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** Not those of names that do not exist and certificates that do not fit, which are no better a second later. */
const PASSING: ReadonlySet<string> = new Set(
  'ECONNRESET ECONNREFUSED ETIMEDOUT EPIPE EAI_AGAIN EHOSTUNREACH ENETUNREACH'.split(' '),
);
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What may be over when it is tried again. */
class PassingFault extends FeedError {
  /** Milliseconds that the server asks to wait. */
  readonly after: number | undefined;

  constructor(message: string, after?: number) {
    super(message);
    this.after = after;
  }
}

/** Gets feeds over HTTP, with bounds on time and size. */
export function feedHttp(options: FeedHttpOptions = {}): FeedHttp {
  const { clock = systemClock, idle = 30_000, total = 300_000, tries = 4, longestWait = 60_000 } = options;
  return {
    async get(request) {
      const [stopping, timing] = [new AbortController(), new AbortController()];
      void clock.wait(total, timing.signal).then(() => {
        if (!timing.signal.aborted) stopping.abort();
      });
      const exchange: Exchange = { request, idle, clock, signal: stopping.signal };
      try {
        for (let time = 1; ; time++) {
          try {
            return await getOnce(exchange);
          } catch (error) {
            if (stopping.signal.aborted) throw new FeedError(`it was not had within ${total / 1000} s`);
            if (!(error instanceof PassingFault) || time >= tries) throw error;
            const wait = error.after ?? 1000 * 2 ** (time - 1);
            if (wait > longestWait) throw error;
            await clock.wait(wait, stopping.signal);
          }
        }
      } finally {
        timing.abort();
      }
    },
  };
}

interface Exchange {
  readonly request: FeedRequest;
  readonly idle: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

async function getOnce(exchange: Exchange): Promise<FeedResponse | 'unchanged'> {
  const { request } = exchange;
  const source = addressOf(request.url);
  const conditions = conditionsOf(request, source);
  let url = allowedUrl(request.url);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    // What lets one server know who asks is none of another's business.
    const own = url.origin === new URL(request.url).origin ? request.headers : { accept: request.headers?.['accept'] };
    const message = await send(url, { ...own, ...conditions }, exchange);
    try {
      const status = message.statusCode ?? 0;
      if (status === 200) return { ...(await contentOf(message, exchange)), source };
      if (status === 304 && Object.keys(conditions).length > 0) return 'unchanged';
      if (!REDIRECTS.has(status)) throw refusalOf(message, status, exchange.clock);
      url = redirectOf(url, message);
    } finally {
      message.destroy();
    }
  }
  throw new FeedError(`it leads on more than ${MAX_REDIRECTS} times`);
}

/** An address without what may be secret. */
export function addressOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? 'no address' : `${parsed.origin}${parsed.pathname}`.slice(0, 512);
}

/** A copy from elsewhere says nothing of what this server has. */
function conditionsOf({ previous }: FeedRequest, source: string): Record<string, string> {
  if (previous?.source !== source) return {};
  return {
    ...(previous.etag === undefined ? {} : { 'if-none-match': previous.etag }),
    ...(previous.lastModified === undefined ? {} : { 'if-modified-since': previous.lastModified }),
  };
}

function allowedUrl(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.protocol !== 'https:' && !isLoopback(parsed.origin))) {
    throw new FeedError('its address is none that feeds are had from: https, or http on this machine');
  }
  return parsed;
}

function redirectOf(from: URL, { headers: { location } }: IncomingMessage): URL {
  const to = location === undefined || location === '' ? null : URL.parse(location, from.href);
  const local = isLoopback(from.origin);
  if (to !== null && (to.protocol === 'https:' || (local && isLoopback(to.origin)))) return to;
  throw new FeedError('it leads on to an address that is not https, and that is not followed');
}

function send(
  url: URL,
  headers: Readonly<Record<string, string | undefined>>,
  { idle, signal }: Exchange,
): Promise<IncomingMessage> {
  const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    let message: IncomingMessage | undefined;
    const request = (url.protocol === 'https:' ? https : http).get(
      url,
      { headers: { 'user-agent': 'crosstrail', 'accept-encoding': 'gzip', ...sent }, signal, timeout: idle },
      (answer) => resolve((message = answer)),
    );
    request.on('timeout', () => {
      const fault = new PassingFault(`nothing came from it for ${idle / 1000} s`);
      (message ?? request).destroy(fault);
    });
    request.on('error', (error) => reject(faultOf(error)));
  });
}

/** The system's word for what happened; the library's sentences name addresses, with what may be secret in them. */
function faultOf(error: unknown): FeedError {
  if (error instanceof FeedError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = `it cannot be reached${code === '' ? '' : `: ${code}`}`;
  return PASSING.has(code) ? new PassingFault(message) : new FeedError(message);
}

function refusalOf({ headers }: IncomingMessage, status: number, clock: Clock): FeedError {
  if (!BUSY.has(status)) return new FeedError(`it answered with status ${status}`);
  const after = waitIn(headers['retry-after'], clock.now());
  const asks = after === undefined ? '' : `, and asks to wait ${Math.ceil(after / 1000)} s`;
  return new PassingFault(`it is busy: it answered with status ${status}${asks}`, after);
}

/** Milliseconds that `Retry-After` asks for, as seconds or as a date (RFC 9110, 10.2.3). */
function waitIn(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

async function contentOf(
  message: IncomingMessage,
  { request: { maxBytes = MAX_BYTES, maxUnpackedBytes = MAX_BYTES } }: Exchange,
): Promise<Omit<FeedResponse, 'source'>> {
  const { headers } = message;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (Number(headers['content-length']) > maxBytes) throw tooLarge(maxBytes, 'bytes');
  const chunks: Uint8Array[] = [];
  const collect = async (source: AsyncIterable<Uint8Array>) => {
    for await (const chunk of bounded(source, maxUnpackedBytes, 'unpacked bytes')) chunks.push(chunk);
  };
  const packed = (source: AsyncIterable<Uint8Array>) => bounded(source, maxBytes, 'bytes');
  try {
    if (encoding === 'identity') await pipeline(message, packed, collect);
    else if (encoding === 'gzip' || encoding === 'x-gzip') await pipeline(message, packed, createGunzip(), collect);
    else throw new FeedError('it is packed in a way that was not asked for');
  } catch (error) {
    throw brokenContent(error, message);
  }
  const body = Buffer.concat(chunks);
  const problem = notAFeed(body, headers['content-type']);
  if (problem !== undefined) throw new FeedError(problem);
  const texts = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return {
    body,
    etag: headerText(headers.etag, 256),
    lastModified: headerText(headers['last-modified'], 100),
    headers: Object.fromEntries(texts),
  };
}

async function* bounded(source: AsyncIterable<Uint8Array>, most: number, what: string): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > most) throw tooLarge(most, what);
    yield chunk;
  }
}

const tooLarge = (most: number, what: string): FeedError => new FeedError(`it has more than ${most} ${what}`);

function brokenContent(error: unknown, message: IncomingMessage): FeedError {
  if (error instanceof FeedError) return error;
  if (!message.complete) return new PassingFault('it ended before its end');
  return new PassingFault('it is packed as gzip, and cannot be unpacked: damaged or cut off');
}

/** A value that can be sent back as it came; cut, it would be another. */
const headerText = (text: string | undefined, most: number): string | undefined =>
  text !== undefined && text.length <= most && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)
    ? text
    : undefined;

/** Portals, proxies and sites that are being mended answer with a page and status 200. */
function notAFeed(body: Buffer, type = ''): string | undefined {
  if (body.length === 0) return 'it is empty';
  const start = body
    .toString('utf8', 0, 512)
    .replace(/^\ufeff/, '')
    .trimStart();
  return start.startsWith('<') || /^text\/html\b/i.test(type) ? 'it is a page for people, not the feed' : undefined;
}
