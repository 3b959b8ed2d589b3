import type { Plan, Verification } from '../../playbooks/contract/action.ts';
import { stepIdOf } from '../../playbooks/contract/hashes.ts';
import { textOf } from '../../platform/json.ts';
import { targetInUse } from './guards/runner-refusals.ts';
import { hold } from './holders.ts';
import { askPeople, guardsOf, hashOfStep, mustBeAsked, sharedPlan } from './plan-steps.ts';
import { noteWork } from './recent-work.ts';
import { stepRow } from './response-rows.ts';
import type { Draft } from './response-store.ts';
import type { ChangeRun, Response, Step } from './response.ts';
import { makeChange } from './settle-change.ts';
import { stopOf, STOPPED_FOR } from './stop-switch.ts';
import { enterTargets } from './target-queue.ts';
import { leave } from './turns-at-targets.ts';
import { actionOf, asked, contextOf, delay, setStep, stepOf, type Failure, type Work } from './work.ts';

/** While another works on the target: whoever leaves wakes the next, and this is for where that is lost. */
const TURN_AFTER = 5000;

/** Executes a step: plans anew, asks the guards anew, waits for its turn at its targets, makes each change and sees that it is in place. Goes on where it was left. */
export async function executeStep(work: Work, response: Response, id: string): Promise<Response> {
  const step = stepOf(response, id);
  let current = response;
  if (step.state === 'ready') {
    const plan = await asked(
      () => actionOf(work, step).plan(step.parameters, contextOf(work, step)),
      step.delayed?.attempts ?? 0,
    );
    if (!('value' in plan)) return fail(work, id, plan);
    const { value } = plan;
    current = await work.claim.change((draft) => begin(work, draft, id, value));
  }
  if (stepOf(current, id).state !== 'executing') return current;
  return makeChanges(work, current, id);
}

/** Begins, where nothing is in the way: then all that is to be known for going on is written. */
async function begin(work: Work, draft: Draft, id: string, planned: Plan): Promise<void> {
  const step = stepOf(draft.response, id);
  if (step.state !== 'ready') return;
  const plan = await sharedPlan(draft, step, planned);
  const stop = await stopOf(work, draft.transaction);
  if (stop !== undefined) {
    setStep(draft, { ...step, problem: stop.reason, delayed: { attempts: 0, until: draft.now + STOPPED_FOR } });
    return;
  }
  const planHash = hashOfStep(step, plan);
  const guards = await guardsOf(work, draft, step, plan, step.approved === planHash);
  const { delayed: _delayed, problem: _problem, approved: _approved, ...rest } = step;
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
    await takeTurn(draft, { ...fresh, approved: step.approved }, plan);
  }
}

async function takeTurn(draft: Draft, step: Step, plan: Plan): Promise<void> {
  const { transaction, response, now } = draft;
  const user = { response: response.id, step: step.id };
  const { action, parameters } = step;
  const key = stepRow(
    stepIdOf({ action, parameters, target: plan.target.id, incident: response.incident ?? response.id }),
  );
  const doing = await transaction.get(key);
  const other = textOf(doing?.['response']);
  if (other !== undefined && (other !== user.response || textOf(doing?.['step']) !== user.step)) {
    setStep(draft, { ...step, state: 'dropped', problem: `${other} does the same for this incident` });
    draft.note('refused', { step: step.id, guard: 'once', reason: `${other} does the same for this incident` });
    return;
  }
  const before = await enterTargets(transaction, plan, user);
  if (before !== undefined) {
    const { delayed: _delayed, ...waiting } = step;
    const { reason } = targetInUse(plan.target, before.response);
    setStep(draft, { ...waiting, delayed: { attempts: 0, until: now + TURN_AFTER }, problem: reason });
    return;
  }
  transaction.put(key, user);
  await noteWork(transaction, action, now, { made: plan.changes.length });
  const { lasts } = step;
  const lease = lasts === undefined ? undefined : { until: now + lasts, extended: [] };
  setStep(draft, { ...step, state: 'executing', executed: now, ...(lease === undefined ? {} : { lease }) });
  draft.note('executing', { step: step.id, action, parameters, target: plan.target, changes: plan.changes, lease });
}

async function makeChanges(work: Work, response: Response, id: string): Promise<Response> {
  const { changes, delayed, ...begun } = stepOf(response, id);
  // Before anything is done, at each attempt: what is noted and not done is harmless, the other way round one's own work would look like an attack.
  if (begun.plan !== undefined)
    await work.ports.noteFootprint?.(actionOf(work, stepOf(response, id)), begun.plan, work.ports.clock.now());
  for (const { change, state } of changes) {
    if (state !== 'planned' && state !== 'begun') continue;
    await work.claim.change(async (draft) => {
      const step = stepOf(draft.response, id);
      if (stateOfChange(step, change.id) !== 'planned') return;
      await hold(draft.transaction, step, change, `${draft.response.id} ${id} ${change.id}`);
      setStep(draft, withChange(step, change.id, { state: 'begun' }));
      draft.note('change-begun', { step: id, change: change.id, summary: change.summary });
    });
    const step = stepOf(response, id);
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
