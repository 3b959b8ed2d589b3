import { app } from '@azure/functions';
import { RESPONSE_QUEUE } from '../pipeline/response/ports.ts';
import { services } from './services.ts';

/** Ids of responses, from the queue `responses`: those that were approved, whose target is free, or whose time has come. Goes on where the last attempt ended. */
app.storageQueue('work-on-responses', {
  queueName: RESPONSE_QUEUE,
  connection: 'AzureWebJobsStorage',
  handler: async (message: unknown) => {
    if (typeof message === 'string') await (await services()).responses.advance(message);
  },
});
