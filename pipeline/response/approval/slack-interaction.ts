import { z } from 'zod';
import type { Clock } from '../../../platform/clock.ts';
import type { ApprovalSettings } from '../../../platform/configuration/response/approval.ts';
import { parseJson, type Json } from '../../../platform/json.ts';
import type { Queues, Tables } from '../../../platform/storage/ports.ts';
import { shownReason } from './decide.ts';
import { isFirst, refuseSlackCall, type SlackCall, type SlackRefusal } from './slack-signature.ts';

/** Presses of buttons in Slack, verified, that are to be answered. */
export const SLACK_QUEUE = 'slack-answers';

/** Ids of the message's elements: `slack-message.ts` writes them. */
export const SLACK_ACTIONS = {
  approve: 'crosstrail-approve',
  decline: 'crosstrail-decline',
  reason: 'crosstrail-reason',
} as const;

/** A press has a few kilobytes, with the message that it is in. */
const LONGEST_BODY = 256 * 1024;

/** What becomes a message of the queue: signed by Slack, not judged yet. */
export const slackPress = z.object({
  user: z.string().regex(/^[UW][A-Z0-9]{2,20}$/),
  team: z.string().max(32),
  answer: z.enum(['approve', 'decline']),
  token: z.string().max(1024),
  reason: z.string().max(500).optional(),
  /** Where the person who pressed is told what became of it. */
  hook: z.string().max(1024),
});
export type SlackPress = z.infer<typeof slackPress>;

/** What is read of an interaction: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
const interaction = z.object({
  type: z.string(),
  user: z.object({ id: z.string(), team_id: z.string().optional() }),
  team: z.object({ id: z.string() }).nullish(),
  enterprise: z.object({ id: z.string() }).nullish(),
  response_url: z.string().default(''),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })).default([]),
  state: z
    .object({ values: z.record(z.string(), z.record(z.string(), z.object({ value: z.string().nullish() }))) })
    .nullish(),
});

export interface SlackPorts {
  readonly settings: ApprovalSettings;
  readonly clock: Clock;
  readonly tables: Tables;
  readonly queues: Queues;
  /** A secret by the name of its environment variable. */
  readonly secret: (name: string) => string | undefined;
}

/** What Slack is told: an HTTP status, and why. */
export interface SlackAnswer {
  readonly status: 200 | 400 | 401 | 403 | 409 | 413;
  readonly message: string;
}

const REFUSALS: Readonly<Record<SlackRefusal, string>> = {
  unsigned: 'the request is not signed by Slack',
  old: 'the request is more than five minutes away from this clock',
  'not-signed-so': 'the header X-Slack-Signature is not that of this body under the signing secret configured',
};

/**
 * Takes in the press of a button in Slack. Only verifies, notes and queues, for Slack waits three seconds; what becomes of the answer is said in the conversation.
 * @throws whatever storage throws: Slack then shows that it failed, and the person presses again
 */
export async function receiveSlackInteraction(call: SlackCall, ports: SlackPorts): Promise<SlackAnswer> {
  const { slack } = ports.settings;
  const secret = slack === undefined ? '' : (ports.secret(slack.signingSecretVariable) ?? '');
  if (slack === undefined || secret === '') {
    const missing = slack === undefined ? 'response.approval.slack in crosstrail.yaml' : slack.signingSecretVariable;
    return { status: 403, message: `nothing of Slack can be trusted: set ${missing}` };
  }
  if (call.body.length > LONGEST_BODY) return { status: 413, message: `the body has ${call.body.length} bytes` };
  const refused = refuseSlackCall(call, secret, ports.clock.now());
  if (refused !== undefined) return { status: 401, message: REFUSALS[refused] };
  const { data } = interaction.safeParse(payloadOf(call.body));
  if (data === undefined) return { status: 400, message: 'the body is no interaction of Slack' };
  const team = data.user.team_id ?? data.team?.id ?? data.enterprise?.id ?? '';
  if (![team, data.enterprise?.id].includes(slack.team)) {
    return { status: 403, message: 'the workspace is not that of response.approval.slack.team' };
  }
  if (!(await isFirst(ports.tables, call))) return { status: 409, message: 'this very request was taken in before' };
  const press = pressOf(data, slack.team);
  if (press === undefined) return { status: 200, message: '' };
  const { data: message } = slackPress.safeParse(press);
  if (message === undefined) return { status: 400, message: 'the button is none of Crosstrail' };
  await ports.queues.send(SLACK_QUEUE, JSON.stringify(message));
  return { status: 200, message: '' };
}

/** Undefined where nothing of Crosstrail was pressed, such as a link. */
function pressOf({ type, user, actions, state, response_url }: z.infer<typeof interaction>, team: string) {
  const pressed = actions.find(({ action_id: id }) => id === SLACK_ACTIONS.approve || id === SLACK_ACTIONS.decline);
  if (type !== 'block_actions' || pressed === undefined) return undefined;
  const typed = Object.values(state?.values ?? {}).flatMap((block) =>
    Object.hasOwn(block, SLACK_ACTIONS.reason) ? [block[SLACK_ACTIONS.reason]?.value ?? ''] : [],
  );
  return {
    ...{ user: user.id, team, token: pressed.value ?? '', hook: response_url },
    answer: pressed.action_id === SLACK_ACTIONS.approve ? 'approve' : 'decline',
    reason: shownReason(typed[0]),
  };
}

function payloadOf(body: Uint8Array): Json | undefined {
  try {
    return parseJson(new URLSearchParams(new TextDecoder().decode(body)).get('payload') ?? '');
  } catch {
    return undefined;
  }
}
