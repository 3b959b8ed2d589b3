import type { NetworkManagementClient } from '@azure/arm-network';
import { isRestError, type HttpClient, type RestError } from '@azure/core-rest-pipeline';
import { printable } from '../../platform/printable.ts';
import { Limiter } from '../../platform/limiter.ts';
import { ActionError } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';

/** Where a resource lies, from its checked ARM id. */
export interface ArmPlace {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** @param id of a resource that lies in no other resource, as `armIdParameter` gives it */
export function armPlace(id: string): ArmPlace {
  const [, , subscription = '', , resourceGroup = '', , , , name = ''] = id.split('/');
  return { subscription, resourceGroup, name };
}

/** What is asked of the service, for messages. */
export interface Asked {
  /** `reading the network security group nsg-web`. */
  readonly what: string;
  /** The action of Azure RBAC that it needs. */
  readonly permission: string;
}

/** Options that all requests through the SDK take. */
export interface RequestOptions {
  readonly abortSignal: AbortSignal;
  readonly requestOptions: { readonly timeout: number; readonly headers: Record<string, string> };
}

const ATTEMPTS = 4;
const LONGEST_REQUEST = 30_000;
/** Where the service does not say how long to wait: doubled each time. */
const FIRST_WAIT = 500;
const LONGEST_REASON = 300;

/**
 * A client for one piece of work. It sends nothing again by itself: how long that may go on is known here alone. Where the service names another server to go on at, it is not
 * followed: the token would go along.
 */
export async function networkClient(subscription: string, context: ActionContext): Promise<NetworkManagementClient> {
  const { credential, endpoints, httpClient } = await context.connections.azure();
  const { NetworkManagementClient } = await import('@azure/arm-network');
  const { host } = new URL(endpoints.arm);
  const atHome: HttpClient = {
    sendRequest: (request) =>
      new URL(request.url).host === host
        ? httpClient.sendRequest(request)
        : Promise.reject(new Error('it goes on at another server, which is not followed')),
  };
  return new NetworkManagementClient(credential, subscription, {
    endpoint: endpoints.arm,
    credentials: { scopes: [`${endpoints.arm}/.default`] },
    httpClient: atHome,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'crosstrail' },
  });
}

/** Asks once. @throws ActionError */
export async function askOnce<T>(
  asked: Asked,
  context: ActionContext,
  work: (options: RequestOptions) => Promise<T>,
  headers: Record<string, string> = {},
): Promise<T> {
  const left = context.deadline - context.clock.now();
  if (left <= 0) throw new ActionError('busy', `No time was left for ${asked.what}`);
  const timeout = Math.min(left, LONGEST_REQUEST);
  try {
    return await work({ abortSignal: AbortSignal.timeout(timeout), requestOptions: { timeout, headers } });
  } catch (error) {
    throw actionError(asked, error, context.clock.now());
  }
}

/** Asks for what changes nothing, again where the service is busy and the time allows. @throws ActionError */
export async function ask<T>(
  asked: Asked,
  context: ActionContext,
  work: (options: RequestOptions) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await askOnce(asked, context, work);
    } catch (error) {
      if (attempt === ATTEMPTS || !(await worthAnother(error, attempt, context))) throw error;
    }
  }
}

/** Waits before another attempt. @returns whether there is to be one: what was done, and by when, allow it */
export async function worthAnother(error: unknown, attempt: number, context: ActionContext): Promise<boolean> {
  if (!(error instanceof ActionError) || (error.kind !== 'busy' && error.kind !== 'conflict')) return false;
  const wait = error.retryAfter ?? FIRST_WAIT * 2 ** (attempt - 1);
  if (context.clock.now() + wait >= context.deadline) return false;
  await context.clock.wait(wait);
  return true;
}

const turns = new Map<string, Limiter>();

/** Changes of one resource, one after the other within this process: the service takes no two at once. @param id of the resource */
export function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
  const key = id.toLowerCase();
  const turn = turns.get(key) ?? new Limiter(1);
  turns.set(key, turn);
  return turn.run(work);
}

/** Somebody else took the place between reading and writing. */
const CONFLICTS = new Set(['SecurityRuleConflict']);

/** What the service's refusal means, and what to do. */
function actionError({ what, permission }: Asked, error: unknown, now: number): Error {
  if (error instanceof ActionError) return error;
  if (!(error instanceof Error)) return new ActionError('failed', `${what} failed`);
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    return new ActionError('busy', `No answer came in time to ${what}`);
  }
  if (!isRestError(error)) {
    // Operations that are polled fail with plain errors.
    if (error.name === 'Error') return new ActionError('failed', `${what} failed: ${shown(error.message)}`);
    // Credentials fail with errors of their own, of which only the first line is fit to be told.
    if (!/Credential|Authentication/.test(error.name)) return error;
    return new ActionError('busy', `There was no token for ${what}: ${shown(error.message.split('\n')[0] ?? '')}`);
  }
  const { statusCode: status, code = '' } = error;
  const reason = shown(`${code === '' ? '' : `${code}: `}${error.message}`);
  if (status === undefined) return new ActionError('busy', `No answer came to ${what}: ${reason}`);
  if (status === 412 || CONFLICTS.has(code))
    return new ActionError('conflict', `Something else changed while ${what}: ${reason}`);
  if (status === 409 || status === 408 || status === 429 || status >= 500) {
    return new ActionError('busy', `The service is busy and did not do ${what}: ${reason}`, retryAfterOf(error, now));
  }
  if (status === 401) {
    return new ActionError(
      'forbidden',
      `The token was not accepted for ${what}: check the tenant and the cloud (${reason})`,
    );
  }
  if (status === 403) {
    return new ActionError('forbidden', `The identity may not do ${what}: it needs ${permission} (${reason})`);
  }
  if (status === 404) return new ActionError('absent', `Nothing was found on ${what}: ${reason}`);
  return new ActionError('failed', `${what} was refused: ${reason}`);
}

const shown = (text: string): string => printable(text.slice(0, LONGEST_REASON));

/** Milliseconds. Seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterOf({ response }: RestError, now: number): number | undefined {
  const text = response?.headers.get('retry-after');
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
