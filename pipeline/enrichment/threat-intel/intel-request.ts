import type { IntelSourceSettings } from '../../../platform/configuration/threat-intel.ts';
import { FeedError } from '../feed-error.ts';

/**
 * The headers by which a server is told who asks.
 * @throws FeedError naming the variable that holds no secret
 */
export function authorizationHeaders(
  authorization: IntelSourceSettings['authorization'],
  environment: NodeJS.ProcessEnv,
): Readonly<Record<string, string>> {
  if (authorization === undefined) return {};
  const secret = environment[authorization.environment];
  if (secret === undefined || secret === '') {
    throw new FeedError(
      `the environment variable ${authorization.environment}, which is to hold its secret, is not set`,
    );
  }
  switch (authorization.scheme) {
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${authorization.user}:${secret}`).toString('base64')}` };
    case 'bearer':
      return { authorization: `Bearer ${secret}` };
    case 'header':
      return { [authorization.header.toLowerCase()]: secret };
  }
}
