import { ActionError } from '../../../playbooks/contract/action-error.ts';
import type { ApprovalSettings } from '../../../platform/configuration/response/approval.ts';
import { RestError } from '../../../platform/rest/rest-error.ts';
import type { Response } from '../response.ts';
import { slackApproval, slackText, type SlackHandles } from './slack-message.ts';
import { isHook, postToSlack } from './slack-post.ts';

/** What a request is made with. */
export interface SlackRequest extends SlackHandles {
  readonly settings: ApprovalSettings;
  /** A secret by the name of its environment variable. */
  readonly secret: (name: string) => string | undefined;
}

/**
 * Asks in Slack, where a webhook is configured for that. The same may be posted again: an answer to either counts once.
 * @throws ActionError of kind `busy`, whatever is the matter: people are to be told later
 */
export async function askInSlack(response: Response, { settings, secret, ...shown }: SlackRequest): Promise<void> {
  const { slack } = settings;
  if (slack?.webhookVariable === undefined) return;
  const hook = (secret(slack.webhookVariable) ?? '').trim();
  if (!isHook(hook, slack)) {
    const found = hook === '' ? 'is not set' : 'holds something else';
    throw new ActionError('busy', `${slack.webhookVariable} ${found}: expected an address below ${slack.hooks}`);
  }
  try {
    const text = slackText(`Approve? ${response.title}`).slice(0, 500);
    await postToSlack(hook, { text, blocks: slackApproval(response, shown) });
  } catch (error) {
    if (error instanceof RestError) throw new ActionError('busy', error.message, error.retryAfter);
    throw error;
  }
}
