import {
  bearerTokenAuthenticationPolicy,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  isRestError,
  type Pipeline,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import { arrayOf, isDeeperThan, MAX_DEPTH, objectOf, parseJson, textOf, type Json, type JsonObject } from '../json.ts';
import { ArmError, armError, bounded, isAway, NO_ANSWER, NO_TOKEN, OUT_OF_BUDGET, OWN_LIMIT } from './arm-error.ts';
import { secured, type AzureConnection } from './connection.ts';
import type { RateLimit, RequestRates } from './request-rates.ts';

/** One request to Azure Resource Manager. */
export interface ArmRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** Begins with a slash; made of checked parts, without a query. */
  readonly path: string;
  readonly apiVersion: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly body?: JsonObject | undefined;
  /** Of what is to be replaced, as the service wrote it: the request fails where it is another by then (409 or 412). */
  readonly etag?: string | undefined;
}

export interface ArmAnswer {
  readonly status: number;
  /** Null where the answer has none. */
  readonly body: Json;
}

/** Azure Resource Manager, for one piece of work that has an end and a budget. */
export interface ArmClient {
  /** How many requests were sent, those sent again included. */
  readonly calls: number;
  /** How many more may be sent. */
  readonly left: number;
  /** Sends a request, again where the service is busy and the time allows. @throws ArmError */
  send(request: ArmRequest): Promise<ArmAnswer>;
  /** The members of a list, page by page; ends without its rest where the calls are used up. @throws ArmError */
  pages(request: ArmRequest): AsyncGenerator<readonly Json[]>;
}

export interface ArmOptions {
  readonly connection: AzureConnection;
  readonly clock: Clock;
  /** Shared by all work of the process. */
  readonly rates: RequestRates;
  /** Nothing is begun after then, and nothing waited for beyond: milliseconds since 1970-01-01T00:00:00Z. */
  readonly deadline: number;
  readonly maxCalls: number;
}

const ATTEMPTS = 4;
const LONGEST_REQUEST = 30_000;
/** Where the service says to wait and not how long, or does not answer: doubled each time. */
const FIRST_WAIT = 1000;
/**
 * The least that Microsoft Sentinel takes of each operation and subscription.
 * https://learn.microsoft.com/rest/api/securityinsights/request-limits-and-throttling
 */
const SPAN = 5 * 60_000;
const READS: RateLimit = { requests: 100, span: SPAN };
const WRITES: RateLimit = { requests: 75, span: SPAN };

/** A client for one piece of work. */
export const armClient = (options: ArmOptions): ArmClient => new RestArmClient(options);

class RestArmClient implements ArmClient {
  readonly #options: ArmOptions;
  readonly #pipeline: Pipeline;
  #calls = 0;

  constructor(options: ArmOptions) {
    this.#options = options;
    const { credential, endpoints } = options.connection;
    // Sending again is decided here, where the budget and the other work are known. A redirect would take the token along.
    this.#pipeline = createPipelineFromOptions({
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'crosstrail' },
    });
    const scopes = `${endpoints.arm}/.default`;
    this.#pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes }), { phase: 'Sign' });
  }

  get calls(): number {
    return this.#calls;
  }

  get left(): number {
    return Math.max(this.#options.maxCalls - this.#calls, 0);
  }

  send(request: ArmRequest): Promise<ArmAnswer> {
    return this.#send(request, this.#address(request));
  }

  async *pages(request: ArmRequest): AsyncGenerator<readonly Json[]> {
    const met = new Set<string>();
    let url: string | undefined = this.#address(request);
    while (url !== undefined && !met.has(url) && this.left > 0) {
      met.add(url);
      const { body } = await this.#send(request, url);
      yield arrayOf(objectOf(body)?.['value']) ?? [];
      const next = textOf(objectOf(body)?.['nextLink']);
      url = next === undefined ? undefined : this.#next(next, request);
    }
  }

  #address({ path, apiVersion, query }: ArmRequest): string {
    const url = new URL(`${this.#options.connection.endpoints.arm}${path}`);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    url.searchParams.set('api-version', apiVersion);
    return url.href;
  }

  /** Where a list goes on: only at the service itself, for the token goes along. */
  #next(link: string, request: ArmRequest): string {
    const next = URL.parse(secured(link));
    const { arm } = this.#options.connection.endpoints;
    if (next?.origin === new URL(arm).origin) return next.href;
    throw new ArmError(`${named(request)} goes on at another server, ${bounded(next?.host ?? link)}: not followed`);
  }

  async #send(request: ArmRequest, url: string): Promise<ArmAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#sendOnce(request, url);
      } catch (error) {
        const wait = attempt < ATTEMPTS && this.left > 0 ? waitBefore(error, attempt) : undefined;
        if (wait === undefined || this.#options.clock.now() + wait > this.#options.deadline) throw error;
        await this.#options.clock.wait(wait);
      }
    }
  }

  async #sendOnce(request: ArmRequest, url: string): Promise<ArmAnswer> {
    const { clock, connection, deadline } = this.#options;
    const key = operationOf(request);
    await this.#turn(request, key);
    this.#calls++;
    const sent = createPipelineRequest({
      url,
      method: request.method,
      timeout: Math.max(1, Math.min(LONGEST_REQUEST, deadline - clock.now())),
      headers: createHttpHeaders({
        accept: 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(request.etag === undefined ? {} : { 'if-match': quoted(request.etag) }),
      }),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    let answer: PipelineResponse;
    try {
      answer = await this.#pipeline.sendRequest(connection.httpClient, sent);
    } catch (error) {
      throw unanswered(request, error);
    }
    if (answer.status >= 200 && answer.status < 300) return { status: answer.status, body: bodyOf(request, answer) };
    const retryAfter = retryAfterOf(answer, clock.now());
    if (answer.status === 429) this.#options.rates.hold(key, retryAfter ?? FIRST_WAIT);
    throw armError(named(request), answer.status, answer.bodyAsText ?? '', retryAfter);
  }

  /** Waits for a turn under the limits. @throws ArmError where it would come too late, or the calls are used up */
  async #turn(request: ArmRequest, key: string): Promise<void> {
    const { clock, rates, deadline, maxCalls } = this.#options;
    const used = this.left === 0 ? `call of ${maxCalls}` : clock.now() > deadline ? 'time' : undefined;
    if (used !== undefined) {
      const message = `${named(request)} was not sent: no ${used} is left for this piece of work`;
      throw new ArmError(message, { code: OUT_OF_BUDGET });
    }
    const { wait, booked } = rates.book(key, request.method === 'PUT' ? WRITES : READS, deadline);
    if (!booked) {
      const seconds = Math.ceil(wait / 1000);
      const message = `${named(request)} was not sent: the limit of its operation is reached for another ${seconds} s`;
      throw new ArmError(message, { status: 429, code: OWN_LIMIT, retryAfter: wait });
    }
    if (wait > 0) await clock.wait(wait);
  }
}

const named = ({ method, path }: ArmRequest): string => `${method} ${bounded(path)}`;

/** What limits are counted by: the subscription, the method and the types of a path without their names. */
function operationOf({ method, path }: ArmRequest): string {
  const parts = path.toLowerCase().split('/');
  const provider = parts.lastIndexOf('providers');
  const subscription = parts[1] === 'subscriptions' ? (parts[2] ?? '') : '';
  const types =
    provider === -1 ? parts.slice(3) : parts.slice(provider + 1).filter((_, at) => at === 0 || at % 2 === 1);
  return `${subscription} ${method} ${types.join('/')}`;
}

/** Sentinel's tags come with quotation marks and without, as its own examples have it; the header needs them. */
const quoted = (etag: string): string => (/^(?:W\/)?"/.test(etag) || etag === '*' ? etag : `"${etag}"`);

/** @throws ArmError where it is no JSON: a page for people, or cut off; or nests so deep that later steps would run out of stack */
function bodyOf(request: ArmRequest, { status, bodyAsText }: PipelineResponse): Json {
  const text = bodyAsText ?? '';
  if (text === '') return null;
  const body = jsonIn(text);
  if (body !== undefined && !isDeeperThan(body, MAX_DEPTH)) return body;
  const what = body === undefined ? 'is no JSON' : `nests more than ${MAX_DEPTH} deep`;
  throw new ArmError(`${named(request)} was answered by something that ${what}: ${bounded(text.slice(0, 80))}`, {
    status,
  });
}

function jsonIn(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** No answer came, or no token to ask with. The error of a credential may hold more than a log should: only its first line is told. */
function unanswered(request: ArmRequest, error: unknown): ArmError {
  if (error instanceof Error && error.name === 'AbortError') {
    return new ArmError(`${named(request)} was not answered in time`, { code: NO_ANSWER });
  }
  const reason = bounded(error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown');
  return isRestError(error)
    ? new ArmError(`${named(request)} was not answered: ${reason}`, { code: error.code ?? NO_ANSWER })
    : new ArmError(`${named(request)} had no token to be sent with: ${reason}`, { code: NO_TOKEN });
}

/** Milliseconds after which it is worth trying again; undefined where it is not. */
function waitBefore(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof ArmError) || !isAway(error)) return undefined;
  // Without a token the next one needs none either; and who reached the own limit has waited for a turn already.
  if (error.code === NO_TOKEN || error.code === OWN_LIMIT) return undefined;
  return error.retryAfter ?? FIRST_WAIT * 2 ** (attempt - 1);
}

/** Seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterOf({ headers }: PipelineResponse, now: number): number | undefined {
  const exact = headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms');
  if (exact !== undefined && /^\d{1,9}$/.test(exact)) return Number(exact);
  const text = headers.get('retry-after');
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
