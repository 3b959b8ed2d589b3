import type { Clock } from '../../platform/clock.ts';
import type { RetryOptions } from './registrations.ts';

/**
 * Runs something under a function's retry policy: `fixedDelay` or `exponentialBackoff`, for ever where the count is -1. As in Azure, only the
 * process that runs it counts the attempts.
 * @param attempt gets the number of retries before it, from 0
 * @returns whether it succeeded; false also where `stop` came first
 */
export async function withRetries(
  policy: RetryOptions | undefined,
  attempt: (retryCount: number) => Promise<void>,
  { clock, stop, failed }: { clock: Clock; stop: AbortSignal; failed: (error: unknown, retryCount: number) => void },
): Promise<boolean> {
  const most = policy?.maxRetryCount ?? 0;
  for (let retryCount = 0; !stop.aborted; retryCount++) {
    try {
      await attempt(retryCount);
      return true;
    } catch (error) {
      failed(error, retryCount);
      if (most >= 0 && retryCount >= most) return false;
      await clock.wait(delay(policy, retryCount), stop);
    }
  }
  return false;
}

/** Milliseconds before the next attempt. */
function delay(policy: RetryOptions | undefined, retryCount: number): number {
  if (policy?.retryStrategy !== 'exponentialBackoff') return (policy?.delayInterval?.seconds ?? 0) * 1000;
  const least = (policy.minimumInterval?.seconds ?? 1) * 1000;
  const longest = (policy.maximumInterval?.seconds ?? 60) * 1000;
  return Math.min(longest, least * 2 ** Math.min(retryCount, 20));
}
