import { app } from '@azure/functions';
import { ticketSystem } from '../playbooks/tickets/systems.ts';
import { syncTickets } from '../pipeline/response/ticket-sync.ts';
import { services } from './services.ts';

/** The timer comes again each minute. */
const TURN = 50_000;

/** Each minute, brings tickets to how their incidents stand. */
app.timer('sync-tickets', {
  schedule: '20 * * * * *',
  handler: async (_timer, context) => {
    const { configuration, storage, clock, metrics, incidents, responses, connections } = await services();
    const { tickets } = configuration.response;
    const { close, jira, servicenow, github, azureDevOps } = tickets;
    if ((jira ?? servicenow ?? github ?? azureDevOps) === undefined) return;
    const deadline = clock.now() + TURN;
    const { problems } = await syncTickets(
      {
        ...{ clock, metrics, incidents, responses, tables: storage.tables },
        system: (name) => ticketSystem(name, { clock, connections, deadline }),
      },
      { close, deadline },
    );
    for (const problem of problems) context.warn(problem);
  },
});
