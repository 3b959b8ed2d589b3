import type { ZodError } from 'zod';

/** A feed that cannot be used; its message says why. */
export class FeedError extends Error {
  override readonly name = 'FeedError';
}

/** The first few problems of a check, in one line. */
export const problemsOf = (error: ZodError): string =>
  error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.') || '(top)'}: ${message}`)
    .join('; ');
