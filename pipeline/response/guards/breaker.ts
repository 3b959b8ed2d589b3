import type { Guard } from './guard.ts';
import { byPerson as atCommand, pass, refuse, timeText } from './verdict.ts';

/** An action that keeps failing. */
export const breaker: Guard = {
  name: 'breaker',
  description:
    'After so many failures of an action in a span (`response.guards.breaker`) it is not tried by itself until the span is over. Somebody on duty who asks for it at the command can try it at once.',
  ask(question) {
    const { recent, now, settings, action, byPerson } = question;
    const { failures, per } = settings.guards.breaker;
    const failed = recent.failed.filter((time) => time > now - per).sort((one, other) => other - one);
    // It is tried again when the failure is over that makes it one too many.
    const deciding = failed[failures - 1];
    if (deciding === undefined) return undefined;
    const reason = `${action.name} failed ${failed.length} times in the last ${Math.round(per / 60_000)} minutes`;
    if (byPerson) return pass(`${reason}; a person asked for it`);
    return refuse(reason, `${atCommand(question)} By itself it is tried again after ${timeText(deciding + per)}.`);
  },
};
