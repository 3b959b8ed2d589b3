import type { Clock } from '../../../platform/clock.ts';
import type { ApprovalSettings } from '../../../platform/configuration/response/approval.ts';
import { parseJson } from '../../../platform/json.ts';
import { entraObjectIdKey, entraUserKey, upnKey } from '../../timeline/entity-keys.ts';
import type { ApprovalResponses } from './approval-endpoint.ts';
import type { ApprovalKey } from './approval-key.ts';
import type { AnsweringPerson } from './decide.ts';
import { entraApproverId } from './entra-approver.ts';
import { readRequestToken, TOKEN_REFUSALS } from './request-token.ts';
import { slackPress, type SlackPress } from './slack-interaction.ts';
import { slackText } from './slack-message.ts';
import { isHook } from './slack-post.ts';

export interface SlackAnswerPorts {
  readonly settings: ApprovalSettings;
  readonly clock: Clock;
  readonly responses: ApprovalResponses;
  /** @throws ConfigurationError where there is none */
  readonly key: () => ApprovalKey;
  /** Posts a message to an address that a press named. */
  readonly say: (hook: string, message: SlackSaid) => Promise<void>;
}

/** https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
export interface SlackSaid {
  /** To whoever pressed, or to all. */
  readonly response_type: 'ephemeral' | 'in_channel';
  readonly replace_original: false;
  readonly text: string;
}

/**
 * Answers a press of a button that was taken in, and says in the conversation what became of it. May be called with the same again.
 * @param message of the queue
 * @returns what could not be said, and why; undefined where all was
 * @throws Error where the message is none of this queue
 */
export async function answerFromSlack(message: string, ports: SlackAnswerPorts): Promise<string | undefined> {
  const press = slackPress.parse(parseJson(message));
  const said = await answered(press, ports);
  const { slack } = ports.settings;
  // The address comes from outside, if signed: nothing is posted to any other host.
  if (slack === undefined || !isHook(press.hook, slack))
    return `the press names another address than ${slack?.hooks ?? 'any'}`;
  try {
    await ports.say(press.hook, { replace_original: false, ...said });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown';
  }
}

async function answered(
  { user, team, answer, token, reason }: SlackPress,
  { settings, clock, responses, key }: SlackAnswerPorts,
): Promise<Omit<SlackSaid, 'replace_original'>> {
  const alone = (text: string) => ({ response_type: 'ephemeral' as const, text: slackText(text) });
  const by = personOf(user, team, settings);
  if (by === undefined) {
    return alone(
      `You (${user}) may not approve from Slack: an administrator names you under response.approval.slack.users.`,
    );
  }
  const claims = readRequestToken(token, key(), clock.now());
  if (typeof claims === 'string') return alone(TOKEN_REFUSALS[claims]);
  if ((await responses.get(claims.response)) === undefined) return alone('There is no such response any more.');
  if (answer === 'decline' && reason === undefined) {
    return alone('Say why in the field above the buttons, and press Decline again.');
  }
  const { planHash, number } = claims;
  const { outcome, why, response } = await responses.answer(claims.response, { planHash, number, by, answer, reason });
  if (outcome !== 'counted' && outcome !== 'decided') return alone(why);
  const did = answer === 'approve' ? 'approved' : `declined (${reason ?? ''})`;
  const open = outcome === 'counted' ? '; more people must approve' : '';
  return { response_type: 'in_channel', text: slackText(`${by.name} ${did}: ${response.title}${open}`) };
}

/** By the configuration alone: nobody is whom a display name or an address in Slack says. */
function personOf(user: string, team: string, { slack, tenant }: ApprovalSettings): AnsweringPerson | undefined {
  const known = slack !== undefined && Object.hasOwn(slack.users, user) ? slack.users[user] : undefined;
  if (known === undefined || tenant === undefined || team !== slack?.team) return undefined;
  const { approver, userPrincipalName } = known;
  const name = userPrincipalName.toLowerCase();
  return {
    ...{ id: entraApproverId(tenant, approver), name, by: 'Slack signature' },
    aliases: [
      ...[entraUserKey(tenant, approver), entraObjectIdKey(approver), approver],
      ...[upnKey(name), name, `slack:${team}/${user}`],
    ],
  };
}
