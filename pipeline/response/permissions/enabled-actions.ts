import type { Action } from '../../../playbooks/contract/action.ts';
import type { ResponseSettings } from '../../../platform/configuration/response.ts';

/** Thrown for actions that there are not; its message names them and what there is. */
export class UnknownActionError extends Error {
  override readonly name = 'UnknownActionError';
}

/**
 * The actions that are named, or else those that the configuration's playbooks use, in order of name.
 * @throws UnknownActionError
 */
export function enabledActions(
  actions: ReadonlyMap<string, Action>,
  { playbooks }: Pick<ResponseSettings, 'playbooks'>,
  named: readonly string[] = [],
): readonly Action[] {
  const used = Object.values(playbooks).flatMap(({ steps }) => steps.map(({ action }) => action));
  const wanted = [...new Set(named.length > 0 ? named : used)].sort();
  const unknown = wanted.filter((name) => !actions.has(name));
  if (unknown.length > 0) {
    const known = [...actions.keys()].sort().join(', ');
    throw new UnknownActionError(`there is no action ${unknown.join(', ')}; there are ${known || 'none'}`);
  }
  return wanted.map((name) => actions.get(name)).filter((action) => action !== undefined);
}
