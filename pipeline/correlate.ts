import type { Metrics } from '../platform/metrics.ts';
import type { Blobs, Queues } from '../platform/storage/ports.ts';
import { keepDeadLetters } from './dead-letters.ts';
import type { Delivery } from './delivery.ts';
import type { AlertStore } from './incidents/alert-store.ts';
import type { RaisedSignal } from './incidents/alert.ts';
import { decodeEvent, EventCodecError, type StoredEvent } from './timeline/codec.ts';
import type { TimelineStore } from './timeline/store.ts';

/** Alerts that a person should be told of: messages are alert ids. */
export const ALERT_QUEUE = 'alerts';

export interface CorrelatePorts {
  readonly alerts: AlertStore;
  readonly timeline: TimelineStore;
  readonly queues: Queues;
  readonly blobs: Blobs;
  readonly metrics: Metrics;
}

/**
 * Takes one batch of the `timeline` hub into alerts and the timeline store. Alerts come first: they are what somebody waits for. Safe to run
 * again on the same batch, whole or in part.
 * @throws whatever storage throws that may pass: the batch must then be delivered again
 */
export async function correlate(batch: readonly Delivery[], ports: CorrelatePorts): Promise<void> {
  const readable: { delivery: Delivery; event: StoredEvent }[] = [];
  for (const delivery of batch) {
    try {
      readable.push({ delivery, event: decodeEvent(delivery.body) });
    } catch (error) {
      await keepWhole(delivery, error, ports);
    }
  }
  try {
    await keep(
      readable.map(({ event }) => event),
      ports,
    );
  } catch (error) {
    if (!isPermanent(error)) throw error;
    // Storage refuses something in this batch for good. One at a time, so that only what it refuses is set aside.
    for (const { delivery, event } of readable) {
      try {
        await keep([event], ports);
      } catch (refusal) {
        if (!isPermanent(refusal)) throw refusal;
        await keepWhole(delivery, refusal, ports);
      }
    }
  }
}

async function keep(events: readonly StoredEvent[], ports: CorrelatePorts): Promise<void> {
  const signals = signalsOf(events);
  const { unannounced, created } = await ports.alerts.raise(signals);
  // Announced only after the alert is written, and again whenever it is met before somebody was told: never lost, and told once by `notify`.
  for (const id of unannounced) await ports.queues.send(ALERT_QUEUE, id);
  const { inserted, known } = await ports.timeline.insert(events);
  ports.metrics.count('signals', signals.length);
  ports.metrics.count('alerts', created);
  ports.metrics.count('stored', inserted.length);
  ports.metrics.count('duplicates', known.length);
}

/** The signals of a batch, each rule and event once. */
function signalsOf(events: readonly StoredEvent[]): RaisedSignal[] {
  const signals = new Map<string, RaisedSignal>();
  for (const event of events) {
    for (const signal of event.signals) signals.set(`${signal.rule.id} ${event.id}`, { signal, event });
  }
  return [...signals.values()];
}

function keepWhole(delivery: Delivery, error: unknown, ports: CorrelatePorts): Promise<void> {
  const reason = error instanceof Error ? error.message.slice(0, 500) : 'unknown';
  return keepDeadLetters([{ raw: delivery.body, reason, records: 1 }], delivery.origin, ports);
}

/** Refusals that no retry changes. Not among them: no access, not found (being created), time-outs, conflicts, throttling. */
const PASSING = new Set([401, 403, 404, 408, 409, 412, 429]);

function isPermanent(error: unknown): boolean {
  if (error instanceof EventCodecError) return true;
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return false;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 && !PASSING.has(statusCode);
}
