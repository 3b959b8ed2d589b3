import { isBusy, RestError } from '../../platform/rest/rest-error.ts';
import { ActionError } from './action-error.ts';

/** What to tell people of a service that refuses. */
export interface RefusalWords {
  /** `cluster aks-shop`. */
  readonly service: string;
  /** What to look at where it does not accept the credential. */
  readonly credential: string;
  /** What to give where the identity lacks a permission. */
  readonly permission: string;
}

/** GitHub answers so where it is asked too often. https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const RATE_LIMIT = /rate limit/i;
/** At least so long, where it does not say how long. */
const RATE_LIMIT_WAIT = 60_000;

/** The error of an action for what a service refused. Its own message stays: it names what was asked, and often what is missing. */
export function refusalOf(error: RestError, { service, credential, permission }: RefusalWords): ActionError {
  const { status = 0, retryAfter } = error;
  const named = `${service}: ${error.message}`;
  if (isBusy(error)) return new ActionError('busy', named, retryAfter);
  // Instead of refusing, some services show a page to sign in, or lead there.
  if (status === 401 || status < 400) return new ActionError('forbidden', `${named}; ${credential}`);
  switch (status) {
    case 403:
      if (retryAfter === undefined && !RATE_LIMIT.test(named)) {
        return new ActionError('forbidden', `${named}; ${permission}`);
      }
      return new ActionError('busy', named, retryAfter ?? RATE_LIMIT_WAIT);
    case 404:
      return new ActionError('absent', named);
    case 409:
      return new ActionError('conflict', named);
    default:
      return new ActionError('failed', named);
  }
}

/** What was asked for. @throws ActionError in place of RestError */
export const asked = <T>(what: Promise<T>, words: RefusalWords): Promise<T> =>
  what.catch((error: unknown) => {
    throw error instanceof RestError ? refusalOf(error, words) : error;
  });

/** What was asked for, or undefined where the service answered with a status that was to be expected. */
export const unless = <T>(what: Promise<T>, ...statuses: readonly number[]): Promise<T | undefined> =>
  what.catch((error: unknown) => {
    if (error instanceof RestError && error.status !== undefined && statuses.includes(error.status)) return undefined;
    throw error;
  });
