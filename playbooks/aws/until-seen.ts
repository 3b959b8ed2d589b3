import type { ActionContext } from '../contract/action.ts';

const MOST_LOOKS = 20;
const BETWEEN = 1_500;

/**
 * Waits until a change that was just made is read back, for IAM answers from copies that are seconds late. Gives up after half a minute, or where little time is left: whoever verifies
 * sees then that it is not there.
 */
export async function untilSeen({ clock, deadline }: ActionContext, look: () => Promise<boolean>): Promise<void> {
  for (let looks = 1; !(await look()); looks++) {
    if (looks >= MOST_LOOKS || clock.now() + BETWEEN * 2 > deadline) return;
    await clock.wait(BETWEEN);
  }
}
