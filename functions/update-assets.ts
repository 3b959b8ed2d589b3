import { app } from '@azure/functions';
import { decodeInventory } from '../pipeline/enrichment/assets/inventory-copy.ts';
import type { CopyStore } from '../pipeline/enrichment/copies/copy-store.ts';
import { feedHttp } from '../pipeline/enrichment/feed/http-client.ts';
import { reportText } from '../pipeline/enrichment/feed/report-text.ts';
import { updateDueFeeds } from '../pipeline/enrichment/feed/update-feeds.ts';
import { configuredFeeds } from '../pipeline/enrichment/feeds/registry.ts';
import { services } from './services.ts';

/** From one look at a cloud to the next: milliseconds. */
const EVERY = 6 * 3_600_000;

/**
 * Reads the inventories of the clouds that are configured, every six hours, and what failed sooner. By itself, for a large cloud takes minutes, and
 * feeds are not to wait for it.
 */
app.timer('update-assets', {
  schedule: '0 5-59/15 * * * *',
  handler: async (_timer, context) => {
    const { configuration, copies, clock, metrics } = await services();
    const { inventories } = configuredFeeds(configuration);
    const reports = await updateDueFeeds(inventories, copies, feedHttp({ clock }), clock, EVERY);
    for (const report of reports) {
      metrics.count('inventories_updated', 1, { outcome: report.outcome });
      if (report.outcome === 'kept') context.warn(`assets: ${reportText(report)}`);
      else if (report.outcome === 'new') context.info(`assets: ${reportText(report)}`);
      for (const what of await notRead(copies, report.id)) context.warn(`assets: ${report.id}: not read: ${what}`);
    }
  },
});

const MOST_TOLD = 10;

/** What the copy of an inventory says that it lacks. */
async function notRead(copies: CopyStore, id: string): Promise<readonly string[]> {
  const copy = await copies.read(id);
  return copy === undefined ? [] : decodeInventory(copy.body).missing.slice(0, MOST_TOLD);
}
