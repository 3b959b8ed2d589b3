import type { Guard } from './guard.ts';
import { ask, named } from './verdict.ts';

/** Too much of what there is. */
export const share: Guard = {
  name: 'share',
  description:
    'What would take away more than `response.guards.share` of all things of its kind (a quarter unless told) is done only with approval, by actions that know how many there are. Approvers override it.',
  ask({ plan, settings: { guards } }) {
    if (plan.share === undefined) return undefined;
    const { of, total, what } = plan.share;
    // Where nobody knows how many there are, it is all of them.
    const part = total > 0 ? of / total : 1;
    if (part <= guards.share) return undefined;
    return ask(`It takes away ${of} of ${total} ${named([what])}, more than ${Math.round(guards.share * 100)} %`);
  },
};
