import { systemClock } from '../platform/clock.ts';
import { Metrics } from '../platform/metrics.ts';
import type { Storage } from '../platform/storage/ports.ts';
import { AssetError } from '../pipeline/enrichment/assets/inventory.ts';
import { blobCopies } from '../pipeline/enrichment/copies/copy-store.ts';
import { FeedError } from '../pipeline/enrichment/feed-error.ts';
import type { Knowledge } from '../pipeline/enrichment/knowledge.ts';
import { LiveKnowledge, type KnowledgeSettings } from '../pipeline/enrichment/live-knowledge.ts';
import { UnusableInputError } from './scan/files.ts';
import { printable } from './terminal.ts';

/**
 * What a deployment knows beside its logs at this moment: the files that the configuration names, and its copies of feeds and inventories. Waits
 * until these are read, a minute at most; what is not had by then is named as missing.
 * @throws UnusableInputError where a file that the configuration names cannot be used
 */
export async function deployedKnowledge(settings: KnowledgeSettings, { blobs }: Storage): Promise<Knowledge> {
  try {
    const live = await LiveKnowledge.open(settings, {
      store: blobCopies(blobs),
      clock: systemClock,
      metrics: new Metrics(),
      log: (level, message) => {
        if (level === 'warning') process.stderr.write(`crosstrail: ${printable(message)}\n`);
      },
    });
    await live.refresh();
    return live.current;
  } catch (error) {
    if (error instanceof AssetError || error instanceof FeedError) throw new UnusableInputError(error.message);
    throw error;
  }
}
