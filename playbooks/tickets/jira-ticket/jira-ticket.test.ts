import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeJira, type FakeJiraOptions } from '../../../local/fakes/jira.ts';
import { sampleIncident } from '../../../pipeline/incidents/incident-samples.ts';
import type { Clock } from '../../../platform/clock.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { hostileIncident, listening, TICKET_SECRETS, ticketContext } from '../../../test/response/tickets.ts';
import type { ActionContext, Change } from '../../contract/action.ts';
import { textOfAdf } from '../forms.ts';
import { ticketKey } from '../stand.ts';
import { jiraTicket } from './jira-ticket.ts';

const tickets = (fake: FakeJira): string =>
  `{ jira: { base: '${fake.url}', project: SEC, priorities: { critical: Highest, high: High } } }`;

describeContract(jiraTicket, {
  parameters: {},
  hostile: [{ project: 'SEC" OR project = "HR' }, { summary: '@channel' }, [], 'x'.repeat(4096)],
  start: async (clock) => {
    const fake = await listening(new FakeJira({ clock }));
    return { fakes: [fake], context: () => ticketContext(clock, tickets(fake)) };
  },
});

async function staged(options: Omit<FakeJiraOptions, 'clock'> = {}, clock: Clock = new HurriedClock()) {
  const fake = await listening(new FakeJira({ clock, ...options }));
  onTestFinished(() => fake.close());
  const context = ticketContext(clock, tickets(fake));
  const change = await planned(context);
  return { fake, clock, context, change };
}

async function planned(context: ActionContext): Promise<Change> {
  const [change] = (await jiraTicket.plan({}, context)).changes;
  if (change === undefined) throw new Error('nothing is planned');
  return change;
}

describe('an issue in Jira', () => {
  it('says what happened, and is found by its label', async () => {
    const { fake, context, change } = await staged();
    await jiraTicket.execute(change, context);
    expect(await jiraTicket.verify(change, context)).toEqual({ is: 'held', note: 'SEC-1' });
    const [issue] = fake.issues.values();
    expect(issue).toMatchObject({
      summary: '[critical] ann@contoso.example: from a device-code sign-in in Entra to a trail stopped in AWS',
      labels: ['crosstrail', ticketKey(sampleIncident().id)],
      priority: 'Highest',
    });
    const text = textOfAdf(issue?.description);
    expect(text).toContain('decision block');
    expect(text).toContain('StopLogging');
    expect(text).toContain('T1685.002');
  });

  it('is not made again while the search does not show the one whose answer was lost', async () => {
    const { fake, context, change } = await staged({ lag: 120_000 });
    fake.fail({ when: ({ method, path }) => method === 'POST' && path.endsWith('/issue'), answer: 'lose answer' });
    await expect(jiraTicket.execute(change, context)).rejects.toMatchObject({ kind: 'busy' });
    // Another process takes it up, and the search shows nothing.
    expect(await jiraTicket.verify(change, context)).toEqual({ is: 'absent' });
    await jiraTicket.execute(change, context);
    expect(fake.issues.size).toBe(1);
    expect(await jiraTicket.verify(change, context)).toMatchObject({ is: 'held' });
  });

  it('is left for later where there is no time to wait for the search', async () => {
    const { fake, clock, context, change } = await staged({ lag: 120_000 });
    fake.fail({ when: ({ method, path }) => method === 'POST' && path.endsWith('/issue'), answer: 'lose answer' });
    const short = { ...context, deadline: clock.now() + 60_000 };
    await expect(jiraTicket.execute(change, short)).rejects.toMatchObject({ kind: 'busy' });
    const again = jiraTicket.execute(change, { ...context, deadline: clock.now() + 60_000 });
    await expect(again).rejects.toMatchObject({ kind: 'busy', retryAfter: expect.any(Number) as number });
    expect(fake.issues.size).toBe(1);
  });

  it('is made at once after a refusal', async () => {
    const { fake, clock, context, change } = await staged();
    fake.fail({
      when: ({ path }) => path.endsWith('/issue'),
      answer: { status: 400, body: { errorMessages: ['no'], errors: {} } },
    });
    await expect(jiraTicket.execute(change, context)).rejects.toMatchObject({ kind: 'failed' });
    const before = clock.now();
    await jiraTicket.execute(change, context);
    expect(clock.now() - before).toBeLessThan(5000);
    expect(fake.issues.size).toBe(1);
  });

  it('is found by its label where the account lost its notes, the oldest where somebody cloned it', async () => {
    const { fake, clock, context, change } = await staged({ emptyFirst: true });
    await jiraTicket.execute(change, context);
    const [issue] = fake.issues.values();
    if (issue !== undefined) fake.issues.set('10099', { ...issue, id: '10099', key: 'SEC-99' });
    fake.properties.clear();
    await clock.wait(60_000);
    await jiraTicket.execute(change, context);
    expect(fake.issues.size).toBe(2);
    expect(await jiraTicket.verify(change, context)).toEqual({ is: 'held', note: 'SEC-1' });
  });

  it('is not looked for by the search that was removed', async () => {
    const { fake, context, change } = await staged();
    await jiraTicket.verify(change, context);
    expect(fake.requests).toContain('POST /rest/api/3/search/jql');
    const removed = await fetch(`${fake.url}/rest/api/3/search`, {
      headers: { authorization: `Basic ${btoa(`${TICKET_SECRETS.JIRA_USER}:${TICKET_SECRETS.JIRA_TOKEN}`)}` },
    });
    expect(removed.status).toBe(410);
  });

  it('is not made again where somebody deleted it', async () => {
    const { fake, context, change } = await staged();
    await jiraTicket.execute(change, context);
    fake.issues.clear();
    expect(await jiraTicket.verify(change, context)).toEqual({ is: 'changed', why: 'somebody deleted the ticket' });
    await jiraTicket.execute(change, context);
    expect(fake.issues.size).toBe(0);
  });

  it('waits as long as it is told to', async () => {
    const { fake, clock, context, change } = await staged();
    const before = clock.now();
    fake.fail({
      times: 2,
      when: ({ method, path }) => method === 'POST' && path.endsWith('/issue'),
      answer: { status: 429, headers: { 'retry-after': '7' } },
    });
    await jiraTicket.execute(change, context);
    expect(clock.now() - before).toBeGreaterThanOrEqual(14_000);
    expect(fake.issues.size).toBe(1);
  });

  it('is refused where the credential or a permission is wrong, without the secret in the message', async () => {
    const { fake, clock } = await staged();
    const wrong = ticketContext(clock, tickets(fake), { secrets: { ...TICKET_SECRETS, JIRA_TOKEN: 'wrong-secret' } });
    const refusal = await jiraTicket.plan({}, wrong).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('JIRA_USER and JIRA_TOKEN') as string,
    });
    expect(String(refusal)).not.toContain('wrong-secret');
    const none = ticketContext(clock, tickets(fake), { secrets: {} });
    await expect(jiraTicket.plan({}, none)).rejects.toMatchObject({
      kind: 'input',
      message: expect.stringContaining('variable JIRA_USER is not set') as string,
    });
    const small = await listening(new FakeJira({ clock, permissions: ['ADD_COMMENTS'] }));
    onTestFinished(() => small.close());
    await expect(jiraTicket.plan({}, ticketContext(clock, tickets(small)))).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('CREATE_ISSUES') as string,
    });
  });

  it('needs a configuration and an incident', async () => {
    const { context, clock } = await staged();
    await expect(jiraTicket.plan({}, ticketContext(clock, '{}'))).rejects.toMatchObject({ kind: 'input' });
    await expect(jiraTicket.plan({}, { ...context, incident: undefined })).rejects.toMatchObject({ kind: 'input' });
    const other = { ...(await planned(context)), id: 'rule-7' };
    await expect(jiraTicket.verify(other, context)).rejects.toMatchObject({ kind: 'input' });
  });

  it('holds hostile text as nothing but text', async () => {
    const { fake, clock } = await staged();
    const context = ticketContext(clock, tickets(fake), { incident: hostileIncident() });
    await jiraTicket.execute(await planned(context), context);
    const [issue] = fake.issues.values();
    expect(issue?.summary.length).toBeLessThanOrEqual(200);
    const types = [...JSON.stringify(issue?.description).matchAll(/"type":"(\w+)"/g)].map(([, type]) => type);
    expect(new Set(types)).toEqual(new Set(['doc', 'paragraph', 'text', 'code', 'heading', 'bulletList', 'listItem']));
    expect(textOfAdf(issue?.description)).not.toMatch(/https?:\/\/|\p{Cf}/u);
  });
});
