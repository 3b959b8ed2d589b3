import { app } from '@azure/functions';
import { TIMELINE_HUB } from '../pipeline/ingest.ts';
import { storeEvents } from '../pipeline/store-events.ts';
import { eventHubTrigger } from './event-hub-trigger.ts';
import { services } from './services.ts';

/** Events, from the hub `timeline` through a consumer group of its own: stores them, at its own pace, so that no alert waits for storage. */
app.eventHub('store-events', {
  ...eventHubTrigger(TIMELINE_HUB, async (batch) => {
    const { timeline, findings, storage, metrics } = await services();
    await storeEvents(batch, { timeline, findings, blobs: storage.blobs, metrics });
  }),
  consumerGroup: 'store',
});
