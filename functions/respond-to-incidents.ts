import { app } from '@azure/functions';
import { INCIDENT_QUEUE } from '../pipeline/response/decide-responses.ts';
import { respondToIncident } from '../pipeline/respond-to-incident.ts';
import { services } from './services.ts';

/** Ids of incidents that are new or changed, from the queue `incidents`: proposes what bindings ask for, and does what nobody need be asked of. */
app.storageQueue('respond-to-incidents', {
  queueName: INCIDENT_QUEUE,
  connection: 'AzureWebJobsStorage',
  handler: async (message: unknown) => {
    if (typeof message !== 'string') return;
    const { configuration, clock, incidents, alerts, responses, actions } = await services();
    await respondToIncident(message, {
      settings: configuration.response,
      actions,
      clock,
      incidents,
      alerts,
      responses,
    });
  },
});
