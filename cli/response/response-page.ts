import type { Action } from '../../playbooks/contract/action.ts';
import type { ChangeRun, Response, Step } from '../../pipeline/response/response.ts';
import { MOST_SHOWN } from '../incidents/section.ts';
import { printable, shownTime, styled } from '../terminal.ts';
import { residualLine } from './plan-line.ts';
import { residualText } from './plan-page.ts';

const DONE: Readonly<Record<ChangeRun['state'], string>> = {
  planned: 'not begun',
  begun: 'begun',
  made: 'in place',
  'taking-back': 'being taken back',
  'taken-back': 'taken back',
  'handed-on': 'left, for another response holds it too',
  lost: 'gone: somebody took it back',
};

/** What became of a response, for people: a part for each of its steps. */
export const responsePage = (response: Response): string =>
  [
    `${styled('bold', response.id)}  ${response.state}  ${printable(response.title)}`,
    ...(response.incident === undefined ? [] : [`for ${printable(response.incident)}`]),
    ...response.steps.flatMap((step) => stepLines(step, response)),
  ].join('\n');

function stepLines(step: Step, response: Response): string[] {
  const { action, state, problem, plan, changes, lease, executed, guards } = step;
  const residual = executed === undefined || state === 'undone' ? [] : (plan?.residual ?? []);
  const lines = [
    `${action}: ${state}${plan === undefined ? '' : `, ${plan.target.kind} ${plan.target.label}`}`,
    ...(problem === undefined ? [] : [`  ${problem}`]),
    ...guards.filter(({ says }) => says !== 'pass').map(({ guard, says, reason }) => `  ${says}  ${guard}: ${reason}`),
    ...changes.slice(0, MOST_SHOWN).map((run) => `  ${changeText(run, step)}`),
    // What could not be undone is not tried again by itself.
    ...(lease === undefined || state === 'undone' || state === 'undo-refused'
      ? []
      : [`  ends by itself at ${shownTime(lease.until)} UTC`]),
    ...residual.map((one) => `  ${residualText(one, executed ?? response.changed)}`),
  ];
  return lines.map((line) => printable(line));
}

function changeText({ change, state, seen }: ChangeRun, step: Step): string {
  // What was seen was seen when it was made.
  if (state === 'taking-back' && step.state === 'undo-refused') return `${change.summary}: not taken back`;
  const found = seen === undefined ? '' : `, seen ${seen.is}${'why' in seen ? `: ${seen.why}` : ''}`;
  return `${change.summary}: ${DONE[state]}${found}`;
}

/** What became of the first step of a response, for machines: one object with the plan, what guards said, and how each change was found. */
export function responseLine(response: Response, actions: ReadonlyMap<string, Action>): object {
  const { id, state, incident, requester, approval, mode } = response;
  const [step, ...others] = response.steps.map((one) => stepLine(one, actions.get(one.action), response));
  return {
    type: 'response',
    response: id,
    responseState: state,
    incident: incident ?? null,
    mode,
    requester,
    approval: approval ?? null,
    ...step,
    ...(others.length > 0 && { others }),
  };
}

function stepLine(step: Step, action: Action | undefined, { changed }: Response): object {
  const { id, action: name, parameters, state, plan, guards, changes, lease, executed, problem } = step;
  return {
    step: id,
    action: name,
    parameters,
    plan:
      plan === undefined
        ? null
        : { ...plan, residual: plan.residual.map((one) => residualLine(one, executed ?? changed)) },
    guards,
    permissions: action?.permissions ?? null,
    state,
    problem: problem ?? null,
    verified: state === 'verified' || state === 'undone',
    verification: changes.map(({ change, state: is, seen }) => ({ change: change.id, state: is, seen: seen ?? null })),
    executed: executed === undefined ? null : new Date(executed).toISOString(),
    lease: lease === undefined ? null : { ...lease, until: new Date(lease.until).toISOString() },
  };
}
