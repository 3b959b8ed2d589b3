import type { Delivery } from './delivery.ts';
import type { FindingStore } from './enrichment/findings/finding-store.ts';
import { handleBatch, readingEvents, type DeadLetterPorts } from './event-batch.ts';
import { findingOf } from './timeline/finding-of.ts';
import type { TimelineStore } from './timeline/store.ts';

export interface StoreEventsPorts extends DeadLetterPorts {
  readonly timeline: TimelineStore;
  readonly findings: Pick<FindingStore, 'keep'>;
}

/**
 * Takes one batch of the `timeline` hub into the timeline store, and what its events say of findings into theirs. Safe to run again on the same batch, whole or in part.
 * @throws whatever storage throws that may pass: the batch must then be delivered again
 */
export function storeEvents(batch: readonly Delivery[], ports: StoreEventsPorts): Promise<void> {
  return handleBatch(batch, ports, readingEvents('pass over'), async (events) => {
    const { inserted, known } = await ports.timeline.insert(events);
    ports.metrics.count('stored', inserted.length);
    ports.metrics.count('duplicates', known.length);
    // Also of events that were stored before: whoever stored them may have ended before this.
    const findings = events.map(findingOf).filter((finding) => finding !== undefined);
    if (findings.length > 0) ports.metrics.count('findings', await ports.findings.keep(findings));
  });
}
