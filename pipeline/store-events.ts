import type { Delivery } from './delivery.ts';
import { handleBatch, readingEvents, type DeadLetterPorts } from './event-batch.ts';
import type { TimelineStore } from './timeline/store.ts';

export interface StoreEventsPorts extends DeadLetterPorts {
  readonly timeline: TimelineStore;
}

/**
 * Takes one batch of the `timeline` hub into the timeline store. Safe to run again on the same batch, whole or in part.
 * @throws whatever storage throws that may pass: the batch must then be delivered again
 */
export function storeEvents(batch: readonly Delivery[], ports: StoreEventsPorts): Promise<void> {
  return handleBatch(batch, ports, readingEvents('pass over'), async (events) => {
    const { inserted, known } = await ports.timeline.insert(events);
    ports.metrics.count('stored', inserted.length);
    ports.metrics.count('duplicates', known.length);
  });
}
