import { release } from './holders.ts';
import { withChange } from './execute-step.ts';
import type { Draft } from './response-store.ts';
import type { ChangeRun, Response, Step } from './response.ts';
import { takeBack } from './settle-change.ts';
import { enterTargets } from './target-queue.ts';
import { leave } from './turns-at-targets.ts';
import { STOP } from './response-rows.ts';
import { actionOf, asked, contextOf, delay, setStep, stepOf, type Failure, type Work } from './work.ts';

const TURN_AFTER = 5000;
const STOPPED_FOR = 30_000;

/** Takes back what a step changed, the last first. What somebody else changed since is left as it is, and a person is asked. Goes on where it was left. */
export async function undoStep(work: Work, id: string): Promise<Response> {
  let current = await work.claim.change((draft) => takeTurn(draft, id));
  const waiting = stepOf(current, id);
  if (waiting.state !== 'undoing' || (waiting.delayed !== undefined && waiting.delayed.until > work.ports.clock.now()))
    return current;
  // Audit logs will tell of it as of what was done.
  const { plan } = waiting;
  if (plan !== undefined) await work.ports.noteFootprint?.(actionOf(work, waiting), plan, work.ports.clock.now());
  const left: string[] = [];
  for (const { change } of waiting.changes.toReversed()) {
    current = await work.claim.change((draft) => beginChange(draft, id, change.id));
    const step = stepOf(current, id);
    if (stateOf(step, change.id) !== 'taking-back') continue;
    const force = step.undo?.force === true;
    const seen = await asked(
      () => takeBack(actionOf(work, step), change, contextOf(work, step), force),
      step.delayed?.attempts ?? 0,
    );
    if (!('value' in seen)) return fail(work, id, seen);
    const { value } = seen;
    if (value.is === 'changed') {
      left.push(`${change.summary}: ${value.why}`);
      continue;
    }
    await work.claim.change((draft) => noteTakenBack(draft, id, change.id));
  }
  return work.claim.change((draft) => finish(work, draft, id, left));
}

async function takeTurn(draft: Draft, id: string): Promise<void> {
  const step = stepOf(draft.response, id);
  const { transaction, response, now } = draft;
  if (step.state !== 'undoing' || step.plan === undefined) return;
  if (step.undo === undefined && (await transaction.get(STOP)) !== undefined) {
    setStep(draft, {
      ...step,
      problem: 'all responses are stopped; its lease is over',
      delayed: { attempts: 0, until: now + STOPPED_FOR },
    });
    return;
  }
  const before = await enterTargets(transaction, step.plan, { response: response.id, step: id });
  if (before === undefined) return;
  setStep(draft, { ...step, delayed: { attempts: step.delayed?.attempts ?? 0, until: now + TURN_AFTER } });
}

/** Lets go of what a change holds; it is taken back where nobody else holds it. */
async function beginChange(draft: Draft, id: string, changeId: string): Promise<void> {
  const step = stepOf(draft.response, id);
  const run = step.changes.find(({ change }) => change.id === changeId);
  if (run === undefined || !['begun', 'made', 'lost'].includes(run.state)) return;
  const others = await release(draft.transaction, run.change.holds, `${draft.response.id} ${id} ${changeId}`);
  const { summary } = run.change;
  if (others.length > 0) {
    setStep(draft, withChange(step, changeId, { ...run, state: 'handed-on' }));
    draft.note('change-undone', {
      step: id,
      change: changeId,
      summary,
      left: `${others[0]?.split(' ')[0] ?? ''} holds it too`,
    });
    return;
  }
  setStep(draft, withChange(step, changeId, { ...run, state: 'taking-back' }));
  draft.note('undo-begun', { step: id, change: changeId, summary });
}

function noteTakenBack(draft: Draft, id: string, changeId: string): void {
  const step = stepOf(draft.response, id);
  const run = step.changes.find(({ change }) => change.id === changeId);
  if (run?.state !== 'taking-back') return;
  const { delayed: _delayed, problem: _problem, ...rest } = step;
  setStep(draft, withChange(rest, changeId, { state: 'taken-back', seen: { is: 'absent', at: draft.now } }));
  draft.note('change-undone', {
    step: id,
    change: changeId,
    summary: run.change.summary,
    before: run.change.after,
    after: run.change.before,
  });
}

async function finish(work: Work, draft: Draft, id: string, left: readonly string[]): Promise<void> {
  const step = stepOf(draft.response, id);
  if (step.state !== 'undoing') return;
  const { delayed: _delayed, ...rest } = step;
  if (left.length === 0) {
    setStep(draft, { ...rest, state: 'undone' });
    draft.note('undone', {
      step: id,
      actor: step.undo?.by ?? 'crosstrail',
      why: step.undo?.reason ?? 'its lease is over',
    });
  } else {
    const problem = `left as it is, for somebody else changed it since: ${left.join('; ')}; crosstrail playbooks undo ${draft.response.id} --force undoes it all the same`;
    setStep(draft, { ...rest, state: 'undo-refused', problem });
    draft.note('undo-refused', { step: id, left });
  }
  await leave(work, draft, step);
}

/** What cannot be undone is tried again later and, in the end, left to people. */
async function fail(work: Work, id: string, failure: Failure): Promise<Response> {
  return work.claim.change(async (draft) => {
    const step = stepOf(draft.response, id);
    if (step.state !== 'undoing') return;
    if (failure.again !== undefined) {
      delay(draft, step, failure);
      return;
    }
    const { delayed: _delayed, ...rest } = step;
    setStep(draft, { ...rest, state: 'undo-refused', problem: `it could not be undone: ${failure.problem}` });
    draft.note('undo-refused', { step: id, problem: failure.problem });
    await leave(work, draft, step);
  });
}

const stateOf = ({ changes }: Step, id: string): ChangeRun['state'] | undefined =>
  changes.find(({ change }) => change.id === id)?.state;
