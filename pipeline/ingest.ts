import type { HubMessage, Hubs } from '../platform/hubs.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Blobs } from '../platform/storage/ports.ts';
import { archiveRecords } from './archive.ts';
import { keepDeadLetters } from './dead-letters.ts';
import type { Delivery } from './delivery.ts';
import { readBody, rejectedBytes, type Accepted, type Enrich, type Matcher, type ReadBody } from './read-body.ts';
import type { OwnActions } from './response/own-actions/footprints.ts';
import { suppressOwnIn } from './suppress-own.ts';
import { encodeEvent, type StoredEvent } from './timeline/codec.ts';

/** The hub that every event passes on its way to correlation. */
export const TIMELINE_HUB = 'timeline';

/** A hub takes 1 MiB in one message, its headers included. */
const MAX_MESSAGE_BYTES = 1_000_000;

export interface IngestPorts {
  readonly matcher: Matcher;
  readonly enrich?: Enrich | undefined;
  /** What responses did themselves: it raises no alerts. Undefined where nothing responds. */
  readonly own?: OwnActions | undefined;
  readonly hubs: Hubs;
  readonly blobs: Blobs;
  readonly metrics: Metrics;
}

/** So many events of a batch are in memory at once, or those of one message: a report of a scanner holds thousands, a batch a hundred reports. */
const MAX_EVENTS_AT_ONCE = 20_000;

/** A delivery that was read, and its events as messages. */
interface ReadDelivery {
  readonly delivery: Delivery;
  readonly body: ReadBody;
  readonly messages: readonly HubMessage[];
}

/**
 * Takes one batch of a source hub to the `timeline` hub: decode, validate, normalise, match, archive, send. What cannot be read is
 * dead-lettered. Returns when everything the batch held is kept somewhere; safe to run again on the same batch.
 * @param batch messages of one partition, in order
 * @throws whatever storage or the hub throws: the batch must then be delivered again
 */
export async function ingest(batch: readonly Delivery[], ports: IngestPorts): Promise<void> {
  let read: ReadDelivery[] = [];
  let events = 0;
  for (const delivery of batch) {
    const one = await readDelivery(delivery, ports);
    read.push(one);
    events += one.messages.length;
    if (events < MAX_EVENTS_AT_ONCE) continue;
    await keep(read, ports);
    read = [];
    events = 0;
  }
  if (read.length > 0) await keep(read, ports);
}

async function readDelivery(delivery: Delivery, { matcher, enrich, own }: IngestPorts): Promise<ReadDelivery> {
  const messages: HubMessage[] = [];
  const read = readBody(delivery.body, matcher, { enrich, received: delivery.origin.enqueued });
  const body = await suppressOwnIn(read, own);
  return { delivery, body: encoded(body, messages), messages };
}

async function keep(read: readonly ReadDelivery[], ports: IngestPorts): Promise<void> {
  await Promise.all([
    ports.hubs.send(
      TIMELINE_HUB,
      read.flatMap(({ messages }) => messages),
    ),
    archiveRecords(
      read.map(({ delivery, body }) => ({ delivery, accepted: body.accepted })),
      ports.blobs,
    ),
    ...read
      .filter(({ body }) => body.rejected.length > 0)
      .map(({ delivery, body }) => keepDeadLetters(rejectedBytes(delivery.body, body), delivery.origin, ports)),
  ]);
  const hub = read[0]?.delivery.origin.hub ?? '';
  ports.metrics.count('messages', read.length, { hub });
  for (const { body, delivery } of read) {
    for (const { event } of body.accepted) {
      ports.metrics.count('events', 1, { source: event.source });
      ports.metrics.count('delay', 1, { source: event.source, minutes: delayOf(event.time, delivery.origin.enqueued) });
    }
  }
}

/** Minutes, up to which delays are counted together: what `correlation.lateness` is to be set by. */
const DELAYS: readonly number[] = [1, 2, 5, 10, 15, 20, 30, 60];

/** How long after its time an event came to its hub, as the label of a count. */
function delayOf(time: number, enqueued: number): string {
  const most = DELAYS.find((minutes) => enqueued - time <= minutes * 60_000);
  return most === undefined ? `over ${DELAYS.at(-1) ?? 0}` : `up to ${most}`;
}

/** Adds the messages of a body's events; what cannot be written as a message is rejected, like what cannot be read. */
function encoded(body: ReadBody, messages: HubMessage[]): ReadBody {
  const accepted: Accepted[] = [];
  const rejected = [...body.rejected];
  for (const one of body.accepted) {
    try {
      messages.push(messageOf(one.event));
      accepted.push(one);
    } catch (error) {
      rejected.push({ index: one.index, reason: error instanceof Error ? error.message.slice(0, 500) : 'unknown' });
    }
  }
  return { ...body, accepted, rejected };
}

/** An event as a message of the timeline hub; one too large for it loses what normalisation did not use, which the archive keeps. */
export function messageOf(event: StoredEvent): HubMessage {
  let body = encodeEvent(event);
  if (body.length > MAX_MESSAGE_BYTES) body = encodeEvent(withoutUnmapped(event));
  return { body, key: event.principal };
}

function withoutUnmapped(event: StoredEvent): StoredEvent {
  const metadata = { ...event.ocsf.metadata, is_truncated: true };
  return { ...event, ocsf: { ...event.ocsf, metadata, unmapped: undefined } };
}
