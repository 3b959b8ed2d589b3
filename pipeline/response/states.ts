/** What follows of the steps of a response: where it stands as a whole, and when it is to be looked at again. Pure. */
import { planHashOf } from '../../playbooks/contract/hashes.ts';
import type { Response, ResponseState, Step } from './response.ts';

/** From one look whether what is held is still in place to the next, milliseconds. */
export const LOOK_EVERY = 10 * 60_000;

/** Whether something of it may be in place. */
export const isInPlace = ({ changes }: Step): boolean =>
  changes.some(({ state }) => state === 'begun' || state === 'made' || state === 'taking-back');

/** Whether nothing of it was begun, and may be yet. */
export const isUnbegun = ({ state }: Step): boolean => state === 'new' || state === 'planned' || state === 'ready';

/** Whether it holds something that its lease will end. */
export const isLeased = (step: Step): boolean =>
  step.lease !== undefined &&
  isInPlace(step) &&
  ['verified', 'unverified', 'failed', 'undo-refused'].includes(step.state);

/** Whether nobody tried to plan it yet. */
export const isUntried = ({ state, delayed }: Step): boolean => state === 'new' && delayed === undefined;

/** Whether nothing more becomes of it by itself. */
export const hasEnded = ({ state }: Pick<Response, 'state'>): boolean =>
  state === 'observed' || state === 'declined' || state === 'ended';

/** Where a response stands. */
export function stateOf({ mode, steps, approval }: Pick<Response, 'mode' | 'steps' | 'approval'>): ResponseState {
  const any = (...states: readonly Step['state'][]): boolean => steps.some(({ state }) => states.includes(state));
  // What could not be planned yet, because a service is away, keeps nobody from deciding about the rest.
  if (steps.some(isUntried)) return 'new';
  if (any('ready', 'executing', 'undoing')) return 'running';
  if (any('new') && (mode === 'observe' || !any('planned'))) return 'new';
  if (any('planned')) return mode === 'observe' ? 'observed' : 'awaiting-approval';
  if (steps.some(isLeased)) return 'active';
  const declined = approval?.answers.some(({ answer }) => answer === 'decline') === true || any('dropped');
  return declined && !any('verified', 'unverified', 'undone', 'failed') ? 'declined' : 'ended';
}

/** When it is to be looked at again, milliseconds since 1970-01-01T00:00:00Z; undefined where it ended. */
export function dueOf(response: Omit<Response, 'due' | 'worker'>, now: number): number | undefined {
  if (hasEnded(response)) return undefined;
  const times: number[] = [];
  for (const step of response.steps) {
    if (['new', 'ready', 'executing', 'undoing'].includes(step.state)) times.push(step.delayed?.until ?? now);
    if (isLeased(step) && step.lease !== undefined && step.state !== 'undo-refused') times.push(step.lease.until);
    if (isLeased(step)) times.push((response.looked ?? step.executed ?? now) + LOOK_EVERY);
    if (step.state === 'planned' && response.approval !== undefined) {
      const isTold = (response.announced ?? 0) >= response.approval.number;
      const { expires } = response.approval;
      times.push(isTold ? expires : Math.min(expires, response.untold?.until ?? now));
    }
  }
  return times.length === 0 ? undefined : Math.min(...times);
}

/** What people are shown and asked of: the steps that wait for them. */
export function plannedHash(steps: readonly Step[]): string {
  return planHashOf(
    steps.flatMap(({ action, parameters, plan, state }) =>
      plan === undefined || state !== 'planned' ? [] : [{ action, parameters, plan }],
    ),
  );
}
