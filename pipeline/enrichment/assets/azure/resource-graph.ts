import type { QueryRequest, ResourceGraphClient } from '@azure/arm-resourcegraph';
import type { AzureConnection } from '../../../../platform/azure/connection.ts';
import type { Clock } from '../../../../platform/clock.ts';
import { isObject, type JsonObject } from '../../../../platform/json.ts';

/** Where is asked: subscriptions or management groups; everywhere that may be read where it is neither. */
export interface GraphScope {
  readonly subscriptions?: readonly string[] | undefined;
  readonly managementGroups?: readonly string[] | undefined;
}

/** Asks Azure Resource Graph. */
export interface ResourceGraph {
  /**
   * All rows of a query.
   * @throws GraphError
   */
  rows(query: string, scope: GraphScope): Promise<JsonObject[]>;
}

/** Thrown where a question was not answered; its message says by whom it was refused and why. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  /** Whether asking for less, or as somebody else, is needed: asking again helps nothing. */
  readonly refused: boolean;

  constructor(message: string, refused: boolean) {
    super(message);
    this.refused = refused;
  }
}

/** The most that one page may have, and the least that is tried where rows are too large. */
const PAGE = 1000;
const SMALLEST_PAGE = 50;
const MOST_ROWS = 1_000_000;
/** No run waits longer than this for its quota at once: milliseconds. */
const LONGEST_WAIT = 30_000;

export interface GraphPorts {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds before the first repetition of what failed; the SDK's own where undefined. */
  readonly retryDelay?: number | undefined;
}

/**
 * Connects to Resource Graph with the SDK, which is loaded now. It repeats what was throttled (429, `Retry-After`) or failed; and waits by itself
 * where the quota of the caller is used up (`x-ms-user-quota-remaining`).
 * https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
 */
export async function connectResourceGraph(
  { endpoints, credential, httpClient }: AzureConnection,
  ports: GraphPorts,
): Promise<ResourceGraph> {
  const { ResourceGraphClient } = await import('@azure/arm-resourcegraph');
  const client = new ResourceGraphClient(credential, {
    endpoint: endpoints.arm,
    httpClient,
    credentials: { scopes: [`${endpoints.arm}/.default`] },
    retryOptions: { maxRetries: 5, ...(ports.retryDelay !== undefined && { retryDelayInMs: ports.retryDelay }) },
  });
  const quota = new Quota(ports);
  return { rows: (query, scope) => allRows(client, query, scope, quota, ports.signal) };
}

async function allRows(
  client: ResourceGraphClient,
  query: string,
  { subscriptions, managementGroups }: GraphScope,
  quota: Quota,
  signal: AbortSignal | undefined,
): Promise<JsonObject[]> {
  const rows: JsonObject[] = [];
  let top = PAGE;
  for (let skipToken: string | undefined; ;) {
    const request: QueryRequest = {
      query,
      ...(subscriptions !== undefined && { subscriptions: [...subscriptions] }),
      ...(managementGroups !== undefined && { managementGroups: [...managementGroups] }),
      options: {
        top,
        resultFormat: 'objectArray',
        authorizationScopeFilter: 'AtScopeAboveAndBelow',
        ...(skipToken !== undefined && { skipToken }),
      },
    };
    await quota.turn();
    try {
      const answer = await client.resources(request, {
        onResponse: ({ headers }) => quota.learn((name) => headers.get(name)),
        ...(signal !== undefined && { abortSignal: signal }),
      });
      const { resultTruncated, skipToken: next } = answer;
      for (const row of listOf(answer.data)) rows.push(row);
      if (next === undefined || next === '') {
        if (resultTruncated === 'true')
          throw new GraphError('Resource Graph left out rows and gave no way to the rest', false);
        return rows;
      }
      if (rows.length > MOST_ROWS)
        throw new GraphError(`more than ${MOST_ROWS} rows: ask for fewer subscriptions`, true);
      skipToken = next;
    } catch (error) {
      const problem = problemOf(error);
      if (!problem.message.includes('ResponsePayloadTooLarge') || top <= SMALLEST_PAGE) throw problem;
      top = Math.max(SMALLEST_PAGE, Math.floor(top / 4));
    }
  }
}

/** @throws GraphError where the answer is not rows */
function listOf(data: unknown): readonly JsonObject[] {
  if (!Array.isArray(data)) throw new GraphError('Resource Graph answered with something else than rows', false);
  return data.filter(isObject);
}

/** What went wrong, in the service's own words: codes and messages, which hold no secret. */
function problemOf(error: unknown): GraphError {
  if (error instanceof GraphError) return error;
  if (!(error instanceof Error)) return new GraphError('unknown error', false);
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
  const refused = status !== undefined && status >= 400 && status < 500 && status !== 429 && status !== 408;
  const details = 'details' in error ? codesIn(error.details) : '';
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  const text = `${code}${details}${error.message}`.replaceAll(/\s+/g, ' ').slice(0, 300);
  return new GraphError(`Resource Graph${status === undefined ? '' : ` (${status})`}: ${text}`, refused);
}

/** The codes of the details of an error, which say more than its own. */
function codesIn(details: unknown): string {
  const error = isObject(details) && isObject(details['error']) ? details['error'] : undefined;
  const list = Array.isArray(error?.['details']) ? error['details'] : [];
  const codes = list.flatMap((each) => (isObject(each) && typeof each['code'] === 'string' ? [each['code']] : []));
  return codes.length === 0 ? '' : `${codes.slice(0, 5).join(', ')}: `;
}

/** How many more questions may be asked before when. */
class Quota {
  readonly #ports: GraphPorts;
  #remaining = 1;
  #resets = 0;

  constructor(ports: GraphPorts) {
    this.#ports = ports;
  }

  learn(header: (name: string) => string | undefined): void {
    const remaining = Number(header('x-ms-user-quota-remaining') ?? NaN);
    const after = /^(\d{1,2}):(\d{2}):(\d{2})/.exec(header('x-ms-user-quota-resets-after') ?? '');
    if (!Number.isInteger(remaining) || after === null) return;
    const [, hours, minutes, seconds] = after.map(Number);
    const wait = ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000;
    this.#remaining = remaining;
    this.#resets = this.#ports.clock.now() + Math.min(wait, LONGEST_WAIT);
  }

  /** Waits until a question may be asked. */
  async turn(): Promise<void> {
    const { clock, signal } = this.#ports;
    const wait = this.#resets - clock.now();
    if (this.#remaining <= 0 && wait > 0) await clock.wait(wait, signal);
    this.#remaining = 1;
  }
}
