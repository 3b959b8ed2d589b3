import type { Action } from '../../playbooks/contract/action.ts';
import { ConfigurationError } from '../../platform/configuration.ts';
import type { ResponseSettings } from '../../platform/configuration/response.ts';
import { schemaMessage } from '../../platform/schema-message.ts';

/**
 * Checks what the configuration says of actions, so that a mistake is seen at the start and not in an incident.
 * @throws ConfigurationError that names each action that is not there, and each parameter that its action does not take
 */
export function checkPlaybooks({ playbooks }: ResponseSettings, actions: ReadonlyMap<string, Action>): void {
  const problems = Object.entries(playbooks).flatMap(([name, { steps }]) =>
    steps.flatMap(({ action: called, with: given }, at) => {
      const path = `response.playbooks.${name}.steps.${at}`;
      const action = actions.get(called);
      if (action === undefined)
        return [`${path}.action: there is no action ${called}; there are ${[...actions.keys()].join(', ')}`];
      return problemsOf(action, given).map((problem) => `${path}.with.${problem}`);
    }),
  );
  if (problems.length > 0)
    throw new ConfigurationError(`the configuration cannot be used:\n  ${problems.join('\n  ')}`);
}

/** Only what is said of the parameters that are given: incidents give the others. */
function problemsOf({ parameters }: Action, given: Readonly<Record<string, unknown>>): string[] {
  const { error } = parameters.safeParse(given);
  return (error?.issues ?? []).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${key}: the action has no such parameter`);
    const [first] = issue.path;
    return typeof first === 'string' && Object.hasOwn(given, first)
      ? [`${issue.path.join('.')}: ${schemaMessage(issue)}`]
      : [];
  });
}
