/** Texts about approvals that the page, the command and chats share. */
import { printable } from '../../../platform/printable.ts';
import type { ApprovalRequest, GuardVerdict, Response, Step } from '../response.ts';

/** UTC, to the second. */
export const timeText = (time: number): string => `${new Date(time).toISOString().replace('T', ' ').slice(0, 19)} UTC`;

/** A span in its largest unit, two where it is not whole: `1 h 30 min`. @param span milliseconds */
export function spanText(span: number): string {
  const minutes = Math.max(1, Math.round(span / 60_000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(minutes / 1440), 'd'],
    [Math.floor((minutes % 1440) / 60), 'h'],
    [minutes % 60, 'min'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .slice(0, 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** How many approved: `1 of 2 approved`. */
export const countText = ({ answers, quorum }: ApprovalRequest): string =>
  `${answers.filter(({ answer }) => answer === 'approve').length} of ${quorum} approved`;

/** Who asks, for people. */
export const requesterText = ({ requester, playbook }: Pick<Response, 'requester' | 'playbook'>): string =>
  requester.startsWith('binding:')
    ? `playbook ${playbook}, by binding ${requester.slice('binding:'.length)}`
    : `playbook ${playbook}, asked for by ${requester}`;

/** Guards that have something to say. */
export const speakingGuards = ({ guards }: Step): readonly GuardVerdict[] =>
  guards.filter(({ says }) => says !== 'pass');

/** How long a step holds and how it ends. */
export function leaseText({ lasts, plan }: Step): string {
  const undo = plan?.changes.some(({ undo: how }) => how !== undefined) ?? false;
  if (!undo) return 'It cannot be undone.';
  return lasts === undefined
    ? 'It stays until somebody undoes it.'
    : `It is undone by itself after ${spanText(lasts)}.`;
}

/** What an attacker may still have, with how long. */
export const residualTexts = ({ plan }: Step): readonly string[] =>
  (plan?.residual ?? []).map(({ what, lasts }) =>
    lasts === undefined ? printable(what) : `${printable(what)} (up to ${spanText(lasts)})`,
  );

/** The steps that people are asked about. */
export const askedSteps = ({ steps }: Response): readonly Step[] => steps.filter(({ state }) => state === 'planned');
