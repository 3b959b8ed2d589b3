import type { ActionContext } from '../../../../playbooks/contract/action.ts';
import { armClient } from '../../../../platform/azure/arm.ts';
import { arrayOf, objectOf, textOf, type Json } from '../../../../platform/json.ts';
import { whyOf, type Probe } from './probe.ts';

const API_VERSION = '2022-04-01';
const MOST_CALLS = 20;

/** What roles at and above a scope allow the caller, an entry for each role. */
export interface AzurePermission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

/**
 * Whether the caller may do something at a scope: asked of Azure, which counts the roles at that scope and above it.
 * https://learn.microsoft.com/rest/api/authorization/permissions
 * @param scope the id of a resource, a resource group or a subscription
 */
export async function probeAzure(
  scope: string,
  permissions: readonly string[],
  { connections, clock, deadline }: ActionContext,
): Promise<Probe[]> {
  const named = { service: 'Azure', where: scope } as const;
  try {
    const connection = await connections.azure();
    const arm = armClient({ connection, clock, rates: connections.rates, deadline, maxCalls: MOST_CALLS });
    const path = `${scope}/providers/Microsoft.Authorization/permissions`;
    const held: AzurePermission[] = [];
    for await (const page of arm.pages({ method: 'GET', path, apiVersion: API_VERSION })) held.push(...page.map(read));
    return permissions.map((permission) =>
      mayDo(held, permission)
        ? { ...named, permission, is: 'granted' }
        : { ...named, permission, is: 'missing', why: 'no role at this scope or above it allows it' },
    );
  } catch (error) {
    return permissions.map((permission) => ({ ...named, permission, is: 'unknown', why: whyOf(error) }));
  }
}

const read = (value: Json): AzurePermission => {
  const entry = objectOf(value);
  const texts = (name: string): string[] =>
    (arrayOf(entry?.[name]) ?? []).map((one) => textOf(one)).filter((one) => one !== undefined);
  return { actions: texts('actions'), notActions: texts('notActions') };
};

/** Whether one of the roles allows an action: what a role takes out, another may still give. Without regard to case; `*` stands for any text. */
export const mayDo = (held: readonly AzurePermission[], action: string): boolean =>
  held.some(
    ({ actions, notActions }) =>
      actions.some((pattern) => isMeant(pattern, action)) && !notActions.some((pattern) => isMeant(pattern, action)),
  );

function isMeant(pattern: string, action: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const text = action.toLowerCase();
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
