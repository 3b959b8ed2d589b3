import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeServiceNow, type FakeServiceNowOptions } from '../../../local/fakes/servicenow.ts';
import { sampleIncident } from '../../../pipeline/incidents/incident-samples.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { hostileIncident, listening, TICKET_SECRETS, ticketContext } from '../../../test/response/tickets.ts';
import type { ActionContext, Change } from '../../contract/action.ts';
import { ticketKey } from '../stand.ts';
import { servicenowTicket } from './servicenow-ticket.ts';

const tickets = (fake: FakeServiceNow): string => `{ servicenow: { base: '${fake.url}' } }`;

describeContract(servicenowTicket, {
  parameters: {},
  hostile: [{ sysparm_query: 'active=true^ORpriority=1' }, null, ['incident']],
  start: async (clock) => {
    const fake = await listening(new FakeServiceNow());
    return { fakes: [fake], context: () => ticketContext(clock, tickets(fake)) };
  },
});

async function staged(options: FakeServiceNowOptions = {}) {
  const fake = await listening(new FakeServiceNow(options));
  onTestFinished(() => fake.close());
  const clock = new HurriedClock();
  const context = ticketContext(clock, tickets(fake));
  return { fake, clock, context, change: await planned(context) };
}

async function planned(context: ActionContext): Promise<Change> {
  const [change] = (await servicenowTicket.plan({}, context)).changes;
  if (change === undefined) throw new Error('nothing is planned');
  return change;
}

describe('a record in ServiceNow', () => {
  it('says what happened, and has the key as its correlation id', async () => {
    const { fake, context, change } = await staged();
    await servicenowTicket.execute(change, context);
    expect(await servicenowTicket.verify(change, context)).toEqual({ is: 'held', note: 'INC0010001' });
    const [record] = fake.records.values();
    expect(record).toMatchObject({ correlation_id: ticketKey(sampleIncident().id), impact: '1', urgency: '1' });
    expect(record?.['description']).toContain('StopLogging');
  });

  it('is not taken for one that a query finds because it is not understood', async () => {
    const { fake, context, change } = await staged({ unreadable: ['correlation_id'] });
    fake.records.set('f'.repeat(32), { sys_id: 'f'.repeat(32), number: 'INC0000001', correlation_id: 'another' });
    expect(await servicenowTicket.verify(change, context)).toEqual({ is: 'absent' });
  });

  it('is said to be lost where its key could not be written, and no second is made by that attempt', async () => {
    const { fake, context, change } = await staged({ unwritable: ['correlation_id'] });
    await expect(servicenowTicket.execute(change, context)).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('delete INC0010001') as string,
    });
    expect(fake.records.size).toBe(1);
  });

  it('keeps to the lengths of fields, and shows hostile text as text', async () => {
    const { fake, clock } = await staged();
    const incident = hostileIncident();
    const steps = Array.from({ length: 60 }, () => incident.steps).flat();
    const context = ticketContext(clock, tickets(fake), { incident: { ...incident, steps } });
    await servicenowTicket.execute(await planned(context), context);
    const [record] = fake.records.values();
    expect(record?.['short_description']?.length).toBeLessThanOrEqual(160);
    expect(record?.['description']?.length).toBeLessThan(4000);
    expect(record?.['description']).toMatch(/and \d+ more$/);
    expect(record?.['description']).not.toMatch(/\[\/?code\]|https?:\/\//i);
  });

  it('is refused with a wrong password', async () => {
    const { fake, clock } = await staged();
    const secrets = { ...TICKET_SECRETS, SERVICENOW_PASSWORD: 'wrong-secret' };
    const refusal = servicenowTicket.plan({}, ticketContext(clock, tickets(fake), { secrets }));
    await expect(refusal).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.not.stringContaining('wrong-secret') as string,
    });
  });
});
