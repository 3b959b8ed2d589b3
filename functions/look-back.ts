import { app } from '@azure/functions';
import { lookBack } from '../pipeline/look-back.ts';
import { services } from './services.ts';

/** Shorter than the interval of the timer and than `functionTimeout` of host.json. */
const LONGEST_RUN = 4 * 60_000;

/** Every quarter of an hour: what happened before somebody told that its address is an attacker's. */
app.timer('look-back', {
  schedule: '0 7-59/15 * * * *',
  handler: async () => {
    const { configuration, knowledge, rules, timeline, hubs, storage, footprints, metrics, clock } = await services();
    const span = configuration.threatIntel.lookBack;
    if (span === 0) return;
    await knowledge.refresh();
    await lookBack({
      ...{ timeline, hubs, metrics, clock, span, blobs: storage.blobs, matcher: rules.current, own: footprints },
      sources: knowledge.indicators,
      knowledge: knowledge.current,
      deadline: clock.now() + LONGEST_RUN,
    });
  },
});
