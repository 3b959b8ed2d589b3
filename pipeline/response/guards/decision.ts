import type { Guard } from './guard.ts';
import { ask, BY_APPROVAL } from './verdict.ts';

/** What the gating contract says of the incident. */
export const decision: Guard = {
  name: 'decision',
  description:
    'By itself something is done only about incidents whose decision is `block`, as rules and what is known of assets say; about others approvers are asked. Tickets are left out: they take nothing from anybody. What a person asks for at the command goes on.',
  ask({ action, mode, byPerson, decision: decided }) {
    if (byPerson || mode !== 'automatic' || action.group === 'tickets' || decided === 'block') return undefined;
    return ask(`The decision about the incident is ${decided ?? 'not known'}, not block`, BY_APPROVAL);
  },
};
