import type { Target } from '../../../playbooks/contract/action.ts';
import type { GuardVerdict } from '../response.ts';
import { byConfiguration, named, refuse, timeText } from './verdict.ts';

/** What keeps a step from being executed that is no guard's to know: in the same form as what guards say. */

/** Somebody stopped all responses. @param stop who, when (milliseconds since 1970-01-01T00:00:00Z) and why */
export function stoppedBy(stop: { readonly by: string; readonly at: number; readonly reason: string }): GuardVerdict {
  const said = `${named([stop.by])} stopped all responses at ${timeText(stop.at)}: ${named([stop.reason])}`;
  return {
    guard: 'stop-switch',
    ...refuse(said, 'To go on: whoever may approve responses resumes them (`crosstrail response resume`).'),
  };
}

/** `response.enabled` is false. */
export const switchedOff = (): GuardVerdict => ({
  guard: 'stop-switch',
  ...refuse('Responses are switched off in the configuration', byConfiguration('response.enabled')),
});

/** Another step works on the same target. @param response the id of the one that does */
export const targetInUse = (target: Target, response: string): GuardVerdict => ({
  guard: 'target-in-use',
  ...refuse(
    `${named([target.label])} is worked on by the response ${named([response])}`,
    'Nobody need do anything: it is tried again when that has ended.',
  ),
});
