import type { Clock } from '../clock.ts';

/** Sessions are renewed this long before they end, so that no request is made with one that ends on the way. */
const EARLY = 5 * 60_000;

/**
 * A provider of credentials that asks another only where it must: until five minutes before they end the same are given, callers at the same time share one request, and what failed is asked again by the
 * next. Clients that are given the same provider share its sessions.
 * @param ask gives credentials; those without an end are kept for good
 */
export function keptCredentials<C extends { readonly expiration?: Date | undefined }, A extends readonly unknown[]>(
  clock: Clock,
  ask: (...options: A) => Promise<C>,
): (...options: A) => Promise<C> {
  let kept: C | undefined;
  let asking: Promise<C> | undefined;
  return (...options) => {
    const ends = kept?.expiration?.getTime() ?? Infinity;
    if (kept !== undefined && ends - EARLY > clock.now()) return Promise.resolve(kept);
    asking ??= ask(...options)
      .then((credentials) => (kept = credentials))
      .finally(() => (asking = undefined));
    return asking;
  };
}
