import { createHash } from 'node:crypto';
import type { EventHubFunctionOptions, InvocationContext, RetryOptions } from '@azure/functions';
import { arrayOf, objectOf, textOf, type Json } from '../platform/json.ts';
import { parseTime } from '../pipeline/sources/shared/time.ts';
import type { Delivery } from '../pipeline/delivery.ts';
import { HUB_CONNECTION } from './services.ts';

/**
 * Tries again for ever. What one record can cause is dead-lettered by the handlers, so what reaches the retry policy is a dependency that
 * is down; giving up would lose the batch, because the host checkpoints it whatever the handler did.
 */
const RETRY: RetryOptions = {
  strategy: 'exponentialBackoff',
  maxRetryCount: -1,
  minimumInterval: { seconds: 2 },
  maximumInterval: { minutes: 1 },
};

/**
 * An Event Hub trigger that hands over batches of one partition as raw bytes.
 * @param name name of the hub; an environment variable `CROSSTRAIL_HUB_<NAME>` gives it another in Azure
 */
export function eventHubTrigger(
  name: string,
  handle: (batch: readonly Delivery[], context: InvocationContext) => Promise<void>,
): EventHubFunctionOptions {
  const options = {
    connection: HUB_CONNECTION,
    eventHubName: process.env[`CROSSTRAIL_HUB_${name.toUpperCase().replaceAll('-', '_')}`] ?? name,
    cardinality: 'many' as const,
    // Raw bytes, for strict parsing and for dead letters. The option reaches the host, though the library does not type it.
    dataType: 'binary',
    retry: RETRY,
    handler: (messages: unknown, context: InvocationContext) => handle(deliveries(name, messages, context), context),
  };
  return options;
}

/**
 * The messages of an invocation, with where they came from. The host may leave out any piece of metadata: a message without a
 * sequence number gets a number made from its bytes, so that names made from it stay deterministic.
 */
export function deliveries(hub: string, messages: unknown, { triggerMetadata = {} }: InvocationContext): Delivery[] {
  const list: readonly unknown[] = Array.isArray(messages) ? messages : [messages];
  const metadata = objectOf(triggerMetadata) ?? {};
  const sequenceNumbers = arrayOf(metadata['sequenceNumberArray']) ?? [];
  const times = arrayOf(metadata['enqueuedTimeUtcArray']) ?? [];
  const partition = textOf(objectOf(metadata['partitionContext'])?.['partitionId']) ?? 'unknown';
  return list.map((message, at) => {
    const body = bytesOf(message);
    const sequenceNumber = numberOf(sequenceNumbers[at]) ?? numberFrom(body);
    return { body, origin: { hub, partition, sequenceNumber, enqueued: parseTime(times[at]) ?? 0 } };
  });
}

/** A host that does not honour `dataType: 'binary'` hands over text, or what it parsed from it. */
function bytesOf(message: unknown): Uint8Array {
  if (message instanceof Uint8Array) return message;
  return new TextEncoder().encode(typeof message === 'string' ? message : JSON.stringify(message ?? null));
}

function numberOf(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

const numberFrom = (body: Uint8Array): number =>
  parseInt(createHash('sha256').update(body).digest('hex').slice(0, 12), 16);
