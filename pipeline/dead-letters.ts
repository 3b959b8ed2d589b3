import type { Blobs } from '../platform/storage/ports.ts';
import type { Hubs } from '../platform/hubs.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Origin } from './delivery.ts';

/** The blob container of dead letters. A blob holds the raw bytes, its metadata the reason and the origin. */
export const DEAD_LETTERS = 'dead-letters';

/** What could not become an event, as kept. */
export interface DeadLetter {
  readonly name: string;
  readonly reason: string;
  readonly origin: Origin;
  /** How many records it holds. */
  readonly records: number;
  /** Bytes. */
  readonly size: number;
}

/** What was rejected of one message, for one reason. */
export interface Rejected {
  readonly raw: Uint8Array;
  readonly reason: string;
  readonly records: number;
}

/**
 * Keeps what was rejected of one message. Names come from the origin alone, so that a message delivered again writes the
 * same blobs over.
 */
export async function keepDeadLetters(
  rejected: readonly Rejected[],
  origin: Origin,
  ports: { readonly blobs: Blobs; readonly metrics: Metrics },
): Promise<void> {
  await Promise.all(
    rejected.map(({ raw, reason, records }, at) =>
      ports.blobs.put(DEAD_LETTERS, blobName(origin, at), raw, {
        reason,
        hub: origin.hub,
        partition: origin.partition,
        sequence: String(origin.sequenceNumber),
        enqueued: new Date(origin.enqueued).toISOString(),
        records: String(records),
      }),
    ),
  );
  for (const { records } of rejected) ports.metrics.count('dead_letters', records, { hub: origin.hub });
}

function blobName(origin: Origin, at: number): string {
  const day = new Date(origin.enqueued).toISOString().slice(0, 10);
  const sequence = String(origin.sequenceNumber).padStart(16, '0');
  return `${origin.hub}/${day}/${origin.partition}-${sequence}-${at}`;
}

/**
 * The dead letters, by hub, day, partition and sequence number.
 * @param hub only those that came from this hub
 */
export async function* listDeadLetters(blobs: Blobs, hub?: string): AsyncGenerator<DeadLetter> {
  for await (const { name, size, metadata } of blobs.list(DEAD_LETTERS, hub === undefined ? '' : `${hub}/`)) {
    yield {
      name,
      size,
      reason: metadata['reason'] ?? 'unknown',
      records: Number(metadata['records'] ?? 1),
      origin: {
        hub: metadata['hub'] ?? '',
        partition: metadata['partition'] ?? '',
        sequenceNumber: Number(metadata['sequence'] ?? 0),
        enqueued: Date.parse(metadata['enqueued'] ?? '') || 0,
      },
    };
  }
}

/**
 * Sends a dead letter's bytes to the hub that it came from, and deletes it once the hub has accepted them. Interrupted in
 * between it is sent again, which deterministic ids make harmless; what still cannot be read comes back as a new dead letter.
 */
export async function replayDeadLetter(
  letter: DeadLetter,
  ports: { readonly blobs: Blobs; readonly hubs: Hubs },
): Promise<void> {
  const content = await ports.blobs.get(DEAD_LETTERS, letter.name);
  if (content === undefined) return;
  await ports.hubs.send(letter.origin.hub, [{ body: content.body }]);
  await ports.blobs.delete(DEAD_LETTERS, letter.name);
}
