import { objectOf, textOf } from '../../platform/json.ts';
import type { Change } from '../contract/action.ts';

/** The actions that open tickets, by name. */
export type TicketSystemName = 'jira-ticket' | 'servicenow-ticket' | 'github-issue' | 'azure-devops-work-item';

export const TICKET_SYSTEMS: readonly TicketSystemName[] = [
  'jira-ticket',
  'servicenow-ticket',
  'github-issue',
  'azure-devops-work-item',
];

/** Which ticket a change of one of these actions opened; undefined where it is another change. */
export function openedTicket({
  id,
  after,
}: Change): { readonly key: string; readonly incident: string; readonly in: string } | undefined {
  const opened = objectOf(after);
  const [incident, place] = [textOf(opened?.['incident']), textOf(opened?.['in'])];
  if (opened?.['ticket'] !== id || incident === undefined || place === undefined) return undefined;
  return { key: id, incident, in: place };
}
