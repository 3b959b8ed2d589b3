import type { ActionContext, Target, Verification } from '../contract/action.ts';
import { bringAbout } from './bring-about.ts';
import { graphClient } from './graph-client.ts';

/** How the disabling of an account stands. @param enabled undefined where the account is gone */
export function enabledAs(enabled: boolean | undefined, { label }: Target): Verification {
  if (enabled === undefined) return { is: 'changed', why: `${label} was deleted since` };
  return enabled ? { is: 'absent' } : { is: 'held' };
}

/** Disables or enables the account of a user or a service principal, where it is not so already. @throws ActionError */
export async function setEnabled({
  context,
  accountEnabled,
  path,
  needs,
  look,
}: {
  readonly context: ActionContext;
  readonly accountEnabled: boolean;
  readonly path: string;
  readonly needs: string;
  readonly look: () => Promise<Verification>;
}): Promise<void> {
  const graph = await graphClient(context);
  await bringAbout(context, accountEnabled ? 'held' : 'absent', look, () =>
    graph.write({ method: 'PATCH', path, body: { accountEnabled }, needs, repeatable: true }),
  );
}
