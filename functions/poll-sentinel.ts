import { app } from '@azure/functions';
import { services } from './services.ts';

/** Shorter than the interval of the timer and than `functionTimeout` of host.json. */
const LONGEST_RUN = 3 * 60_000;

/** Every five minutes: enriches incidents of Sentinel that no automation rule told of, and those of which more may be known by now. */
app.timer('poll-sentinel', {
  schedule: '45 */5 * * * *',
  handler: async (_timer, context) => {
    const { enricher, clock, metrics } = await services();
    const { enriched, problems } = await enricher.poll(clock.now() + LONGEST_RUN);
    metrics.count('sentinel_polled', enriched);
    for (const problem of problems) context.error(`Sentinel: ${problem}`);
  },
});
