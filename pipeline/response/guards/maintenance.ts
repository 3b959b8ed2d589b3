import type { Guard } from './guard.ts';
import { ask, named, pass } from './verdict.ts';

/** While people work on things themselves. */
export const maintenance: Guard = {
  name: 'maintenance',
  description:
    'In the windows of `response.guards.maintenance` nothing is done by itself: approvers are asked. What a person asks for at the command goes on.',
  ask({ settings, now, byPerson }) {
    const window = settings.guards.maintenance.find(({ from, to }) => Date.parse(from) <= now && now < Date.parse(to));
    if (window === undefined) return undefined;
    const reason = `It is maintenance until ${window.to}: ${named([window.name])}`;
    return byPerson ? pass(`${reason}; a person asked for it`) : ask(reason);
  },
};
