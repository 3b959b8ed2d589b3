import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../configuration.ts';

const ticketsOf = (tickets: string) =>
  parseConfiguration(`response: { tickets: ${tickets} }`, '/etc/crosstrail.yaml').response.tickets;

describe('the configuration of tickets', () => {
  it('has no service where it names none', () => expect(ticketsOf('{}')).toEqual({ close: true }));

  it('needs little, and names secrets by their environment variables', () => {
    expect(ticketsOf("{ jira: { base: 'https://contoso.atlassian.net/', project: SEC } }").jira).toEqual({
      base: 'https://contoso.atlassian.net',
      project: 'SEC',
      issueType: 'Task',
      userVariable: 'JIRA_USER',
      tokenVariable: 'JIRA_TOKEN',
      priorities: {},
    });
    expect(ticketsOf('{ github: { repository: contoso/incidents } }').github).toMatchObject({
      base: 'https://api.github.com',
      tokenVariable: 'GITHUB_ISSUES_TOKEN',
    });
    expect(ticketsOf("{ servicenow: { base: 'http://127.0.0.1:8080' } }").servicenow?.table).toBe('incident');
    expect(ticketsOf('{ azureDevOps: { organization: contoso, project: Security Operations } }').azureDevOps).toEqual({
      base: 'https://dev.azure.com',
      organization: 'contoso',
      project: 'Security Operations',
      type: 'Issue',
      closeState: 'Done',
    });
  });

  it.each([
    ["{ jira: { base: 'http://contoso.atlassian.net', project: SEC } }", 'jira.base: expected an address'],
    ["{ jira: { base: 'https://user:word@contoso.atlassian.net', project: SEC } }", 'jira.base: expected an address'],
    ["{ jira: { base: 'https://a.example', project: 'SEC\" OR project = \"HR' } }", 'jira.project: expected the key'],
    [
      "{ jira: { base: 'https://a.example', project: SEC, tokenVariable: 'my-token' } }",
      'jira.tokenVariable: expected the name',
    ],
    ["{ jira: { base: 'https://a.example', project: SEC, token: secret } }", 'token'],
    [
      "{ servicenow: { base: 'https://a.example', table: 'incident/../sys_user' } }",
      'servicenow.table: expected the name',
    ],
    ['{ github: { repository: contoso/.. } }', 'github.repository: expected a repository'],
    ['{ github: { repository: contoso/a/b } }', 'github.repository: expected a repository'],
    ["{ azureDevOps: { organization: 'contoso/x', project: a } }", 'azureDevOps.organization: expected the name'],
    ["{ azureDevOps: { organization: contoso, project: 'a/b' } }", 'azureDevOps.project: expected the name'],
  ])('refuses %s', (tickets, problem) => expect(() => ticketsOf(tickets)).toThrow(problem));
});
