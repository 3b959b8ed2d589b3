import { app } from '@azure/functions';
import { ALERT_QUEUE } from '../pipeline/correlate.ts';
import { notify } from '../pipeline/routing/notify.ts';
import { services } from './services.ts';

/** Alert ids, from the queue `alerts`: tells a person, once. */
app.storageQueue('notify', {
  queueName: ALERT_QUEUE,
  connection: 'AzureWebJobsStorage',
  handler: async (message: unknown) => {
    if (typeof message === 'string') await notify(message, await services());
  },
});
