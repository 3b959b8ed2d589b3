import { release } from './holders.ts';
import { withChange } from './execute-step.ts';
import type { Draft } from './response-store.ts';
import type { Response } from './response.ts';
import { takeBack } from './settle-change.ts';
import { stopOf, STOPPED_FOR } from './stop-switch.ts';
import { enterTargets } from './target-queue.ts';
import { leave } from './turns-at-targets.ts';
import { actionOf, asked, contextOf, delay, setStep, stepOf, type Failure, type Work } from './work.ts';

const TURN_AFTER = 5000;

/** Takes back what a step changed, the last first. What somebody else changed since is left as it is, and a person is asked. Goes on where it was left. */
export async function undoStep(work: Work, id: string): Promise<Response> {
  let current = await work.claim.change((draft) => takeTurn(work, draft, id));
  const waiting = stepOf(current, id);
  if (waiting.state !== 'undoing' || (waiting.delayed !== undefined && waiting.delayed.until > work.ports.clock.now()))
    return current;
  // Audit logs will tell of it as of what was done.
  const { plan } = waiting;
  if (plan !== undefined) await work.ports.noteFootprint?.(actionOf(work, waiting), plan, work.ports.clock.now());
  const left: string[] = [];
  for (const { change: planned } of waiting.changes.toReversed()) {
    current = await work.claim.change((draft) => beginChange(draft, id, planned.id));
    const step = stepOf(current, id);
    const run = step.changes.find((one) => one.change.id === planned.id);
    if (run?.state !== 'taking-back') continue;
    const { change } = run;
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

async function takeTurn(work: Work, draft: Draft, id: string): Promise<void> {
  const step = stepOf(draft.response, id);
  const { transaction, response, now } = draft;
  if (step.state !== 'undoing' || step.plan === undefined) return;
  // A person who asks for it is heard all the same.
  const stop = step.undo === undefined ? await stopOf(work, transaction) : undefined;
  if (stop !== undefined) {
    setStep(draft, { ...step, problem: stop.reason, delayed: { attempts: 0, until: now + STOPPED_FOR } });
    return;
  }
  const before = await enterTargets(transaction, step.plan, { response: response.id, step: id });
  if (before === undefined) return;
  setStep(draft, { ...step, delayed: { attempts: step.delayed?.attempts ?? 0, until: now + TURN_AFTER } });
}

/** Lets go of what a change holds; it is taken back where nobody else holds it, and where it was not so before. */
async function beginChange(draft: Draft, id: string, changeId: string): Promise<void> {
  const step = stepOf(draft.response, id);
  const run = step.changes.find(({ change }) => change.id === changeId);
  if (run === undefined || !['begun', 'made', 'lost'].includes(run.state)) return;
  const holder = `${draft.response.id} ${id} ${changeId}`;
  const { others, first } = await release(draft.transaction, step, run.change, holder);
  const { summary } = run.change;
  const left =
    others.length > 0
      ? `${others[0]?.split(' ')[0] ?? ''} holds it too`
      : first.undo === undefined
        ? 'it cannot be taken back, or was so before'
        : undefined;
  if (left !== undefined) {
    setStep(draft, withChange(step, changeId, { ...run, state: 'handed-on' }));
    draft.note('change-undone', { step: id, change: changeId, summary, left });
    return;
  }
  setStep(draft, withChange(step, changeId, { ...run, change: first, state: 'taking-back' }));
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
