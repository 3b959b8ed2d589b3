import type { Action } from '../../playbooks/contract/action.ts';
import { ConfigurationError } from '../../platform/configuration.ts';
import type { ResponseSettings } from '../../platform/configuration/response.ts';
import { schemaMessage } from '../../platform/schema-message.ts';

/**
 * Checks what the configuration says of actions, so that a mistake is seen at the start and not in an incident.
 * @throws ConfigurationError that names each action that is not there, each parameter that its action does not take, and each lease that it does not hold
 */
export function checkPlaybooks(
  { playbooks, guards }: Pick<ResponseSettings, 'playbooks' | 'guards'>,
  actions: ReadonlyMap<string, Action>,
): void {
  const unknown = (path: string, name: string): string =>
    `${path}: there is no action ${name}; there are ${[...actions.keys()].join(', ')}`;
  const ofSteps = Object.entries(playbooks).flatMap(([name, { steps }]) =>
    steps.flatMap(({ action: called, with: given, lease }, at) => {
      const path = `response.playbooks.${name}.steps.${at}`;
      const action = actions.get(called);
      if (action === undefined) return [unknown(`${path}.action`, called)];
      const ofParameters = problemsOf(action, given).map((problem) => `${path}.with.${problem}`);
      return [...ofParameters, ...leaseProblems(action, lease).map((problem) => `${path}.lease: ${problem}`)];
    }),
  );
  const rates = Object.keys(guards.rates).filter((name) => !actions.has(name));
  const ofRates = rates.map((name) => unknown(`response.guards.rates.${name}`, name));
  const problems = [...new Set([...ofSteps, ...ofRates])];
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

const HOUR = 3_600_000;

/** @param lasts milliseconds */
function leaseProblems({ name, lease }: Action, lasts: number | undefined): string[] {
  if (lasts === undefined) return [];
  if (lease === undefined) return [`there is nothing of ${name} that ends`];
  return lasts > lease.longest ? [`${name} holds at most ${lease.longest / HOUR} hours`] : [];
}
