import { app } from '@azure/functions';
import { pollCloudTrail } from '../pipeline/sources/cloudtrail/poll.ts';
import { services } from './services.ts';

/** Shorter than the interval of the timer and than `functionTimeout` of host.json. */
const LONGEST_RUN = 4 * 60_000;

/** AWS CloudTrail without a forwarder: every five minutes, for the accounts and regions of the configuration. */
app.timer('poll-cloudtrail', {
  schedule: '0 */5 * * * *',
  handler: async (_timer, context) => {
    const { configuration, storage, clock, hubs, metrics } = await services();
    const { targets, lookback } = configuration.cloudtrail.poll;
    if (targets.length === 0) return;
    const report = await pollCloudTrail({
      targets,
      lookback,
      tables: storage.tables,
      clock,
      metrics,
      deadline: clock.now() + LONGEST_RUN,
      send: (records) =>
        hubs.send(
          'cloudtrail',
          records.map((record) => ({ body: new TextEncoder().encode(record) })),
        ),
    });
    for (const { problem } of report.targets) if (problem !== undefined) context.error(problem);
  },
});
