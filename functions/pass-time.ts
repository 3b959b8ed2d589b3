import { app } from '@azure/functions';
import { CORRELATION_HUB } from '../pipeline/correlate.ts';
import { TICK } from '../pipeline/join-observations.ts';
import { services } from './services.ts';

/** Each minute, tells what joins events that time has passed, through its hub: so that only the owner of its state ever changes it. */
app.timer('pass-time', {
  schedule: '30 * * * * *',
  handler: async () => {
    const { hubs } = await services();
    await hubs.send(CORRELATION_HUB, [{ body: TICK, key: CORRELATION_HUB }]);
  },
});
