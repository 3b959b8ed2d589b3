import type { Hubs } from '../platform/hubs.ts';
import type { Queues } from '../platform/storage/ports.ts';
import type { Observer } from './correlation/observe.ts';
import type { Delivery } from './delivery.ts';
import { handleBatch, readingEvents, type DeadLetterPorts } from './event-batch.ts';
import type { AlertStore } from './incidents/alert-store.ts';
import type { RaisedSignal } from './incidents/alert.ts';
import type { SuppressedSignal, SuppressedStore } from './incidents/suppressed-store.ts';
import type { StoredEvent } from './timeline/codec.ts';
import { encodeObservation } from './timeline/observation-codec.ts';

/** Alerts that a person should be told of: messages are alert ids. */
export const ALERT_QUEUE = 'alerts';

/** What joins events with others goes on to this hub, which has one partition: one order for all of it. */
export const CORRELATION_HUB = 'correlation';

export interface CorrelatePorts extends DeadLetterPorts {
  readonly alerts: AlertStore;
  readonly suppressed: SuppressedStore;
  readonly queues: Queues;
  readonly hubs: Hubs;
  readonly observer: Observer;
}

/**
 * Takes one batch of the `timeline` hub into alerts, keeps what exceptions suppress, and sends on what is to be joined with other events. Safe to run again on the same batch, whole or in part.
 * @throws whatever storage throws that may pass: the batch must then be delivered again
 */
export function correlate(batch: readonly Delivery[], ports: CorrelatePorts): Promise<void> {
  return handleBatch(batch, ports, readingEvents('keep'), async (events) => {
    const { raised, suppressed } = signalsOf(events);
    await raise(raised, ports);
    await observe(events, ports);
    for (const { exception } of await ports.suppressed.keep(suppressed)) {
      ports.metrics.count('suppressed', 1, { exception });
    }
  });
}

async function observe(events: readonly StoredEvent[], { hubs, observer, metrics }: CorrelatePorts): Promise<void> {
  const observations = observer.observe(events);
  if (observations.length === 0) return;
  const messages = observations.map((observation) => ({ body: encodeObservation(observation), key: CORRELATION_HUB }));
  await hubs.send(CORRELATION_HUB, messages);
  observer.sent(observations);
  metrics.count('observed', observations.length);
}

async function raise(signals: readonly RaisedSignal[], ports: CorrelatePorts): Promise<void> {
  if (signals.length === 0) return;
  const { unannounced, created } = await ports.alerts.raise(signals);
  // Announced only after the alert is written, and again whenever it is met before somebody was told: never lost, and told once by `notify`.
  await Promise.all(unannounced.map((id) => ports.queues.send(ALERT_QUEUE, id)));
  ports.metrics.count('signals', signals.length);
  ports.metrics.count('alerts', created);
}

/**
 * The signals of a batch, each rule and event once. One that came both suppressed and not, because its record was read again after the
 * exception had expired, raises its alert.
 */
function signalsOf(events: readonly StoredEvent[]): { raised: RaisedSignal[]; suppressed: SuppressedSignal[] } {
  const raised = new Map<string, RaisedSignal>();
  const suppressed = new Map<string, SuppressedSignal>();
  for (const event of events) {
    for (const signal of event.signals) {
      const key = `${signal.rule.id} ${event.id}`;
      if (signal.suppressed === undefined) raised.set(key, { signal, event });
      else suppressed.set(key, { exception: signal.suppressed.exception, rule: signal.rule, event });
    }
  }
  return { raised: [...raised.values()], suppressed: [...suppressed.values()] };
}
