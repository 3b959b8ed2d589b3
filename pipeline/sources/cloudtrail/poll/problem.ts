import { accountOf } from './bookmark.ts';
import type { PollTarget } from './connection.ts';

const LONGEST_MESSAGE = 300;

/** What went wrong at a step that is not a request: said in full by its message. */
export class PollStepError extends Error {
  override readonly name = 'PollStepError';
}

/** Names a target for people. */
export function nameOf(target: PollTarget): string {
  const account = accountOf(target);
  const who = account ?? (target.profile === undefined ? 'of the default credentials' : `of profile ${target.profile}`);
  return `AWS account ${who} in ${target.region}`;
}

const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation']);
const CREDENTIALS = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
const THROTTLED = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestThrottled',
]);
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'TimeoutError']);

/** True where the same request may succeed a little later. */
export const isTransient = (error: unknown): boolean => isThrottled(error) || isServerFault(error) || isNetwork(error);

/** True where a chain of pages has to begin again. */
export const isStaleToken = (error: unknown): boolean => nameOfError(error) === 'InvalidNextTokenException';

const isThrottled = (error: unknown): boolean => THROTTLED.has(nameOfError(error));
const isNetwork = (error: unknown): boolean => NETWORK.has(nameOfError(error)) || NETWORK.has(property(error, 'code'));
const isServerFault = (error: unknown): boolean => property(error, '$fault') === 'server';

const nameOfError = (error: unknown): string => (error instanceof Error ? error.name : '');

function property(error: unknown, name: 'code' | '$fault'): string {
  if (typeof error !== 'object' || error === null || !(name in error)) return '';
  const value = (error as Partial<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : '';
}

/** Says what kept a target from being read, where, and what to do. */
export function explain(error: unknown, target: PollTarget): string {
  const where = nameOf(target);
  if (error instanceof PollStepError) return `CloudTrail, ${where}: ${error.message}`;
  const message = (error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error').slice(
    0,
    LONGEST_MESSAGE,
  );
  return `CloudTrail, ${where}: the event history could not be read (${message}). ${adviceFor(error, target)}`;
}

function adviceFor(error: unknown, { roleArn, profile, region }: PollTarget): string {
  const name = nameOfError(error);
  const identity = roleArn ?? (profile === undefined ? 'the credentials in use' : `profile ${profile}`);
  if (DENIED.has(name)) {
    const assume =
      roleArn === undefined ? '' : `, and let the caller assume the role (sts:AssumeRole, and its external id)`;
    return `Give ${identity} the IAM permission cloudtrail:LookupEvents${assume}.`;
  }
  if (CREDENTIALS.has(name))
    return `Renew the credentials of ${identity}, and see that ${region} is enabled for the account.`;
  if (name === 'CredentialsProviderError') {
    return 'Set credentials as the AWS SDK reads them (environment, profile or instance role), or name a profile or a roleArn.';
  }
  if (isThrottled(error)) {
    return 'Others call LookupEvents in this account and region too; the next run goes on where this one stopped.';
  }
  if (isNetwork(error)) return `See that ${region} is a region and that its endpoint can be reached from here.`;
  return 'The next run tries again from where this one stopped.';
}
