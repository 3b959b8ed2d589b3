import { countText, requesterText } from '../../pipeline/response/approval/approval-text.ts';
import type { ApprovalAnswer, Response, Step } from '../../pipeline/response/response.ts';
import { isLeased } from '../../pipeline/response/states.ts';
import type { Residual } from '../../playbooks/contract/action.ts';
import { residualLine } from '../response/plan-line.ts';
import { residualText } from '../response/plan-page.ts';
import { shownTime } from '../terminal.ts';
import { section } from './section.ts';

/**
 * What responses did, or would do, about an incident, as a part of its page.
 * @param now milliseconds since 1970-01-01T00:00:00Z: what an attacker had until then is not shown any more
 */
export const responseSections = (responses: readonly Response[], now: number): string[] =>
  section('what is done about it', responses, (response) => {
    const { id, mode, state, approval, steps } = response;
    return [
      `${state}  ${requesterText(response)}, mode ${mode}  ${id}`,
      ...(approval?.answers ?? []).map((answer) => `  ${answerText(answer)}`),
      ...(state === 'awaiting-approval' && approval !== undefined
        ? [`  ${countText(approval)}; without an answer it ends at ${shownTime(approval.expires)} UTC`]
        : []),
      ...steps.flatMap((step) => stepLines(step, now).map((line) => `  ${line}`)),
    ];
  });

const answerText = ({ by, answer, reason, at }: ApprovalAnswer): string =>
  `${answer === 'approve' ? 'approved' : 'declined'} by ${by.name} (${by.id}) at ${shownTime(at)} UTC${reason === undefined ? '' : `: ${reason}`}`;

function stepLines(step: Step, now: number): string[] {
  const { action, state, plan, problem, changes, lease } = step;
  return [
    `${action}: ${state}${plan === undefined ? '' : `, ${plan.target.kind} ${plan.target.label}`}`,
    ...changes.map(({ change }) => `  ${change.summary}`),
    ...(lease !== undefined && isLeased(step) ? [`  ends by itself at ${shownTime(lease.until)} UTC`] : []),
    ...(problem === undefined ? [] : [`  ${problem}`]),
    ...openResidual(step, now).map(({ residual, done }) => `  ${residualText(residual, done)}`),
  ];
}

/** What an attacker may still have after a step was done; nothing of one that was undone, after which all of it is open again. */
function openResidual(
  { executed, state, plan }: Step,
  now: number,
): { readonly residual: Residual; readonly done: number }[] {
  if (executed === undefined || state === 'undone') return [];
  const open = (plan?.residual ?? []).filter(({ lasts }) => lasts === undefined || executed + lasts > now);
  return open.map((residual) => ({ residual, done: executed }));
}

/** The same of one response, for machines. @param now as above */
export function incidentResponse(response: Response, now: number): object {
  const { id, incident, playbook, binding, mode, state, requester, created, approval, steps } = response;
  return {
    ...{ id, incident, playbook, binding, mode, state, requester, created: iso(created) },
    approval: approval && {
      ...{ quorum: approval.quorum, expires: iso(approval.expires) },
      answers: approval.answers.map((answer) => ({ ...answer, at: iso(answer.at) })),
    },
    steps: steps.map((step) => stepLine(step, now)),
  };
}

function stepLine(step: Step, now: number): object {
  const { id, action, parameters, state, plan, problem, executed, lease, changes } = step;
  return {
    ...{ id, action, parameters, state, problem, target: plan?.target },
    executed: executed === undefined ? undefined : iso(executed),
    lease: lease !== undefined && isLeased(step) ? iso(lease.until) : undefined,
    changes: changes.map(({ change, state: is, seen }) => ({
      ...{ id: change.id, summary: change.summary, state: is },
      seen: seen && { ...seen, at: iso(seen.at) },
    })),
    residual: openResidual(step, now).map(({ residual, done }) => residualLine(residual, done)),
  };
}

const iso = (time: number): string => new Date(time).toISOString();
