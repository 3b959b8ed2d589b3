import { expect, it } from 'vitest';
import { approvalSection } from './approval.ts';

const ANN = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000B';

const problems = (value: unknown): string[] =>
  (approvalSection.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

it('names nobody unless told, and asks one person for an hour', () => {
  expect(approvalSection.parse(undefined)).toEqual({
    ...{ approvers: [], approverGroups: [], approverRoles: [], quorum: 1, timeout: 3_600_000 },
  });
});

it('reads who approves, in lower case, and the address without its slash', () => {
  const users = { U0123456789: { approver: BEN, userPrincipalName: 'ben@contoso.example' } };
  const read = approvalSection.parse({
    ...{ tenant: ANN.toUpperCase(), approvers: [ANN, BEN], quorum: 2, timeout: '30m' },
    slack: { team: 'T0123456789', signingSecretVariable: 'SLACK_SIGNING_SECRET', users },
    baseUrl: 'https://contoso-crosstrail.azurewebsites.net/',
  });
  expect(read).toMatchObject({
    ...{ tenant: ANN, approvers: [ANN, BEN.toLowerCase()], timeout: 1_800_000 },
    slack: { hooks: 'https://hooks.slack.com', users: { U0123456789: { approver: BEN.toLowerCase() } } },
    baseUrl: 'https://contoso-crosstrail.azurewebsites.net',
  });
});

it.each([
  [{ approvers: ['ann'] }, 'approvers.0: expected the object id of a user'],
  [{ quorum: 0 }, 'quorum: Too small: expected number to be >=1'],
  [{ approvers: [ANN, ANN.toUpperCase()], quorum: 2 }, 'quorum: expected at most 1: no more people may approve'],
  [{ timeout: '8d' }, 'timeout: expected a span from 1m to 7d'],
  [
    { baseUrl: 'http://contoso.example' },
    'baseUrl: expected an address that begins with https://, without user and password',
  ],
  [{ baseUrl: 'contoso' }, 'baseUrl: expected an address without a path'],
  [{ baseUrl: 'https://contoso.example/api' }, 'baseUrl: expected an address without a path'],
  [
    {
      slack: {
        ...{ team: 'T0123456789', signingSecretVariable: 'SLACK_SIGNING_SECRET' },
        users: { U0123456789: { approver: ANN, userPrincipalName: 'ann@contoso.example' } },
      },
    },
    `slack.users.U0123456789.approver: approvers does not name ${ANN}: groups and roles cannot be seen from Slack`,
  ],
  [
    { slack: { team: 'T0123456789', signingSecretVariable: 'xoxb-0000' } },
    'slack.signingSecretVariable: expected the name of an environment variable, such as SLACK_SIGNING_SECRET',
  ],
])('refuses %j', (value, problem) => {
  expect(problems(value)).toContain(problem);
});

it('takes a quorum that groups may give', () => {
  expect(problems({ approvers: [ANN], approverGroups: [BEN], quorum: 3 })).toEqual([]);
});
