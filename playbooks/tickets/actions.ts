import type { Action } from '../contract/action.ts';
import { azureDevOpsWorkItem } from './azure-devops-work-item/azure-devops-work-item.ts';
import { githubIssue } from './github-issue/github-issue.ts';
import { jiraTicket } from './jira-ticket/jira-ticket.ts';
import { servicenowTicket } from './servicenow-ticket/servicenow-ticket.ts';

/** Actions of this folder. */
export const ticketsActions: readonly Action[] = [jiraTicket, servicenowTicket, githubIssue, azureDevOpsWorkItem];
