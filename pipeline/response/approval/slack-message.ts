import type { Json } from '../../../platform/json.ts';
import { printable } from '../../../platform/printable.ts';
import type { Response } from '../response.ts';
import { askedSteps, countText, leaseText, residualTexts, spanText } from './approval-text.ts';
import { SLACK_ACTIONS } from './slack-interaction.ts';

/** What a request is answered by. */
export interface SlackHandles {
  /** Of the request as it stands. */
  readonly token: string;
  /** To the page, which shows all; undefined where its address is not known. */
  readonly link: string | undefined;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
}

/** Of the text of one block: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const LONGEST_TEXT = 2900;
const MOST_STEPS = 10;

/** Text that Slack shows as it is: https://docs.slack.dev/messaging/formatting-message-text#escaping */
export const slackText = (text: string): string =>
  printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const section = (lines: readonly string[]): Json => ({
  type: 'section',
  // Plain text: nothing of it is a link, a mention or bold.
  text: { type: 'plain_text', emoji: false, text: cut(lines.map(printable).join('\n')) },
});

const cut = (text: string): string => (text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`);

const button = (id: string, text: string, more: Readonly<Record<string, Json>>): Json => ({
  ...{ type: 'button', action_id: id, text: { type: 'plain_text', text } },
  ...more,
});

/**
 * The blocks of a message that asks for approval, with buttons that carry the signed request. Whoever presses is known by Slack's signature.
 */
export function slackApproval(response: Response, { token, link, now }: SlackHandles): Json[] {
  const { approval, title } = response;
  const steps = askedSteps(response);
  const until =
    approval === undefined ? '' : `${countText(approval)}; ends in ${spanText(Math.max(0, approval.expires - now))}`;
  return [
    { type: 'header', text: { type: 'plain_text', text: printable(`Approve? ${title}`).slice(0, 140) } },
    section([until, ...(response.incident === undefined ? [] : [response.incident])]),
    ...steps.slice(0, MOST_STEPS).map((step) => {
      const { action, plan } = step;
      const changes = (plan?.changes ?? []).slice(0, MOST_STEPS).map(({ summary }) => `• ${summary}`);
      const affects = (plan?.affects ?? []).slice(0, MOST_STEPS);
      const left = residualTexts(step).map((text) => `Stays with an attacker: ${text}`);
      return section([`${action}: ${plan?.target.label ?? ''}`, ...changes, ...affects, ...left, leaseText(step)]);
    }),
    ...(steps.length > MOST_STEPS
      ? [section([`and ${steps.length - MOST_STEPS} more steps; the page shows all`])]
      : []),
    {
      ...{ type: 'input', block_id: SLACK_ACTIONS.reason, optional: true },
      label: { type: 'plain_text', text: 'Reason (needed to decline)' },
      element: { type: 'plain_text_input', action_id: SLACK_ACTIONS.reason, max_length: 500 },
    },
    {
      type: 'actions',
      elements: [
        button(SLACK_ACTIONS.approve, 'Approve', { style: 'primary', value: token }),
        button(SLACK_ACTIONS.decline, 'Decline', { style: 'danger', value: token }),
        ...(link === undefined ? [] : [button('crosstrail-open', 'Show all', { url: link })]),
      ],
    },
  ];
}
