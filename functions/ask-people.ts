import type { Clock } from '../platform/clock.ts';
import type { Configuration } from '../platform/configuration.ts';
import { approvalKeyOf } from '../pipeline/response/approval/approval-key.ts';
import { approvalLink, claimsOf, requestToken } from '../pipeline/response/approval/request-token.ts';
import { askInSlack } from '../pipeline/response/approval/slack-ask.ts';
import type { ResponsePorts } from '../pipeline/response/ports.ts';
import type { Response } from '../pipeline/response/response.ts';
import type { Services } from './services.ts';

/** What a request is answered by: with a link where the address of the pages is known. */
interface Handles {
  readonly token: string;
  readonly page: string | undefined;
}

/**
 * Tells the log of a response that waits for approval, with a link that is good for it, and Slack where that is configured. Where no link can be made, the log says what is
 * missing: the command approves all the same. Where Slack is away, it is told later.
 */
export function askingPeople(
  { response: { approval } }: Pick<Configuration, 'response'>,
  { log, clock }: { readonly log: Services['log']; readonly clock: Clock },
): NonNullable<ResponsePorts['ask']> {
  return async (asked) => {
    const handles = handlesOf(asked, approval.baseUrl);
    const page = typeof handles === 'string' ? handles : handles.page;
    const how = `crosstrail approvals show ${asked.id}`;
    const none = 'response.approval.baseUrl is not configured, so there is no link';
    log('warning', `Approval is asked for ${asked.id}, ${asked.playbook}: ${how}; ${page ?? none}`);
    if (typeof handles === 'string') return;
    try {
      const secret = (name: string) => process.env[name];
      const { token, page: link } = handles;
      await askInSlack(asked, { token, link, settings: approval, secret, now: clock.now() });
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown';
      log('warning', `Slack was not told of ${asked.id}, which is tried again: ${why}`);
      throw error;
    }
  };
}

/** @returns why there are none, where it is a text */
function handlesOf(asked: Response, baseUrl: string | undefined): Handles | string {
  const claims = claimsOf(asked);
  if (claims === undefined) return 'nobody is asked';
  try {
    const key = approvalKeyOf(process.env);
    const page = baseUrl === undefined ? undefined : approvalLink(`${baseUrl}/api`, claims, key);
    return { token: requestToken(claims, key), page };
  } catch (error) {
    return error instanceof Error ? error.message : 'no link can be made';
  }
}
