import { ActionError } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';
import { worthAnother } from './network-client.ts';

const MOST_WRITES = 6;
const FIRST_LOOK = 200;
const LONGEST_LOOK = 5000;
/** A change of rules takes seconds; one of an IP group that firewalls use takes minutes, and is to be tried later. */
const LONGEST_WAIT = 30_000;

/** A thing of which only a part is ours, so that it is read, merged and written. */
export interface Merge<Thing> {
  readonly name: string;
  readonly read: () => Promise<Thing>;
  /** Whether a change of it is under way, so that nothing can be written. */
  readonly changing: (thing: Thing) => boolean;
  /** What is to be written; undefined where it is as it is to be. @throws ActionError where it cannot be */
  readonly write: (thing: Thing) => (() => Promise<void>) | undefined;
}

/**
 * Reads, and writes what is to be other, until what is read is as it is to be: so a write that somebody else wrote over is seen and made again, and one whose answer
 * was lost is not.
 * @throws ActionError
 */
export async function merge<Thing>(
  { name, read, changing, write }: Merge<Thing>,
  context: ActionContext,
): Promise<void> {
  const end = Math.min(context.clock.now() + LONGEST_WAIT, context.deadline);
  let wait = FIRST_LOOK;
  let refusal: unknown;
  for (let attempt = 1; ;) {
    const thing = await read();
    const next = write(thing);
    if (next === undefined) return;
    if (changing(thing)) {
      if (context.clock.now() + wait >= end)
        throw new ActionError('busy', `Another change of ${name} is still under way`, wait);
      await context.clock.wait(wait);
      wait = Math.min(wait * 2, LONGEST_LOOK);
      continue;
    }
    if (attempt > MOST_WRITES) {
      if (refusal instanceof ActionError && refusal.kind === 'busy') throw refusal;
      throw new ActionError('conflict', `${name} was changed by somebody else ${MOST_WRITES} times meanwhile`);
    }
    try {
      await next();
      refusal = undefined;
    } catch (error) {
      if (!(await worthAnother(error, attempt, context))) throw error;
      refusal = error;
    }
    attempt++;
  }
}
