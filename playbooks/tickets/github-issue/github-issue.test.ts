import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeGitHubIssues, SECONDARY_LIMIT, type FakeGitHubIssuesOptions } from '../../../local/fakes/github-issues.ts';
import { sampleIncident } from '../../../pipeline/incidents/incident-samples.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { hostileIncident, listening, TICKET_SECRETS, ticketContext } from '../../../test/response/tickets.ts';
import type { ActionContext, Change } from '../../contract/action.ts';
import { ticketKey } from '../stand.ts';
import { githubIssue } from './github-issue.ts';

const KEY = ticketKey(sampleIncident().id);
const tickets = (fake: FakeGitHubIssues): string =>
  `{ github: { base: '${fake.url}', repository: contoso/incidents } }`;

describeContract(githubIssue, {
  parameters: {},
  hostile: [{ repository: '../../user' }, { title: '@contoso/admins' }],
  start: async (clock) => {
    const fake = await listening(new FakeGitHubIssues());
    return { fakes: [fake], context: () => ticketContext(clock, tickets(fake)) };
  },
});

async function staged(options: FakeGitHubIssuesOptions = {}) {
  const fake = await listening(new FakeGitHubIssues(options));
  onTestFinished(() => fake.close());
  const clock = new HurriedClock();
  const context = ticketContext(clock, tickets(fake));
  return { fake, clock, context, change: await planned(context) };
}

async function planned(context: ActionContext): Promise<Change> {
  const [change] = (await githubIssue.plan({}, context)).changes;
  if (change === undefined) throw new Error('nothing is planned');
  return change;
}

describe('an issue at GitHub', () => {
  it('says what happened, and is found by its label, closed or not', async () => {
    const { fake, context, change } = await staged();
    await githubIssue.execute(change, context);
    const issue = fake.issues.get(1);
    expect(issue?.labels).toEqual(['crosstrail', KEY, 'severity: critical']);
    expect(issue?.body).toContain('StopLogging');
    if (issue !== undefined) issue.state = 'closed';
    expect(await githubIssue.verify(change, context)).toEqual({ is: 'held', note: '#1' });
  });

  it('is not taken for a pull request with the same label', async () => {
    const { fake, context, change } = await staged();
    fake.issues.set(7, {
      number: 7,
      title: 'a',
      body: '',
      labels: [KEY],
      state: 'open',
      state_reason: null,
      isPullRequest: true,
    });
    expect(await githubIssue.verify(change, context)).toEqual({ is: 'absent' });
  });

  it('is not made where its label cannot be', async () => {
    const { fake, context, change } = await staged({ push: false });
    await expect(githubIssue.execute(change, context)).rejects.toMatchObject({ kind: 'forbidden' });
    expect(fake.issues.size).toBe(0);
  });

  it('is left for later where GitHub is asked too fast', async () => {
    const { fake, context, change } = await staged();
    fake.fail({ when: ({ method, path }) => method === 'POST' && path.endsWith('/issues'), answer: SECONDARY_LIMIT });
    await expect(githubIssue.execute(change, context)).rejects.toMatchObject({ kind: 'busy', retryAfter: 2000 });
    await githubIssue.execute(change, context);
    expect(fake.issues.size).toBe(1);
  });

  it('shows hostile text within code alone', async () => {
    const { fake, clock } = await staged();
    const context = ticketContext(clock, tickets(fake), { incident: hostileIncident() });
    await githubIssue.execute(await planned(context), context);
    const body = fake.issues.get(1)?.body ?? '';
    const outside = body.replace(/`[^`\n]*`/g, '');
    expect(body).toContain('@contoso/admins');
    expect(outside).not.toMatch(/[@<`\][|]|https?:|www\.|evil/);
  });

  it('is refused with a wrong token', async () => {
    const { fake, clock } = await staged();
    const secrets = { ...TICKET_SECRETS, GITHUB_ISSUES_TOKEN: 'wrong-secret' };
    const refusal = githubIssue.plan({}, ticketContext(clock, tickets(fake), { secrets }));
    await expect(refusal).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringMatching(
        /^GitHub: (?!.*wrong-secret).*; look at GITHUB_ISSUES_TOKEN, which it does not accept$/,
      ) as string,
    });
  });
});
