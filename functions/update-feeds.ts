import { app } from '@azure/functions';
import { feedHttp } from '../pipeline/enrichment/feed/http-client.ts';
import { reportText } from '../pipeline/enrichment/feed/report-text.ts';
import { updateDueFeeds } from '../pipeline/enrichment/feed/update-feeds.ts';
import { configuredFeeds } from '../pipeline/enrichment/feeds/registry.ts';
import { services } from './services.ts';

/** Milliseconds for one feed: a publisher that is slow must not use up what a function may take. */
const LONGEST_FETCH = 120_000;

/**
 * Has feeds of those who publish them, each when it is time. It runs every quarter of an hour, so that what failed is tried again soon; every
 * process takes the copies from storage.
 */
app.timer('update-feeds', {
  schedule: '0 */15 * * * *',
  handler: async (_timer, context) => {
    const { configuration, copies, clock, metrics } = await services();
    if (!configuration.feeds.automatic) return;
    const http = feedHttp({ clock, total: LONGEST_FETCH });
    const { published } = configuredFeeds(configuration);
    for (const report of await updateDueFeeds(published, copies, http, clock, configuration.feeds.every)) {
      metrics.count('feeds_updated', 1, { outcome: report.outcome });
      if (report.outcome === 'kept') context.warn(`feeds: ${reportText(report)}`);
      else if (report.outcome === 'new') context.info(`feeds: ${reportText(report)}`);
    }
  },
});
