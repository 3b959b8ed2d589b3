import { folded } from '../identity-names.ts';
import type { Guard } from './guard.ts';
import { byConfiguration, named, refuse } from './verdict.ts';

/** Members of groups that the configuration names. */
export const neverGroup: Guard = {
  name: 'never-group',
  description:
    'Nothing is done to members of the groups of `response.guards.neverGroups`, of groups within them too. Where groups are named and it cannot be found out in which somebody is, they count as members. No approval overrides it; whoever may change the configuration can.',
  ask({ plan, settings: { guards } }) {
    const never = new Set(guards.neverGroups.map(folded));
    if (never.size === 0) return undefined;
    for (const subject of plan.subjects) {
      if (subject.kind !== 'principal') continue;
      const group = subject.groups.find((id) => never.has(folded(id)));
      const override = byConfiguration('response.guards.neverGroups');
      if (group !== undefined) {
        return refuse(
          `Nothing is done to ${named([subject.label])}: it is a member of the group ${named([group])}`,
          override,
        );
      }
      if (subject.unknown === undefined) continue;
      const unknown = `It cannot be told whether ${named([subject.label])} is a member of a group that nothing is done to: ${named([subject.unknown])}`;
      return refuse(unknown, `Give the permission that is missing, and it is asked again. ${override}`);
    }
    return undefined;
  },
};
