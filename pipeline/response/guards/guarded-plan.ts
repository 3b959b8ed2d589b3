import type { Action, ActionContext, Plan } from '../../../playbooks/contract/action.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { refusalOfAddresses } from './never-network.ts';

/**
 * Plans an action, unless it is to block an address that is never blocked: then no service is asked for anything, and the plan is of the addresses alone, for
 * the guards to refuse. Reads only.
 * @param ownEgress one's own egress, in CIDR notation
 * @throws ActionError
 */
export async function guardedPlan(
  action: Action,
  parameters: JsonObject,
  context: ActionContext,
  ownEgress: readonly string[],
): Promise<Plan> {
  const addresses = action.blocks(parameters);
  const { settings } = context.connections;
  if (refusalOfAddresses(addresses, { ownEgress, settings }) === undefined) return action.plan(parameters, context);
  const id = addresses.join(' ');
  return {
    target: { kind: 'address', id, label: id },
    changes: [],
    affects: [],
    residual: [],
    subjects: addresses.map((value) => ({ kind: 'address', value })),
  };
}
