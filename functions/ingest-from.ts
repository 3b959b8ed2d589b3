import type { EventHubFunctionOptions } from '@azure/functions';
import { ingest } from '../pipeline/ingest.ts';
import { eventHubTrigger } from './event-hub-trigger.ts';
import { services } from './services.ts';

/** What the trigger of every source hub does: the record, not the hub, decides which source reads it. */
export function ingestFrom(hub: string): EventHubFunctionOptions {
  return eventHubTrigger(hub, async (batch) => {
    const { rules, hubs, storage, metrics } = await services();
    void rules.refresh();
    await ingest(batch, { matcher: rules.current, hubs, blobs: storage.blobs, metrics });
  });
}
