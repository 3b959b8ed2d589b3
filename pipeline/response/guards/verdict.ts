import { printable } from '../../../platform/printable.ts';
import type { GuardQuestion } from './guard.ts';
import type { GuardVerdict } from '../response.ts';

/** What one guard says, before its name stands on it. */
export type Saying = Omit<GuardVerdict, 'guard'>;

const MOST_NAMES = 3;
const LONGEST_NAME = 200;

/** Nothing is done, approved or not. @param override how it can be done all the same, and by whom: a whole sentence */
export const refuse = (reason: string, override: string): Saying => ({
  says: 'refuse',
  reason: `${reason}. ${override}`,
});

/** Only with approval. @param override as for `refuse` */
export const ask = (reason: string, override: string = BY_APPROVAL): Saying => ({
  says: 'ask',
  reason: `${reason}. ${override}`,
});

/** Nothing is in the way, for a reason worth telling. */
export const pass = (reason: string): Saying => ({ says: 'pass', reason: `${reason}.` });

export const BY_APPROVAL = 'To do it all the same: whoever may approve responses approves it.';

/** @param setting as a path of the configuration */
export const byConfiguration = (setting: string): string =>
  `To do it all the same: whoever may change crosstrail.yaml changes ${setting}.`;

/** What somebody on duty can do at the command. */
export const byPerson = ({ action }: GuardQuestion): string =>
  `To do it all the same: somebody on duty asks for it with \`crosstrail playbooks run ${action.name}\`.`;

/** Names from services and records, made safe to show; of many the first few. */
export function named(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => printable(name.slice(0, LONGEST_NAME)));
  const left = names.length - shown.length;
  return left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ');
}

/** A time for people, in UTC. @param time milliseconds since 1970-01-01T00:00:00Z */
export const timeText = (time: number): string =>
  Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : 'an unknown time';
