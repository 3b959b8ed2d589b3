import type { Action, Plan, Residual } from '../../playbooks/contract/action.ts';
import type { Permissions } from '../../playbooks/contract/permissions.ts';
import type { GuardVerdict } from '../../pipeline/response/response.ts';
import { section } from '../incidents/section.ts';
import { printable, styled } from '../terminal.ts';
import { changePage } from './change-page.ts';
import { spanText } from './span-text.ts';

/** What is shown of a plan. */
export interface PlanView {
  readonly action: Action;
  readonly plan: Plan;
  readonly guards: readonly GuardVerdict[];
  /** How long it is to hold, milliseconds; undefined where there is nothing to end. */
  readonly lasts: number | undefined;
  /** From when on what may remain is counted: milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
}

/** A plan for people: the change as a diff, whom it affects, what guards say, how it ends, and what an attacker may still have. */
export function planPage({ action, plan, guards, lasts, now }: PlanView): string {
  const { target, changes, affects, residual, share } = plan;
  const of = share === undefined ? [] : [`it takes away ${share.of} of ${share.total} ${share.what}`];
  return [
    `${styled('bold', printable(action.title))}  (${action.name})`,
    printable(`${target.kind} ${target.label}  ${target.id}`),
    ...section('what changes', changes.length === 0 ? [undefined] : changes, (change) =>
      change === undefined
        ? [guards.some(({ says }) => says === 'refuse') ? 'nothing' : 'nothing: it is as it should be']
        : changePage(change),
    ),
    ...section('whom it affects', [...affects, ...of], (what) => [what]),
    ...section('guards', guards.length === 0 ? ['none has anything against it'] : guards.map(guardText), (line) => [
      line,
    ]),
    ...section('how it ends', [endText(action, lasts, now)], (what) => [what]),
    ...section('what an attacker may still hold', residual, (one) => [remainsText(one, now)]),
    ...section('permissions needed', permissionLines(action.permissions), (line) => [line]),
  ].join('\n');
}

const guardText = ({ guard, says, reason }: GuardVerdict): string => `${says.padEnd(6)}  ${guard}: ${reason}`;

function endText({ reversibility, lease }: Action, lasts: number | undefined, now: number): string {
  const undo = {
    reversible: 'it can be taken back whole',
    partly: 'it can be taken back in part',
    irreversible: 'it cannot be taken back',
  }[reversibility];
  if (lasts === undefined || lease === undefined) return `${undo}; nothing ends by itself`;
  return `after ${spanText(lasts)}, at ${timeText(now + lasts, now)}, by itself unless extended; ${undo}`;
}

/** What an attacker may still have, and until when. @param now when it was done, or would be: milliseconds since 1970-01-01T00:00:00Z */
export const residualText = (residual: Residual, now: number): string =>
  `an attacker may hold ${remainsText(residual, now)}`;

const remainsText = ({ what, lasts }: Residual, now: number): string =>
  `${lasts === undefined ? 'without end' : `until ${timeText(now + lasts, now)}`}: ${what}`;

/** Hours and minutes in UTC, with the day where it is another than that of `now`. */
export function timeText(time: number, now: number): string {
  const [day = '', clock = ''] = new Date(time).toISOString().split('T');
  const today = new Date(now).toISOString().startsWith(day);
  return `${today ? '' : `${day} `}${clock.slice(0, 5)} UTC`;
}

/** What an action needs, a line each. */
export function permissionLines(permissions: Permissions): string[] {
  const { azure = [], graph = [], aws = [], kubernetes = [], gcp = [], others = [], notes = [] } = permissions;
  return [
    ...azure.map((name) => `Azure: ${name}`),
    ...graph.map((name) => `Microsoft Graph: ${name}`),
    ...aws.flatMap(({ actions, resources }) => actions.map((name) => `AWS: ${name} on ${resources.join(', ')}`)),
    ...kubernetes.map(
      ({ apiGroups, resources, verbs }) =>
        `Kubernetes: ${verbs.join(', ')} ${resources.join(', ')}${apiGroups.some((group) => group !== '') ? ` (${apiGroups.join(', ')})` : ''}`,
    ),
    ...gcp.map((name) => `Google Cloud: ${name}`),
    ...others,
    ...notes.map((note) => `note: ${note}`),
  ];
}
