import { objectOf, parseJson, textOf, type JsonObject } from '../json.ts';
import { printable } from '../printable.ts';

const MAX_MESSAGE = 400;

/** What Azure Resource Manager refused, or why it could not be asked. */
export interface ArmFailure {
  /** Of HTTP; undefined where there was no answer. */
  readonly status?: number | undefined;
  /** As the service names it: `AuthorizationFailed`, `Conflict`. */
  readonly code?: string | undefined;
  /** Milliseconds after which it may be tried again, where the service said so or a limit of one's own is reached. */
  readonly retryAfter?: number | undefined;
}

/** Thrown where Azure Resource Manager did not do what was asked; its message says what was asked, the reason, and what to do. Holds no token. */
export class ArmError extends Error implements ArmFailure {
  override readonly name = 'ArmError';
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(message: string, { status, code, retryAfter }: ArmFailure = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Whether what was asked for is not there, or not any more. */
export const isAbsent = (error: unknown): error is ArmError =>
  error instanceof ArmError && (error.status === 404 || error.status === 410);

/** Whether somebody else changed what was to be written since it was read. Sentinel says 409 where others say 412. */
export const isConflict = (error: unknown): error is ArmError =>
  error instanceof ArmError && (error.status === 409 || error.status === 412);

/** It was sent, and nothing came back. */
export const NO_ANSWER = 'NoAnswer';
/** Codes of what was not sent. */
export const NO_TOKEN = 'NoToken';
export const OWN_LIMIT = 'OwnLimit';
/** The calls or the time of a piece of work are used up. */
export const OUT_OF_BUDGET = 'OutOfBudget';

/** Whether the service is busy or cannot be reached: whatever is asked, it is to be asked later. */
export const isAway = ({ status, code }: ArmError): boolean =>
  status === undefined ? code !== OUT_OF_BUDGET : status === 408 || status === 429 || (status >= 500 && status !== 501);

/** Describes an answer that is no success. @param what the request, such as `GET /subscriptions/…` */
export function armError(what: string, status: number, text: string, retryAfter?: number): ArmError {
  const { code, message } = reasonOf(text);
  const reason = [code, message].filter((part) => part !== undefined && part !== '').join(': ');
  const advice = ADVICE.get(status);
  return new ArmError(
    `${what} failed with status ${status}${reason === '' ? '' : `: ${reason}`}${advice === undefined ? '' : `; ${advice}`}`,
    { status, code, retryAfter },
  );
}

const ADVICE = new Map([
  [401, 'the token was not accepted: check the tenant and the cloud that are configured'],
  [403, 'the identity lacks a role for this: docs/sentinel.md and docs/assets.md list the roles'],
]);

/** Services answer `{ error: { code, message } }`; what stands before them may answer with a page for people. */
function reasonOf(text: string): { readonly code?: string; readonly message?: string } {
  const error = objectOf(objectOf(opened(text))?.['error']);
  const code = textOf(error?.['code']);
  const message = textOf(error?.['message']);
  return {
    ...(code === undefined ? {} : { code: bounded(code) }),
    ...(message === undefined ? {} : { message: bounded(message) }),
  };
}

function opened(text: string): JsonObject | undefined {
  try {
    return objectOf(parseJson(text));
  } catch {
    return undefined;
  }
}

/** Text of others, short enough and safe to show. */
export const bounded = (text: string): string => printable(text.slice(0, MAX_MESSAGE));
