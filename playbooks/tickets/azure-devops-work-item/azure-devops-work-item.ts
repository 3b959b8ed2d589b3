import { ticketAction } from '../open-ticket.ts';
import { azureDevOps } from './azure-devops.ts';

/** Opens a work item in Azure DevOps. */
export const azureDevOpsWorkItem = ticketAction({
  name: 'azure-devops-work-item',
  title: 'Open a work item in Azure DevOps',
  description:
    'The work item has a tag made of the id of the incident. Planning lets the service check the work item without making it.',
  permissions: {
    others: [
      'Azure DevOps: View and Edit work items in the area, and Create tag definition, for the identity of the function app or a token with the scope Work items (read & write)',
    ],
    notes: ['The identity must be a user of the organization, with access level Basic.'],
  },
  system: azureDevOps,
});
