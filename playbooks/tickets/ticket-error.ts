import { isBusy, RestError } from '../../platform/rest/rest-error.ts';
import { ActionError } from '../contract/action-error.ts';

/** What is known of a service that refuses. */
export interface Refusable {
  /** `Jira`. */
  readonly service: string;
  /** What is not accepted with 401: `JIRA_USER and JIRA_TOKEN`. */
  readonly credential: string;
  /** What is missing with 403: `permission to create issues in the project SEC`. */
  readonly permission: string;
}

/** GitHub says with 403 that it is asked too often. https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const RATE_LIMIT = /rate limit/i;
/** At least so long, where it does not say how long. */
const SECONDARY_LIMIT = 60_000;

/**
 * Asks a service.
 * @throws ActionError in place of RestError
 */
export async function asked<T>(what: Promise<T>, of: Refusable): Promise<T> {
  try {
    return await what;
  } catch (error) {
    throw error instanceof RestError ? actionError(error, of) : error;
  }
}

function actionError(error: RestError, { service, credential, permission }: Refusable): ActionError {
  const { status = 0, message, retryAfter } = error;
  if (isBusy(error)) return new ActionError('busy', message, retryAfter);
  if (status === 403 && (retryAfter !== undefined || RATE_LIMIT.test(message))) {
    return new ActionError('busy', message, retryAfter ?? SECONDARY_LIMIT);
  }
  // Instead of refusing, some services show a page to sign in, or lead there.
  if (status === 401 || status < 400) {
    return new ActionError('forbidden', `${service} does not accept the credential in ${credential}: ${message}`);
  }
  if (status === 403) return new ActionError('forbidden', `${service} wants ${permission}: ${message}`);
  return new ActionError(status === 404 ? 'absent' : 'failed', message);
}

/** The answer, or undefined where the service says that there is no such thing, or that it went elsewhere. */
export async function orGone<T>(what: Promise<T>): Promise<T | undefined> {
  try {
    return await what;
  } catch (error) {
    if (error instanceof RestError && [301, 404, 410].includes(error.status ?? 0)) return undefined;
    throw error;
  }
}
