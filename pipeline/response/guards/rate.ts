import type { Guard } from './guard.ts';
import { ask, byConfiguration, byPerson, refuse, timeText } from './verdict.ts';

/** Too many changes of one action. */
export const rate: Guard = {
  name: 'rate',
  description:
    'An action makes at most so many changes in a span (`response.guards.rate`, by action `response.guards.rates`); more are refused until the span is over. Somebody on duty who asks for it at the command is asked for approval instead; whoever may change the configuration can raise the rate.',
  ask(question) {
    const { action, plan, recent, now, settings } = question;
    if (plan.changes.length === 0) return undefined;
    const { rates, rate: usual } = settings.guards;
    const own = Object.hasOwn(rates, action.name) ? rates[action.name] : undefined;
    const { changes: most, per } = own ?? usual;
    const made = recent.made.filter((time) => time > now - per).sort((one, other) => one - other);
    const over = made.length + plan.changes.length - most;
    if (over <= 0) return undefined;
    // So many of the oldest must be out of the span before this fits in.
    const last = plan.changes.length > most ? undefined : made[over - 1];
    const again = last === undefined ? '' : ` It fits in again after ${timeText(last + per)}.`;
    const setting = own === undefined ? 'response.guards.rate' : `response.guards.rates.${action.name}`;
    const reason = `${action.name} made ${made.length} changes in the last ${Math.round(per / 60_000)} minutes and would make ${plan.changes.length} more; ${most} are allowed`;
    return question.byPerson
      ? ask(reason)
      : refuse(reason, `${byPerson(question)} Or: ${byConfiguration(setting)}${again}`);
  },
};
