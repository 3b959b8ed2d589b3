import { executeStep } from './execute-step.ts';
import { lookAgain } from './look-again.ts';
import { planSteps } from './plan-steps.ts';
import { ClaimLostError, type Draft } from './response-store.ts';
import type { ResponsePorts } from './ports.ts';
import type { Response, Step } from './response.ts';
import { hasEnded, isLeased, isUnbegun, LOOK_EVERY } from './states.ts';
import { leave } from './turns-at-targets.ts';
import { undoStep } from './undo-step.ts';
import { isBusy, setStep, stepOf, waitAfter, type Work } from './work.ts';

/** More turns than this no response needs: one that does is stuck, and left to the next look. */
const MOST_TURNS = 500;

/**
 * Works on a response until it is at rest: waits for people, for a time, or has ended. Safe to call again and by several at once: one works, and whoever comes after a
 * crash goes on where it was left.
 * @param woken is given the responses that waited for a target which is free now
 * @returns it as it stands then; undefined where there is none
 */
export async function advance(
  id: string,
  { ports, store, woken }: Pick<Work, 'ports' | 'store' | 'woken'>,
): Promise<Response | undefined> {
  const known = await store.get(id);
  if (known === undefined) return undefined;
  const tried = new Set<string>();
  // Many ask for the same: where there is nothing to do, nothing is written.
  const over = await whyOver(known, ports);
  if (known.worker === undefined && over === undefined && taskOf(known, ports, tried) === undefined) return known;
  const incident = known.incident === undefined ? undefined : await ports.incidentOf(known.incident);
  const claim = await store.claim(id);
  if (claim === undefined) return known;
  const work: Work = { ports, store, claim, incident, woken, tried };
  try {
    if (over !== undefined) await dropUnbegun(work, known, `not done, for ${over}`);
    await workOn(work);
    return await claim.release();
  } catch (error) {
    if (error instanceof ClaimLostError) return await store.get(id);
    // What fails here is storage: whoever is next need not wait until the claim is over.
    await claim.release().catch(() => undefined);
    throw error;
  }
}

/** Why nothing more of a response is to be begun; undefined where it may be. What a person asked for at the command is theirs to stop. */
async function whyOver(response: Response, { whyOver: ask }: ResponsePorts): Promise<string | undefined> {
  const { incident, binding, steps } = response;
  if (incident === undefined || binding === undefined || hasEnded(response) || !steps.some(isUnbegun)) return undefined;
  return ask?.(incident);
}

async function dropUnbegun({ claim, woken }: Work, { steps }: Response, problem: string): Promise<void> {
  for (const { id } of steps.filter(isUnbegun)) {
    await claim.change(async (draft) => {
      const step = stepOf(draft.response, id);
      if (isUnbegun(step)) await dropStep(draft, step, problem, woken);
    });
  }
}

async function workOn(work: Work): Promise<void> {
  let response = await work.claim.change(() => undefined);
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const task = taskOf(response, work.ports, work.tried);
    if (task === undefined) return;
    response = await task(work, response);
  }
}

type Task = (work: Work, response: Response) => Promise<Response>;

/** What is to be done next, as it stands at a time; undefined where nothing is. @param tried steps that wait for their turn, and were tried already */
function taskOf(response: Response, { clock, ask }: ResponsePorts, tried: ReadonlySet<string>): Task | undefined {
  const now = clock.now();
  const { steps, approval, mode } = response;
  const isDue = ({ id, delayed }: Step): boolean =>
    delayed === undefined || delayed.until <= now || (delayed.turn === true && !tried.has(id));
  const first = (...states: readonly Step['state'][]): Step | undefined =>
    steps.find((step) => states.includes(step.state) && isDue(step));
  if (first('new') !== undefined) return (work) => planSteps(work, response);
  const undoing = first('undoing');
  if (undoing !== undefined) return (work) => undoStep(work, undoing.id);
  const executing = first('executing') ?? first('ready');
  if (executing !== undefined) return (work) => executeStep(work, response, executing.id);
  const planned = steps.some(({ state }) => state === 'planned');
  if (planned && mode !== 'observe' && approval !== undefined) {
    if (approval.expires <= now) return (work) => work.claim.change(timeOut);
    const isTold = approval.number <= (response.announced ?? 0);
    if (ask !== undefined && !isTold && (response.untold?.until ?? now) <= now) return tellPeople;
  }
  const over = steps.find(
    (step) => isLeased(step) && step.state !== 'undo-refused' && (step.lease?.until ?? now) <= now,
  );
  if (over !== undefined) return (work) => work.claim.change((draft) => endLease(work, draft, over.id));
  const held = steps.filter(isLeased);
  const looked = response.looked ?? Math.max(...held.map(({ executed }) => executed ?? 0));
  return held.length > 0 && looked + LOOK_EVERY <= now ? lookAgain : undefined;
}

/** Nobody answered in time: that is a no. */
function timeOut(draft: Draft): void {
  const { response, now } = draft;
  const isAsked = response.steps.some(({ state }) => state === 'planned');
  if (response.approval === undefined || response.approval.expires > now || !isAsked) return;
  dropPlanned(draft, 'nobody approved it in time');
  draft.note('declined', { reason: 'nobody approved it in time', number: response.approval.number });
}

/** Steps that people did not allow are dropped. */
export function dropPlanned(draft: Draft, problem: string): void {
  for (const step of draft.response.steps)
    if (step.state === 'planned') setStep(draft, { ...step, state: 'dropped', problem });
}

/** Drops a step that was not begun, and gives up its places in queues. @param woken takes the responses that wait for these */
export async function dropStep(draft: Draft, step: Step, problem: string, woken: Set<string>): Promise<void> {
  setStep(draft, { ...step, state: 'dropped', problem });
  draft.note('refused', { step: step.id, reason: problem });
  await leave({ woken }, draft, step);
}

/** Where people cannot be told at this moment, the rest of the response does not wait for it. */
async function tellPeople(work: Work, response: Response): Promise<Response> {
  const attempts = response.untold?.attempts ?? 0;
  let wait: number | undefined;
  try {
    await work.ports.ask?.(response);
  } catch (error) {
    if (!isBusy(error)) throw error;
    wait = waitAfter(error, attempts);
  }
  return work.claim.change((draft) => {
    const { untold: _untold, ...others } = draft.response;
    draft.response =
      wait === undefined
        ? { ...others, announced: response.approval?.number }
        : { ...others, untold: { attempts: attempts + 1, until: draft.now + wait } };
  });
}

function endLease({ ports }: Work, draft: Draft, id: string): void {
  const step = stepOf(draft.response, id);
  if (!isLeased(step)) return;
  if (ports.actions.get(step.action)?.undo === undefined) {
    const { lease: _lease, ...rest } = step;
    setStep(draft, { ...rest, problem: 'it cannot be undone' });
    return;
  }
  const { undo: _undo, delayed: _delayed, ...rest } = step;
  setStep(draft, { ...rest, state: 'undoing' });
}
