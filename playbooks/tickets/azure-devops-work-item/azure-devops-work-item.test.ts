import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeAzureDevOps, type FakeAzureDevOpsOptions } from '../../../local/fakes/azure-devops.ts';
import { sampleIncident } from '../../../pipeline/incidents/incident-samples.ts';
import { textOf } from '../../../platform/json.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { hostileIncident, listening, ticketContext } from '../../../test/response/tickets.ts';
import type { ActionContext, Change } from '../../contract/action.ts';
import { ticketKey } from '../stand.ts';
import { azureDevOpsWorkItem } from './azure-devops-work-item.ts';

const KEY = ticketKey(sampleIncident().id);
const tickets = (fake: FakeAzureDevOps, more = ''): string =>
  `{ azureDevOps: { base: '${fake.url}', organization: contoso, project: Security Operations${more} } }`;

describeContract(azureDevOpsWorkItem, {
  parameters: {},
  hostile: [{ project: "x' OR [System.Id] > 0 --" }],
  start: async (clock) => {
    const fake = await listening(new FakeAzureDevOps());
    return { fakes: [fake], context: () => ticketContext(clock, tickets(fake)) };
  },
});

async function staged(options: FakeAzureDevOpsOptions = {}) {
  const fake = await listening(new FakeAzureDevOps(options));
  onTestFinished(() => fake.close());
  const clock = new HurriedClock();
  return { fake, clock, context: ticketContext(clock, tickets(fake)) };
}

async function planned(context: ActionContext): Promise<Change> {
  const [change] = (await azureDevOpsWorkItem.plan({}, context)).changes;
  if (change === undefined) throw new Error('nothing is planned');
  return change;
}

describe('a work item in Azure DevOps', () => {
  it('says what happened, and is found by its tag', async () => {
    const { fake, context } = await staged();
    const change = await planned(context);
    await azureDevOpsWorkItem.execute(change, context);
    expect(await azureDevOpsWorkItem.verify(change, context)).toEqual({ is: 'held', note: '#1' });
    const { fields } = fake.items.get(1) ?? {};
    expect(fields).toMatchObject({ 'System.Tags': `crosstrail; ${KEY}`, 'Microsoft.VSTS.Common.Priority': 1 });
    expect(textOf(fields?.['System.Description'])).toContain('StopLogging');
  });

  it('is checked by the service before anybody is asked', async () => {
    const { fake, context } = await staged({ type: 'Bug' });
    await expect(planned(context)).rejects.toMatchObject({
      kind: 'absent',
      message: expect.stringContaining('Work item type Issue does not exist') as string,
    });
    expect(fake.items.size).toBe(0);
  });

  it('is not taken for one with a tag that only holds the key', async () => {
    const { fake, context } = await staged();
    const change = await planned(context);
    fake.items.set(9, { id: 9, rev: 1, fields: { 'System.Tags': `${KEY}0; other` }, comments: [] });
    expect(await azureDevOpsWorkItem.verify(change, context)).toEqual({ is: 'absent' });
  });

  it('is made with a personal access token where one is named', async () => {
    const token = Buffer.from(':ado-token').toString('base64');
    const { fake, clock } = await staged({ authorization: `Basic ${token}` });
    const more = ', tokenVariable: ADO_TOKEN';
    const context = ticketContext(clock, tickets(fake, more), { secrets: { ADO_TOKEN: 'ado-token' } });
    await azureDevOpsWorkItem.execute(await planned(context), context);
    expect(fake.items.size).toBe(1);
    const wrong = ticketContext(clock, tickets(fake, more), { secrets: { ADO_TOKEN: 'wrong-secret' } });
    await expect(planned(wrong)).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('ADO_TOKEN') as string,
    });
  });

  it('gets its token from the identity of the function app, for Azure DevOps alone', async () => {
    const { fake, clock } = await staged();
    const context = ticketContext(clock, tickets(fake));
    const scopes: (string | string[])[] = [];
    const credential = {
      getToken: async (scope: string | string[]) => {
        scopes.push(scope);
        throw new Error('no identity here\nwith a trace');
      },
    };
    const { endpoints, httpClient } = await context.connections.azure();
    const { settings } = context.connections;
    const { azureDevOps } = settings.tickets;
    const elsewhere = azureDevOps && { ...azureDevOps, base: 'https://dev.azure.invalid' };
    const connections = {
      ...context.connections,
      settings: { ...settings, tickets: { ...settings.tickets, azureDevOps: elsewhere } },
      azure: async () => ({ endpoints, httpClient, credential }),
    };
    await expect(planned({ ...context, connections })).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringMatching(/no identity here$/) as string,
    });
    expect(scopes).toEqual(['499b84ac-1321-427f-aa17-267ca6975798/.default']);
    // A server of this machine got none.
    await planned(context);
    expect(scopes).toHaveLength(1);
  });

  it('shows hostile text as text', async () => {
    const { fake, clock } = await staged();
    const context = ticketContext(clock, tickets(fake), { incident: hostileIncident() });
    await azureDevOpsWorkItem.execute(await planned(context), context);
    const html = textOf(fake.items.get(1)?.fields['System.Description']) ?? '';
    const tags = [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag);
    expect(new Set(tags)).toEqual(
      new Set([
        '<div>',
        '</div>',
        '<h3>',
        '</h3>',
        '<ul>',
        '</ul>',
        '<li>',
        '</li>',
        '<code>',
        '</code>',
        '<span>',
        '</span>',
      ]),
    );
    expect(html).not.toMatch(/https?:\/\/|@\w|#\d+ /);
  });
});
