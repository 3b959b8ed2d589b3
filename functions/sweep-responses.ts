import { app } from '@azure/functions';
import { services } from './services.ts';

/**
 * Every quarter of a minute, has those responses worked on whose time has come: leases that are over, requests that nobody answered, what a crash left, and what is to be looked at again.
 */
app.timer('sweep-responses', {
  schedule: '5-59/15 * * * * *',
  handler: async () => {
    const { responses } = await services();
    await responses.sweep();
  },
});
