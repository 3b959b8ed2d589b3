import { ticketAction } from '../open-ticket.ts';
import { jira } from './jira.ts';

/** Opens an issue in Jira Cloud. */
export const jiraTicket = ticketAction({
  name: 'jira-ticket',
  title: 'Open an issue in Jira Cloud',
  description: [
    'The issue has a label made of the id of the incident.',
    'The search of Jira shows new issues only after a while, so a property of the account itself keeps that one was begun:',
    'where an answer was lost, nothing is made anew for five minutes.',
  ].join(' '),
  permissions: {
    others: [
      'Jira: an account with access to the site',
      'Jira: Browse projects, Create issues, Edit issues, Transition issues and Add comments in the project',
    ],
    notes: ['An API token may do all that its account may: use an account that sees this project alone.'],
  },
  system: jira,
});
