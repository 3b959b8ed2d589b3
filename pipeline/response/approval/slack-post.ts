import type { ApprovalSettings } from '../../../platform/configuration/response/approval.ts';
import { RestError } from '../../../platform/rest/rest-error.ts';

type SlackSettings = NonNullable<ApprovalSettings['slack']>;

/** Slack says what is wrong in one word, such as `no_service`: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors */
const WORD = /^[a-z_]{1,60}$/;

/** Whether an address is one that messages may be posted to. */
export const isHook = (address: string, { hooks }: SlackSettings): boolean =>
  address.startsWith(`${hooks}/`) && URL.canParse(address);

/** Posts a message to an address that {@link isHook}, which is a secret and stands in no error. @throws RestError with the status, or why there is none */
export async function postToSlack(hook: string, message: object): Promise<void> {
  const answer = await fetch(hook, {
    ...{ method: 'POST', redirect: 'error', signal: AbortSignal.timeout(5000) },
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
  }).catch((error: unknown) => {
    throw new RestError(`Slack did not answer: ${error instanceof Error ? error.name : 'unknown'}`);
  });
  const { status, headers } = answer;
  if (answer.ok) {
    await answer.body?.cancel();
    return;
  }
  const seconds = headers.get('retry-after') ?? '';
  const retryAfter = /^\d{1,5}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
  const word = (await answer.text().catch(() => '')).trim();
  const why = WORD.test(word) ? `: ${word}` : '';
  throw new RestError(`Slack answered with status ${status}${why}`, { status, retryAfter });
}
