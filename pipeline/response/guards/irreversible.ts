import type { Guard } from './guard.ts';
import { ask, named } from './verdict.ts';

/** What cannot be taken back. */
export const irreversible: Guard = {
  name: 'irreversible',
  description:
    'What cannot be taken back is done only with approval, in every mode: actions that say so, and single changes that have no undo. Approvers override it. Tickets are left out: they take nothing from anybody.',
  ask({ action, plan }) {
    if (action.group === 'tickets') return undefined;
    if (action.reversibility === 'irreversible') return ask(`${action.title} cannot be taken back`);
    const changes = plan.changes.filter(({ undo }) => undo === undefined);
    if (changes.length === 0) return undefined;
    return ask(`This cannot be taken back: ${named(changes.map(({ summary }) => summary))}`);
  },
};
