import type { Action, ActionContext, Change, Verification } from '../../playbooks/contract/action.ts';
import { ActionError } from '../../playbooks/contract/action-error.ts';

/** A change that is lost again and again is made so often. */
const MOST_MADE = 3;
/** What was just made and is not seen is looked for so often before it is made anew: services show what is written late. */
const LOOKS = 3;
const USUAL_PAUSE = 1000;

/**
 * Makes a change, unless it is in place, and looks until it is believed: so it is made once, also where somebody else began and did not say how it ended.
 * @returns how it was found last: held, ineffective or changed
 * @throws ActionError; of kind `busy` where it did not settle in time
 */
export async function makeChange(action: Action, change: Change, context: ActionContext): Promise<Verification> {
  const { checks, every } = action.settle ?? { checks: 1, every: USUAL_PAUSE };
  let [made, looks, row] = [0, 0, 0];
  for (;;) {
    const seen = await action.verify(change, context);
    if (seen.is === 'held' && ++row >= checks) return seen;
    if (seen.is === 'ineffective' || seen.is === 'changed') return seen;
    if (seen.is !== 'held') row = 0;
    if (seen.is === 'absent' && (made === 0 || ++looks >= LOOKS)) {
      if (made >= MOST_MADE) {
        throw new ActionError(
          'conflict',
          `it was made ${made} times and is not in place: somebody takes it back each time`,
        );
      }
      await action.execute(change, context);
      made++;
      looks = 0;
      continue;
    }
    await pause(seen.is === 'settling' ? seen.again : every, context);
  }
}

/**
 * Takes a change back, unless it is taken back, and looks until that is believed.
 * @param force whether also where somebody else changed it since
 * @returns `absent`, or how it was found where it was left as it is
 */
export async function takeBack(
  action: Action,
  change: Change,
  context: ActionContext,
  force: boolean,
): Promise<Verification> {
  const { undo } = action;
  if (undo === undefined) throw new ActionError('unsuitable', `${action.name} cannot be undone`);
  const { checks, every } = action.settle ?? { checks: 1, every: USUAL_PAUSE };
  let [taken, looks, row] = [0, 0, 0];
  for (;;) {
    const seen = await action.verify(change, context);
    row = seen.is === 'absent' ? row + 1 : 0;
    if (row >= checks) return seen;
    // Services that show late what is written may show how it stood before it was made.
    if (row > 0) {
      await pause(every, context);
      continue;
    }
    if (seen.is === 'changed' && (taken > 0 || !force)) return seen;
    if (taken === 0 || ++looks >= LOOKS) {
      if (taken >= MOST_MADE)
        throw new ActionError('conflict', `it was taken back ${taken} times and is still in place`);
      await undo(change, context);
      taken++;
      looks = 0;
      continue;
    }
    await pause(seen.is === 'settling' ? seen.again : every, context);
  }
}

/** @throws ActionError of kind `busy` where the time does not allow it */
async function pause(milliseconds: number, { clock, deadline }: ActionContext): Promise<void> {
  if (clock.now() + milliseconds > deadline) {
    throw new ActionError('busy', 'it is not in effect yet; it is looked at again', milliseconds);
  }
  await clock.wait(milliseconds);
}
