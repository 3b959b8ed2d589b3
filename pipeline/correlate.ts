import type { Queues } from '../platform/storage/ports.ts';
import type { Delivery } from './delivery.ts';
import { handleEvents, type DeadLetterPorts } from './event-batch.ts';
import type { AlertStore } from './incidents/alert-store.ts';
import type { RaisedSignal } from './incidents/alert.ts';
import type { StoredEvent } from './timeline/codec.ts';

/** Alerts that a person should be told of: messages are alert ids. */
export const ALERT_QUEUE = 'alerts';

export interface CorrelatePorts extends DeadLetterPorts {
  readonly alerts: AlertStore;
  readonly queues: Queues;
}

/**
 * Takes one batch of the `timeline` hub into alerts. Safe to run again on the same batch, whole or in part.
 * @throws whatever storage throws that may pass: the batch must then be delivered again
 */
export function correlate(batch: readonly Delivery[], ports: CorrelatePorts): Promise<void> {
  return handleEvents(batch, ports, 'keep', async (events) => {
    const signals = signalsOf(events);
    if (signals.length === 0) return;
    const { unannounced, created } = await ports.alerts.raise(signals);
    // Announced only after the alert is written, and again whenever it is met before somebody was told: never lost, and told once by `notify`.
    await Promise.all(unannounced.map((id) => ports.queues.send(ALERT_QUEUE, id)));
    ports.metrics.count('signals', signals.length);
    ports.metrics.count('alerts', created);
  });
}

/** The signals of a batch, each rule and event once. */
function signalsOf(events: readonly StoredEvent[]): RaisedSignal[] {
  const signals = new Map<string, RaisedSignal>();
  for (const event of events) {
    for (const signal of event.signals) signals.set(`${signal.rule.id} ${event.id}`, { signal, event });
  }
  return [...signals.values()];
}
