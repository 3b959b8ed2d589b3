import { planHashOf } from '../../playbooks/contract/hashes.ts';
import { ActionError } from '../../playbooks/contract/action-error.ts';
import type { Plan } from '../../playbooks/contract/action.ts';
import { printable } from '../../platform/printable.ts';
import { StorageLimitError } from '../../platform/storage/limits.ts';
import { askGuards } from './guards/ask-guards.ts';
import { guardedPlan } from './guards/guarded-plan.ts';
import { heldByOthers } from './holders.ts';
import { recentWork } from './recent-work.ts';
import type { Draft } from './response-store.ts';
import type { ApprovalRequest, GuardVerdict, Response, Step } from './response.ts';
import { isUntried, plannedHash } from './states.ts';
import { actionOf, asked, contextOf, delay, setStep, stepOf, type Failure, type Work } from './work.ts';

/** Each change is written by itself, but all targets of a plan are entered at once, and their evidence with them: more do not fit into one transaction. */
const MOST_CHANGES = 80;
const LONGEST_LABEL = 200;

/** Plans the steps that are new, one by one, and asks people where they are to be asked. */
export async function planSteps(work: Work, response: Response): Promise<Response> {
  const now = work.ports.clock.now();
  let current = response;
  for (const step of response.steps) {
    if (step.state !== 'new' || (step.delayed !== undefined && step.delayed.until > now)) continue;
    const plan = await asked(() => planOf(work, step), step.delayed?.attempts ?? 0);
    current = await unlessTooLarge(
      () => work.claim.change((draft) => notePlan(work, draft, step.id, plan)),
      (problem) => work.claim.change((draft) => notePlan(work, draft, step.id, { problem })),
    );
  }
  return current;
}

/** Writes what is planned; where it does not fit into storage, notes that as the problem: tried again, it would be as large. */
export async function unlessTooLarge(
  write: () => Promise<Response>,
  note: (problem: string) => Promise<Response>,
): Promise<Response> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof StorageLimitError)) throw error;
    return note('what it would change is too much to be kept with the rest of the response: do it in parts');
  }
}

/** Plans a step, within bounds. Reads only. @throws ActionError */
export async function planOf(work: Work, step: Step): Promise<Plan> {
  const { ownEgress } = work.ports;
  const plan = await guardedPlan(actionOf(work, step), step.parameters, contextOf(work, step), ownEgress);
  const { length } = plan.changes;
  if (length <= MOST_CHANGES) return plan;
  throw new ActionError(
    'unsuitable',
    `${step.action} would make ${length} changes of ${printable(plan.target.label.slice(0, LONGEST_LABEL))} at once, and ${MOST_CHANGES} are the most: do it in parts, or by hand`,
  );
}

async function notePlan(work: Work, draft: Draft, id: string, plan: { readonly value: Plan } | Failure): Promise<void> {
  const step = stepOf(draft.response, id);
  if (step.state !== 'new') return;
  if ('value' in plan) await setPlanned(work, draft, step, plan.value);
  else if (plan.again === undefined) setFailed(draft, step, plan.problem);
  else delay(draft, step, plan);
  askPeople(work, draft);
}

/** Notes a plan and what guards say of it; where nobody need be asked it is ready. */
async function setPlanned(work: Work, draft: Draft, step: Step, made: Plan): Promise<void> {
  const plan = await sharedPlan(draft, step, made);
  const guards = await guardsOf(work, draft, step, plan, false);
  const { delayed: _delayed, problem: _problem, ...before } = step;
  const planned: Step = {
    ...before,
    plan,
    guards,
    state: 'planned',
    changes: plan.changes.map((change) => ({ change, state: 'planned' })),
  };
  draft.note('planned', { step: step.id, action: step.action, parameters: step.parameters, plan, guards });
  const refusal = guards.find(({ says }) => says === 'refuse');
  if (refusal !== undefined) {
    setStep(draft, { ...planned, state: 'refused', problem: refusal.reason });
    draft.note('refused', { step: step.id, guard: refusal.guard, reason: refusal.reason });
  } else if (plan.changes.length === 0) {
    setStep(draft, { ...planned, state: 'verified', problem: 'nothing had to be changed: it is so already' });
    draft.note('verified', { step: step.id, changes: 0 });
  } else {
    const free = draft.response.mode === 'automatic' && !mustBeAsked(draft.response, guards);
    setStep(draft, free ? { ...planned, state: 'ready' } : planned);
  }
}

/** The plan, or where it finds nothing left to change what other responses hold of it: then it is held until this one ends too. */
export async function sharedPlan({ transaction }: Draft, step: Step, plan: Plan): Promise<Plan> {
  return plan.changes.length > 0 ? plan : { ...plan, changes: await heldByOthers(transaction, { ...step, plan }) };
}

/** Whether people are to be asked because guards say so. Whoever asked at the command was shown what they say, and went on. */
export const mustBeAsked = ({ binding }: Response, guards: readonly GuardVerdict[]): boolean =>
  binding !== undefined && guards.some(({ says }) => says === 'ask');

function setFailed(draft: Draft, step: Step, problem: string): void {
  const { delayed: _delayed, ...before } = step;
  setStep(draft, { ...before, state: 'failed', problem });
  draft.note('failed', { step: step.id, problem });
}

/** What guards say of a plan at this moment. */
export async function guardsOf(
  { ports, incident }: Work,
  { transaction, response, now }: Draft,
  step: Step,
  plan: Plan,
  approved: boolean,
): Promise<GuardVerdict[]> {
  const action = ports.actions.get(step.action);
  if (action === undefined) return [];
  return askGuards({
    action,
    plan,
    approved,
    now,
    mode: response.mode,
    decision: incident?.decision,
    byPerson: response.binding === undefined,
    settings: ports.connections.settings,
    ownEgress: ports.ownEgress,
    recent: await recentWork(transaction, step.action),
  });
}

/** Asks people anew where what they would approve is another than what they were asked. Nobody is asked of what is only observed, or of what is not planned whole yet. */
export function askPeople({ ports }: Work, draft: Draft): void {
  const { response, now } = draft;
  const waiting = response.steps.filter(({ state }) => state === 'planned');
  if (response.mode === 'observe' || waiting.length === 0) return;
  if (response.steps.some(isUntried)) return;
  const planHash = plannedHash(response.steps);
  if (response.approval?.planHash === planHash) return;
  const { quorum, timeout } = ports.connections.settings.approval;
  const number = (response.approval?.number ?? 0) + 1;
  const approval: ApprovalRequest = { planHash, number, expires: now + timeout, quorum, answers: [] };
  draft.response = { ...response, approval };
  draft.note('approval-asked', {
    number,
    planHash,
    quorum,
    expires: approval.expires,
    steps: waiting.map(({ id }) => id),
  });
}

/** The hash of a step alone, as it is approved. */
export const hashOfStep = ({ action, parameters }: Step, plan: Plan): string =>
  planHashOf([{ action, parameters, plan }]);
