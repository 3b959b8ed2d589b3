import type { Change, Plan, Verification } from '../../playbooks/contract/action.ts';
import { stepIdOf } from '../../playbooks/contract/hashes.ts';
import { textOf } from '../../platform/json.ts';
import { hold, holderOf } from './holders.ts';
import { askPeople, guardsOf, hashOfStep, mustBeAsked, planOf, sharedPlan, unlessTooLarge } from './plan-steps.ts';
import { noteWork } from './recent-work.ts';
import { stepRow } from './response-rows.ts';
import type { Draft } from './response-store.ts';
import type { ChangeRun, Response, Step } from './response.ts';
import { makeChange } from './settle-change.ts';
import { isStopped } from './stop-switch.ts';
import { haveSameTargets } from './target-queue.ts';
import { leave, takeTurn } from './turns-at-targets.ts';
import { actionOf, asked, contextOf, delay, noteFootprint, setStep, stepOf, type Failure, type Work } from './work.ts';

/** Executes a step: plans anew, asks the guards anew, waits for its turn at its targets, makes each change and sees that it is in place. Goes on where it was left. */
export async function executeStep(work: Work, response: Response, id: string): Promise<Response> {
  const step = stepOf(response, id);
  let current = response;
  if (step.state === 'ready') {
    const plan = await asked(() => planOf(work, step), step.delayed?.attempts ?? 0);
    if (!('value' in plan)) return fail(work, id, plan);
    const { value } = plan;
    current = await unlessTooLarge(
      () => work.claim.change((draft) => begin(work, draft, id, value)),
      (problem) => fail(work, id, { problem }),
    );
  } else {
    current = await work.claim.change((draft) => goOn(work, draft, id));
  }
  if (!isUnderWay(current, id, work)) return current;
  return makeChanges(work, current, id);
}

/** Whether it is being executed, and not put off. */
function isUnderWay(response: Response, id: string, { ports }: Work): boolean {
  const { state, delayed } = stepOf(response, id);
  return state === 'executing' && (delayed === undefined || delayed.until <= ports.clock.now());
}

/** Goes on with what was begun: where its targets were left meanwhile, in its turn. */
async function goOn(work: Work, draft: Draft, id: string): Promise<void> {
  const step = stepOf(draft.response, id);
  if (step.state !== 'executing' || step.plan === undefined) return;
  const turn = await takeTurn(work, draft, step, step.plan);
  if (turn !== undefined && turn !== step) setStep(draft, turn);
}

/** Begins, where nothing is in the way, or says what is. Whatever is not to be done now keeps nobody waiting at its targets. */
async function begin(work: Work, draft: Draft, id: string, planned: Plan): Promise<void> {
  const step = stepOf(draft.response, id);
  if (step.state !== 'ready') return;
  const plan = await sharedPlan(draft, step, planned);
  // Whoever wants other targets than before queues anew at all of them: two that each wait for what the other has would wait for ever.
  if (step.plan !== undefined && !haveSameTargets(step.plan, plan)) await leave(work, draft, step);
  if (!(await isStopped(work, draft, step))) await beginAsPlanned(work, draft, step, plan);
  const { state, delayed } = stepOf(draft.response, id);
  if (state !== 'executing' && delayed?.turn !== true) await leave(work, draft, { ...step, plan });
}

async function beginAsPlanned(work: Work, draft: Draft, step: Step, plan: Plan): Promise<void> {
  const { id } = step;
  const planHash = hashOfStep(step, plan);
  const guards = await guardsOf(work, draft, step, plan, step.approved === planHash);
  const { delayed, problem: _problem, approved: _approved, ...rest } = step;
  const fresh: Step = { ...rest, plan, guards, changes: plan.changes.map((change) => ({ change, state: 'planned' })) };
  const refusal = guards.find(({ says }) => says === 'refuse');
  const mustAsk = draft.response.mode === 'approve' || mustBeAsked(draft.response, guards);
  if (refusal !== undefined) {
    setStep(draft, { ...fresh, state: 'refused', problem: refusal.reason });
    draft.note('refused', { step: id, guard: refusal.guard, reason: refusal.reason });
  } else if (plan.changes.length === 0) {
    setStep(draft, { ...fresh, state: 'verified', problem: 'nothing had to be changed: it is so already' });
    draft.note('verified', { step: id, changes: 0 });
  } else if (mustAsk && step.approved !== planHash) {
    setStep(draft, { ...fresh, state: 'planned' });
    draft.note('plan-changed', { step: id, plan, guards });
    askPeople(work, draft);
  } else {
    await takeOn(work, draft, { ...fresh, approved: step.approved, delayed }, plan);
  }
}

/** Begins in its turn, unless another does the same: then all that is to be known for going on is written. */
async function takeOn(work: Work, draft: Draft, fresh: Step, plan: Plan): Promise<void> {
  const { transaction, response, now } = draft;
  const user = { response: response.id, step: fresh.id };
  const { action, parameters, lasts } = fresh;
  // A person who asks again means it.
  const incident = response.binding === undefined ? response.id : (response.incident ?? response.id);
  const key = stepRow(stepIdOf({ action, parameters, target: plan.target.id, incident }));
  const doing = await transaction.get(key);
  const other = textOf(doing?.['response']);
  if (other !== undefined && (other !== user.response || textOf(doing?.['step']) !== user.step)) {
    setStep(draft, { ...fresh, state: 'dropped', problem: `${other} does the same for this incident` });
    draft.note('refused', { step: fresh.id, guard: 'once', reason: `${other} does the same for this incident` });
    return;
  }
  const turn = await takeTurn(work, draft, fresh, plan);
  if (turn === undefined) return;
  const { delayed: _delayed, ...step } = turn;
  transaction.put(key, user);
  await noteWork(transaction, action, now, { made: plan.changes.length });
  const lease = lasts === undefined ? undefined : { until: now + lasts, extended: [] };
  setStep(draft, { ...step, state: 'executing', executed: now, ...(lease === undefined ? {} : { lease }) });
  draft.note('executing', { step: step.id, action, parameters, target: plan.target, changes: plan.changes, lease });
}

async function makeChanges(work: Work, response: Response, id: string): Promise<Response> {
  const step = stepOf(response, id);
  const { changes, delayed } = step;
  // Before anything is done, at each attempt: what is noted and not done is harmless, the other way round one's own work would look like an attack.
  await noteFootprint(work, step);
  for (const { change, state } of changes) {
    if (state !== 'planned' && state !== 'begun') continue;
    const current = await work.claim.change((draft) => beginChange(work, draft, id, change));
    // Somebody may have stopped all, or had it undone, since the last change.
    if (!isUnderWay(current, id, work)) return current;
    const seen = await asked(
      () => makeChange(actionOf(work, step), change, contextOf(work, step)),
      delayed?.attempts ?? 0,
    );
    if (!('value' in seen)) return fail(work, id, seen);
    if (seen.value.is === 'changed')
      return fail(work, id, { problem: `somebody else changed it meanwhile: ${seen.value.why}` });
    const { value } = seen;
    await work.claim.change((draft) => noteMade(draft, id, change.id, value));
  }
  return work.claim.change((draft) => finish(work, draft, id));
}

async function beginChange(work: Work, draft: Draft, id: string, change: Change): Promise<void> {
  const step = stepOf(draft.response, id);
  if (step.state !== 'executing') return;
  if (await isStopped(work, draft, step)) {
    await leave(work, draft, step);
    return;
  }
  if (stateOfChange(step, change.id) !== 'planned') return;
  await hold(draft.transaction, step, change, holderOf(draft.response.id, id, change.id));
  setStep(draft, withChange(step, change.id, { state: 'begun' }));
  draft.note('change-begun', { step: id, change: change.id, summary: change.summary });
}

function noteMade(draft: Draft, id: string, change: string, seen: Verification): void {
  const step = stepOf(draft.response, id);
  if (stateOfChange(step, change) !== 'begun') return;
  const { delayed: _delayed, problem: _problem, ...rest } = step;
  setStep(draft, withChange(rest, change, { state: 'made', seen: { ...seen, at: draft.now } }));
  const made = step.changes.find((one) => one.change.id === change)?.change;
  draft.note('change-made', { step: id, change, before: made?.before, after: made?.after, seen });
}

async function finish(work: Work, draft: Draft, id: string): Promise<void> {
  const step = stepOf(draft.response, id);
  if (step.state !== 'executing') return;
  const weak = step.changes.flatMap(({ seen }) => (seen?.is === 'ineffective' ? [seen.why] : []));
  if (weak.length === 0) {
    setStep(draft, { ...step, state: 'verified' });
    draft.note('verified', { step: id, changes: step.changes.length });
  } else {
    setStep(draft, { ...step, state: 'unverified', problem: weak.join('; ') });
    draft.note('not-verified', { step: id, why: weak });
  }
  await leave(work, draft, step);
}

/** Notes that it failed, or puts it off. What is in place by then stays under its lease. */
async function fail(work: Work, id: string, failure: Failure): Promise<Response> {
  return work.claim.change(async (draft) => {
    const step = stepOf(draft.response, id);
    if (step.state !== 'executing' && step.state !== 'ready') return;
    if (failure.again !== undefined) {
      delay(draft, step, failure);
      if (step.state === 'ready') await leave(work, draft, step);
      return;
    }
    const { delayed: _delayed, ...rest } = step;
    setStep(draft, { ...rest, state: 'failed', problem: failure.problem });
    draft.note('failed', { step: id, problem: failure.problem });
    await noteWork(draft.transaction, step.action, draft.now, { failed: 1 });
    await leave(work, draft, step);
  });
}

const stateOfChange = ({ changes }: Step, id: string): ChangeRun['state'] | undefined =>
  changes.find(({ change }) => change.id === id)?.state;

/** A step with one of its changes as it stands now. */
export const withChange = (step: Step, id: string, now: Partial<ChangeRun>): Step => ({
  ...step,
  changes: step.changes.map((run) => (run.change.id === id ? { ...run, ...now } : run)),
});
