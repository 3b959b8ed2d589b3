import { app } from '@azure/functions';
import { correlate } from '../pipeline/correlate.ts';
import { TIMELINE_HUB } from '../pipeline/ingest.ts';
import { eventHubTrigger } from './event-hub-trigger.ts';
import { services } from './services.ts';

/** Events, from the hub `timeline`: raises alerts, and sends on what is to be joined. */
app.eventHub(
  'correlate',
  eventHubTrigger(TIMELINE_HUB, async (batch) => {
    const { alerts, suppressed, storage, hubs, observer, metrics } = await services();
    await correlate(batch, {
      alerts,
      suppressed,
      queues: storage.queues,
      blobs: storage.blobs,
      hubs,
      observer,
      metrics,
    });
  }),
);
