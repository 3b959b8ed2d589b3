import type { Guard } from './guard.ts';
import { ask, byConfiguration, named, refuse } from './verdict.ts';

/** Who holds a privileged role, can take one, or is in a group that can be given one. */
export const privileged: Guard = {
  name: 'privileged',
  description:
    'Whoever holds a privileged role, is eligible for one, or is in a group to which roles can be assigned, is acted upon only with approval (`response.guards.privileged: approve`, the default) or not at all (`never`). Whom it cannot be found out of counts as privileged. Approvers override `approve`; whoever may change the configuration overrides `never`.',
  ask({ plan, settings: { guards } }) {
    for (const subject of plan.subjects) {
      if (subject.kind !== 'principal') continue;
      const { label, privileged: why, unknown } = subject;
      if (why.length === 0 && unknown === undefined) continue;
      const reason =
        why.length > 0
          ? `${named([label])} is privileged: ${named(why)}`
          : `It cannot be told whether ${named([label])} is privileged: ${named([unknown ?? ''])}`;
      return guards.privileged === 'never'
        ? refuse(reason, byConfiguration('response.guards.privileged'))
        : ask(reason);
    }
    return undefined;
  },
};
