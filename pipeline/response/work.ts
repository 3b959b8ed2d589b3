import type { Action, ActionContext } from '../../playbooks/contract/action.ts';
import { ActionError } from '../../playbooks/contract/action-error.ts';
import { printable } from '../../platform/printable.ts';
import type { Incident } from '../timeline/incident.ts';
import type { ResponsePorts } from './ports.ts';
import type { Claim, Draft, ResponseStore } from './response-store.ts';
import type { Response, Step } from './response.ts';

/** One action of one response is given so long at a time, milliseconds: shorter than a claim lasts. */
export const TURN = 40_000;
/** A step is tried so often before it has failed. */
export const ATTEMPTS = 8;
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 5 * 60_000;
const LONGEST_PROBLEM = 500;

/** What the parts of working on a response share. */
export interface Work {
  readonly ports: ResponsePorts;
  readonly store: ResponseStore;
  readonly claim: Claim;
  readonly incident: Incident | undefined;
  /** Responses that wait for a target that is free now. */
  readonly woken: Set<string>;
  /** Steps that were tried since this began, and wait for their turn at a target. */
  readonly tried: Set<string>;
}

/** The action of a step. @throws ActionError where there is none any more */
export function actionOf({ ports }: Work, { action }: Step): Action {
  const found = ports.actions.get(action);
  if (found === undefined) throw new ActionError('input', `there is no action ${action} any more`);
  return found;
}

export function contextOf({ ports, incident }: Work, { id }: Step): ActionContext {
  const { clock, connections } = ports;
  return { clock, connections, deadline: clock.now() + TURN, step: id, incident };
}

/** Notes what audit logs will say of a step, where anything listens. */
export async function noteFootprint({ ports }: Work, { action: name, plan }: Step): Promise<void> {
  const action = ports.actions.get(name);
  if (action !== undefined && plan !== undefined) await ports.noteFootprint?.(action, plan, ports.clock.now());
}

/** The step of an id. @throws where there is none */
export function stepOf({ steps, id: response }: Response, id: string): Step {
  const step = steps.find((one) => one.id === id);
  if (step === undefined) throw new Error(`response ${response} has no step ${id}`);
  return step;
}

/** Puts a step in the place of the one of its id. */
export function setStep(draft: Draft, step: Step): void {
  const steps = draft.response.steps.map((one) => (one.id === step.id ? step : one));
  draft.response = { ...draft.response, steps };
}

/** What a failure is for people, cut and printable. */
export const problemOf = (error: unknown): string =>
  printable((error instanceof Error ? error.message : String(error)).slice(0, LONGEST_PROBLEM));

/**
 * Asks something of an action.
 * @returns what it gives; or why it gives nothing, `again` in so many milliseconds where it is worth it
 */
export async function asked<T>(ask: () => Promise<T>, attempts: number): Promise<{ readonly value: T } | Failure> {
  try {
    return { value: await ask() };
  } catch (error) {
    if (!isBusy(error) || attempts >= ATTEMPTS) return { problem: problemOf(error) };
    return { problem: problemOf(error), again: waitAfter(error, attempts) };
  }
}

/** Whether the same may be tried later. */
export const isBusy = (error: unknown): error is ActionError => error instanceof ActionError && error.kind === 'busy';

/** Milliseconds until it is tried again. @param attempts that failed before this one */
export const waitAfter = ({ retryAfter }: ActionError, attempts: number): number =>
  Math.min(Math.max(retryAfter ?? FIRST_DELAY * 2 ** attempts, FIRST_DELAY), LONGEST_DELAY);

export interface Failure {
  readonly problem: string;
  readonly again?: number | undefined;
}

/** Puts a step off. */
export function delay(draft: Draft, step: Step, { problem, again = FIRST_DELAY }: Failure): void {
  const attempts = (step.delayed?.attempts ?? 0) + 1;
  setStep(draft, { ...step, problem, delayed: { attempts, until: draft.now + again } });
  draft.note('delayed', { step: step.id, problem, attempts, until: draft.now + again });
}
