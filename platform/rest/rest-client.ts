import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpClient,
  type Pipeline,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import { isDeeperThan, MAX_DEPTH, objectOf, parseJson, textOf, type Json } from '../json.ts';
import { printable } from '../printable.ts';
import { isBusy, RestError } from './rest-error.ts';

/** One request to a service that speaks JSON over HTTP. */
export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash; pieces that come from outside are encoded by the caller (`encodeURIComponent`). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly body?: Json | undefined;
  /** Of the body; `application/json` unless told. */
  readonly contentType?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether it may be sent again where nothing is known of the first time. What makes something anew each time is sent once; only where the service says that it did
   * nothing (429) is it sent again.
   */
  readonly repeatable: boolean;
}

export interface RestAnswer {
  readonly status: number;
  /** Null where the answer has none. */
  readonly body: Json;
  header(name: string): string | undefined;
}

export interface RestOptions {
  /** Of the service: https, or http on this machine; without a slash at the end. */
  readonly base: string;
  /** The value of the `authorization` header, asked for each request; undefined for none. */
  readonly authorization: () => Promise<string | undefined>;
  readonly clock: Clock;
  /** Nothing is begun after then, and nothing waited for beyond: milliseconds since 1970-01-01T00:00:00Z. */
  readonly deadline: number;
  readonly httpClient?: HttpClient | undefined;
}

const ATTEMPTS = 4;
const LONGEST_REQUEST = 30_000;
/** Where the service does not say how long to wait: doubled each time. */
const FIRST_WAIT = 500;
const LONGEST_ANSWER = 16 * 1024 * 1024;
const LONGEST_REASON = 300;
/** `..` and `.`, which would lead to another path than the one that was meant. */
const DOT_SEGMENT = /[/\\](?:\.|%2e){1,2}(?=[/\\?#]|$)/i;

/** One for all pieces of work: each keeps its connections open, and they would pile up. */
const SHARED = createDefaultHttpClient();

/** A service that speaks JSON over HTTP, for one piece of work that has an end. Never follows redirects: the credential would go along. */
export class RestClient {
  readonly #options: RestOptions;
  readonly #pipeline: Pipeline;
  readonly #http: HttpClient;

  constructor(options: RestOptions) {
    this.#options = options;
    this.#http = options.httpClient ?? SHARED;
    this.#pipeline = createPipelineFromOptions({
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'crosstrail' },
    });
  }

  /** Sends a request, again where the service is busy, the request bears it and the time allows. @throws RestError for any answer that is no success */
  async send(request: RestRequest): Promise<RestAnswer> {
    const { clock, deadline } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#sendOnce(request);
      } catch (error) {
        const wait = attempt < ATTEMPTS ? waitBefore(error, request, attempt) : undefined;
        if (wait === undefined || clock.now() + wait > deadline) throw error;
        await clock.wait(wait);
      }
    }
  }

  async #sendOnce(request: RestRequest): Promise<RestAnswer> {
    const { base, authorization, clock, deadline } = this.#options;
    const named = `${request.method} ${base}${request.path}`.slice(0, LONGEST_REASON);
    const left = deadline - clock.now();
    if (left <= 0) throw new RestError(`${named} was not sent: no time is left for it`);
    if (DOT_SEGMENT.test(request.path)) {
      throw new RestError(`${named} was not sent: its path leads elsewhere`, { status: 400 });
    }
    const credential = await authorization();
    const shown = shownWithout(credential);
    const answer = await this.#pipeline
      .sendRequest(this.#http, this.#prepared(request, credential, Math.min(left, LONGEST_REQUEST)))
      .catch((error: unknown) => {
        const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown';
        throw new RestError(`${named} was not answered: ${shown(reason)}`);
      });
    if (answer.status >= 200 && answer.status < 300) {
      return { status: answer.status, body: bodyOf(named, answer, shown), header: (name) => answer.headers.get(name) };
    }
    throw restError(named, answer, clock.now(), shown);
  }

  #prepared(
    { method, path, query, body, contentType, headers }: RestRequest,
    authorization: string | undefined,
    timeout: number,
  ) {
    const url = new URL(`${this.#options.base}${path}`);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    return createPipelineRequest({
      url: url.href,
      method,
      timeout,
      allowInsecureConnection: url.protocol === 'http:',
      headers: createHttpHeaders({
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
        ...(authorization === undefined ? {} : { authorization }),
        ...headers,
      }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

/** Makes text of a service fit to be shown. */
type Shown = (text: string) => string;

/** Some services and proxies tell back what they were sent. @param authorization of which nothing is shown */
function shownWithout(authorization: string | undefined): Shown {
  const secret = authorization?.slice(authorization.indexOf(' ') + 1).trim() ?? '';
  return (text) => printable((secret === '' ? text : text.replaceAll(secret, '…')).slice(0, LONGEST_REASON));
}

/** @throws RestError where it is no JSON: a page for people, or cut off; or nests so deep that later steps would run out of stack */
function bodyOf(named: string, { status, bodyAsText }: PipelineResponse, shown: Shown): Json {
  const text = bodyAsText ?? '';
  if (text === '') return null;
  const body = text.length > LONGEST_ANSWER ? undefined : opened(text);
  if (body !== undefined && !isDeeperThan(body, MAX_DEPTH)) return body;
  throw new RestError(
    `${named} was answered by something that is no JSON of a usable size: ${shown(text).slice(0, 80)}`,
    { status },
  );
}

function restError(
  named: string,
  { status, bodyAsText, headers }: PipelineResponse,
  now: number,
  shown: Shown,
): RestError {
  const body = objectOf(opened(bodyAsText ?? ''));
  const error = objectOf(body?.['error']) ?? body;
  const code = textOf(error?.['code']) ?? textOf(error?.['reason']) ?? textOf(body?.['error']);
  const message = textOf(error?.['message']) ?? textOf(error?.['detail']) ?? firstOf(error?.['errorMessages']);
  const reason = [code, message]
    .filter((part) => part !== undefined)
    .map(shown)
    .join(': ');
  return new RestError(`${named} failed with status ${status}${reason === '' ? '' : `: ${reason}`}`, {
    status,
    code: code === undefined ? undefined : shown(code),
    retryAfter: retryAfterOf(headers.get('retry-after'), now),
  });
}

const firstOf = (value: Json | undefined): string | undefined => (Array.isArray(value) ? textOf(value[0]) : undefined);

function opened(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Milliseconds after which it is worth trying again; undefined where it is not. */
function waitBefore(error: unknown, { repeatable }: RestRequest, attempt: number): number | undefined {
  if (!(error instanceof RestError) || !isBusy(error)) return undefined;
  if (!repeatable && error.status !== 429) return undefined;
  return error.retryAfter ?? FIRST_WAIT * 2 ** (attempt - 1);
}

/** Seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
