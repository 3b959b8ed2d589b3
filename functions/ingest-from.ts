import type { EventHubFunctionOptions } from '@azure/functions';
import { enrichEvent } from '../pipeline/enrichment/enrich-event.ts';
import { markMissing } from '../pipeline/enrichment/mark-missing.ts';
import { ingest } from '../pipeline/ingest.ts';
import type { Enrich } from '../pipeline/read-body.ts';
import { eventHubTrigger } from './event-hub-trigger.ts';
import { services } from './services.ts';

/** What the trigger of every source hub does: the record, not the hub, decides which source reads it. */
export function ingestFrom(hub: string): EventHubFunctionOptions {
  return eventHubTrigger(hub, async (batch) => {
    const { rules, knowledge, hubs, storage, footprints, metrics } = await services();
    void rules.refresh();
    void knowledge.refresh();
    const { current } = knowledge;
    const enrich: Enrich = (event) => markMissing(enrichEvent(event, current), current);
    const { blobs } = storage;
    await ingest(batch, { matcher: rules.current, enrich, own: footprints, hubs, blobs, metrics });
  });
}
