import { ActionError } from '../contract/action-error.ts';
import type { ActionContext, Target, Verification } from '../contract/action.ts';

/** The directory shows writes after some seconds, each replica by itself. */
const WAITS = [1000, 2000, 4000, 8000];

/**
 * Writes where something still stands, and waits a while until it no longer does: whoever looks next would otherwise meet a replica that has not heard of it, and do it
 * again.
 * @param stands how the change is found while there is something to write
 */
export async function bringAbout(
  { clock, deadline }: ActionContext,
  stands: Verification['is'],
  look: () => Promise<Verification>,
  write: () => Promise<void>,
): Promise<void> {
  if ((await look()).is !== stands) return;
  await write();
  for (const wait of WAITS) {
    if ((await look()).is !== stands || clock.now() + wait >= deadline) return;
    await clock.wait(wait);
  }
}

/** How a change of something stands that may have been deleted meanwhile. @throws ActionError for any other reason not to know */
export async function unlessGone({ label }: Target, look: () => Promise<Verification>): Promise<Verification> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof ActionError && error.kind === 'absent') {
      return { is: 'changed', why: `${label} was deleted since` };
    }
    throw error;
  }
}
