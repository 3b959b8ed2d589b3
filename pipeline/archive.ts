import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { Blobs } from '../platform/storage/ports.ts';
import type { Delivery } from './delivery.ts';
import type { Accepted } from './read-body.ts';

/** The blob container of raw records: gzip NDJSON, one line a record: `{"id","hub","partition","sequenceNumber","record"}`. */
export const ARCHIVE = 'archive';

const compress = promisify(gzip);

/** A delivery and what it held. */
export interface ArchivedDelivery {
  readonly delivery: Delivery;
  readonly accepted: readonly Accepted[];
}

/**
 * Archives the raw records of one batch. The name says hub, hour, partition and sequence numbers: the same batch delivered again writes
 * the same blob over; delivered again in other pieces it repeats lines, which share their ids.
 */
export async function archiveRecords(batch: readonly ArchivedDelivery[], blobs: Blobs): Promise<void> {
  // Bytes, for a text of a whole batch may be longer than a text can be.
  const lines: Buffer[] = [];
  for (const { delivery, accepted } of batch) {
    const { hub, partition, sequenceNumber } = delivery.origin;
    for (const { event, record } of accepted) {
      lines.push(Buffer.from(`${JSON.stringify({ id: event.id, hub, partition, sequenceNumber, record })}\n`));
    }
  }
  const [first, last] = [batch[0]?.delivery.origin, batch.at(-1)?.delivery.origin];
  if (lines.length === 0 || first === undefined || last === undefined) return;
  const hour = new Date(first.enqueued).toISOString().slice(0, 13).replaceAll(/[-T]/g, '/');
  const range = [first, last].map(({ sequenceNumber }) => String(sequenceNumber).padStart(16, '0')).join('-');
  const name = `${first.hub}/${hour}/${first.partition}/${range}.ndjson.gz`;
  await blobs.put(ARCHIVE, name, await compress(Buffer.concat(lines), { level: 1 }));
}
