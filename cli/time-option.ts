import { parseTime } from '../pipeline/sources/shared/time.ts';
import { systemClock } from '../platform/clock.ts';
import { parseDuration } from '../platform/duration.ts';
import { UnusableInputError } from './scan/files.ts';

/**
 * From when on: a time, or a span that ends now.
 * @param text UTC unless it says otherwise, such as `2026-11-20T10:00:00Z`, or `7d`
 * @returns milliseconds since 1970-01-01T00:00:00Z
 * @throws UnusableInputError for anything else
 */
export function sinceOption(text: string): number {
  const span = parseDuration(text);
  const time = span === undefined ? parseTime(text) : systemClock.now() - span;
  if (time !== undefined) return time;
  throw new UnusableInputError(
    `--since: expected a time such as 2026-11-20T10:00:00Z or a span such as 7d, found ${text}`,
  );
}
