import type { Action, ActionContext } from '../../../../playbooks/contract/action.ts';
import { ticketSystem } from '../../../../playbooks/tickets/systems.ts';
import type { TicketSystemName } from '../../../../playbooks/tickets/ticket-change.ts';
import { isRefusal, whyOf, type Probe } from './probe.ts';

/** A key that no ticket has. */
const NO_TICKET = 'crosstrail-doctor';
const NAMES: readonly TicketSystemName[] = [
  'jira-ticket',
  'servicenow-ticket',
  'github-issue',
  'azure-devops-work-item',
];

/** The service in which an action opens tickets; undefined for other actions. */
const systemOf = (name: string): TicketSystemName | undefined => NAMES.find((one) => one === name);

/** Whether a service of tickets lets itself be searched; whether it can be written is only seen when a ticket is opened. */
export async function probeTickets(
  { name, permissions }: Pick<Action, 'name' | 'permissions'>,
  context: ActionContext,
): Promise<Probe[]> {
  const system = systemOf(name);
  const others = permissions.others ?? [];
  const all = (is: Probe['is'], why: string): Probe[] =>
    others.map((permission) => ({ service: 'other', where: name, permission, is, why }));
  if (system === undefined) return all('unknown', 'it cannot be asked');
  try {
    await ticketSystem(system, context).find(NO_TICKET);
    return all('unknown', 'tickets can be searched; whether they can be written is only seen when one is opened');
  } catch (error) {
    return all(isRefusal(error) ? 'missing' : 'unknown', whyOf(error));
  }
}
