import { StorageLimitError } from '../platform/storage/limits.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Blobs } from '../platform/storage/ports.ts';
import { keepDeadLetters } from './dead-letters.ts';
import type { Delivery } from './delivery.ts';
import { decodeEvent, EventCodecError, type StoredEvent } from './timeline/codec.ts';

/** Where what cannot be handled goes. */
export interface DeadLetterPorts {
  readonly blobs: Blobs;
  readonly metrics: Metrics;
}

/** How the messages of a hub are read. */
export interface Reading<T> {
  /** @throws EventCodecError for what is no such message */
  readonly decode: (body: Uint8Array) => T;
  /** What becomes of a message that cannot be read: one of the hub's readers keeps it as a dead letter, the others pass over it. */
  readonly unreadable: 'keep' | 'pass over';
}

/** Reads the `timeline` hub. */
export const readingEvents = (unreadable: Reading<StoredEvent>['unreadable']): Reading<StoredEvent> => ({
  decode: decodeEvent,
  unreadable,
});

/**
 * Hands what the messages of one batch say to `handle`, which must bear to be given the same again, in whole or in part. What
 * storage refuses for good is dead-lettered: then each is handled by itself, so that only what is refused is set aside.
 * @throws whatever `handle` throws that may pass: the batch must then be delivered again
 */
export async function handleBatch<T>(
  batch: readonly Delivery[],
  ports: DeadLetterPorts,
  { decode, unreadable }: Reading<T>,
  handle: (messages: readonly T[]) => Promise<void>,
): Promise<void> {
  const readable: { delivery: Delivery; message: T }[] = [];
  for (const delivery of batch) {
    try {
      readable.push({ delivery, message: decode(delivery.body) });
    } catch (error) {
      if (unreadable === 'keep') await keepWhole(delivery, error, ports);
    }
  }
  try {
    await handle(readable.map(({ message }) => message));
  } catch (error) {
    if (!isPermanent(error)) throw error;
    for (const { delivery, message } of readable) {
      try {
        await handle([message]);
      } catch (refusal) {
        if (!isPermanent(refusal)) throw refusal;
        await keepWhole(delivery, refusal, ports);
      }
    }
  }
}

function keepWhole(delivery: Delivery, error: unknown, ports: DeadLetterPorts): Promise<void> {
  const reason = error instanceof Error ? error.message.slice(0, 500) : 'unknown';
  return keepDeadLetters([{ raw: delivery.body, reason, records: 1 }], delivery.origin, ports);
}

/** Refusals of the service that may pass: no access, not found (being created), time-outs, conflicts, throttling. */
const PASSING = new Set([401, 403, 404, 408, 409, 412, 429]);

/** Whether storage refused something for good, or a message is none: trying again is in vain. */
export function isPermanent(error: unknown): boolean {
  if (error instanceof EventCodecError || error instanceof StorageLimitError) return true;
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return false;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 && !PASSING.has(statusCode);
}
