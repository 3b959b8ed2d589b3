import { ticketAction } from '../open-ticket.ts';
import { githubIssues } from './github-issues.ts';

/** Opens an issue in a repository at GitHub. */
export const githubIssue = ticketAction({
  name: 'github-issue',
  title: 'Open an issue at GitHub',
  description:
    'The issue has a label made of the id of the incident. Whoever sees the repository sees what happened: use a private one.',
  permissions: {
    others: ['GitHub: a fine-grained token with the repository permission Issues: write'],
    notes: ['It may also change and close the other issues of that repository.'],
  },
  system: githubIssues,
});
