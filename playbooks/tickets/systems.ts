import { azureDevOps } from './azure-devops-work-item/azure-devops.ts';
import { githubIssues } from './github-issue/github-issues.ts';
import { jira } from './jira-ticket/jira.ts';
import { servicenow } from './servicenow-ticket/servicenow.ts';
import type { TicketSystemName } from './ticket-change.ts';
import type { TicketConnections, TicketSystem } from './ticket-system.ts';

const SYSTEMS: Readonly<Record<TicketSystemName, (connections: TicketConnections) => TicketSystem>> = {
  'jira-ticket': jira,
  'servicenow-ticket': servicenow,
  'github-issue': githubIssues,
  'azure-devops-work-item': azureDevOps,
};

/**
 * The service in which an action opens tickets.
 * @throws ActionError of kind `input` where it is not configured
 */
export const ticketSystem = (name: TicketSystemName, connections: TicketConnections): TicketSystem =>
  SYSTEMS[name](connections);
