import { AwsAccessError } from '../../platform/aws/access-error.ts';
import { objectOf } from '../../platform/json.ts';
import { printable } from '../../platform/printable.ts';
import { ActionError, type ActionErrorKind } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';

const ATTEMPTS = 4;
/** Doubled each time. */
const FIRST_WAIT = 500;
const LONGEST_REQUEST = 20_000;
const LONGEST_REASON = 300;

/** What is asked, for messages. */
export interface Asked {
  /** As IAM names it: `iam:UpdateAccessKey`. */
  readonly permission: string;
  readonly what: string;
}

/**
 * Asks AWS: again where it is busy and the time allows. Only for requests that may be sent again where nothing is known of the first time.
 * @throws ActionError; of kind `conflict` where somebody else was there first (a lock token, a rule number)
 */
export async function ask<T>(
  { clock, deadline }: ActionContext,
  asked: Asked,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const left = deadline - clock.now();
    if (left <= 0) throw new ActionError('busy', `${asked.permission} was not asked: no time is left for it`);
    try {
      return await send({ abortSignal: AbortSignal.timeout(Math.min(left, LONGEST_REQUEST)) });
    } catch (error) {
      const refusal = actionError(error, asked);
      const wait = FIRST_WAIT * 2 ** (attempt - 1);
      if (refusal.kind !== 'busy' || attempt >= ATTEMPTS || clock.now() + wait > deadline) throw refusal;
      await clock.wait(wait);
    }
  }
}

/** The result, or undefined where the thing is not there. */
export async function orAbsent<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof ActionError && error.kind === 'absent') return undefined;
    throw error;
  }
}

/** Codes without `Exception` at the end, which some services add. */
const KINDS: Readonly<Record<string, ActionErrorKind>> = {
  AccessDenied: 'forbidden',
  UnauthorizedOperation: 'forbidden',
  NotAuthorized: 'forbidden',
  InvalidClientTokenId: 'forbidden',
  UnrecognizedClient: 'forbidden',
  SignatureDoesNotMatch: 'forbidden',
  AuthFailure: 'forbidden',
  ExpiredToken: 'forbidden',
  CredentialsProviderError: 'forbidden',
  NoSuchEntity: 'absent',
  'InvalidNetworkAclID.NotFound': 'absent',
  'InvalidNetworkAclEntry.NotFound': 'absent',
  WAFNonexistentItem: 'absent',
  UnmodifiableEntity: 'unsuitable',
  PolicyNotAttachable: 'unsuitable',
  LimitExceeded: 'unsuitable',
  NetworkAclEntryLimitExceeded: 'unsuitable',
  WAFLimitsExceeded: 'unsuitable',
  NetworkAclEntryAlreadyExists: 'conflict',
  WAFOptimisticLock: 'conflict',
  EntityTemporarilyUnmodifiable: 'busy',
  ConcurrentModification: 'busy',
  Throttling: 'busy',
  RequestLimitExceeded: 'busy',
  TooManyRequests: 'busy',
  RequestThrottled: 'busy',
  PriorRequestNotComplete: 'busy',
  WAFUnavailableEntity: 'busy',
  RequestTimeout: 'busy',
};

const ADVICE: Partial<Readonly<Record<ActionErrorKind, (asked: Asked) => string>>> = {
  forbidden: ({ permission }) =>
    `. Check that the role which acts is allowed ${permission} there, and that no policy of the organization denies it`,
  busy: () => '. It may be tried again',
};

function actionError(error: unknown, asked: Asked): ActionError {
  if (error instanceof ActionError) return error;
  if (error instanceof AwsAccessError) return new ActionError(error.isBusy ? 'busy' : 'forbidden', error.message);
  const code = error instanceof Error ? error.name.replace(/Exception$/, '') : 'unknown';
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
  const kind = kindOf(error, code);
  const reason = printable(`${code}: ${message}`.slice(0, LONGEST_REASON));
  return new ActionError(kind, `${asked.permission} of ${asked.what} failed: ${reason}${ADVICE[kind]?.(asked) ?? ''}`);
}

function kindOf(error: unknown, code: string): ActionErrorKind {
  const known = Object.hasOwn(KINDS, code) ? KINDS[code] : undefined;
  if (known !== undefined) return known;
  const status = objectOf(objectOf(error)?.['$metadata'])?.['httpStatusCode'];
  // What has no status was never answered.
  if (typeof status !== 'number' || status >= 500 || status === 429 || status === 408) return 'busy';
  return status === 403 ? 'forbidden' : 'failed';
}
