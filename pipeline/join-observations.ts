import { isObject, parseJson } from '../platform/json.ts';
import type { Correlation } from './correlation/correlation.ts';
import type { Delivery } from './delivery.ts';
import type { CorrelatedRules } from './detection/correlation/correlator.ts';
import { handleBatch, type DeadLetterPorts, type Reading } from './event-batch.ts';
import { decodeObservation } from './timeline/observation-codec.ts';
import type { Observation } from './timeline/observation.ts';

export interface JoinPorts extends DeadLetterPorts {
  /** The correlation of a partition of the hub. */
  readonly correlationOf: (partition: string) => Pick<Correlation, 'handle'>;
  readonly rules: CorrelatedRules;
}

/** A message that says nothing but that time has passed, for what is decided by waiting. */
export const TICK = new TextEncoder().encode('{"tick":true}');

/**
 * Takes one batch of the `correlation` hub: joins events across sources into alerts of stateful rules, and alerts into incidents. Safe to run
 * again on the same batch, whole or in part.
 * @throws whatever storage throws that may pass: the batch must then be delivered again
 */
export async function joinObservations(batch: readonly Delivery[], ports: JoinPorts): Promise<void> {
  for (const [partition, deliveries] of Map.groupBy(batch, ({ origin }) => origin.partition)) {
    const correlation = ports.correlationOf(partition);
    await handleBatch(deliveries, ports, READING, (messages) =>
      correlation.handle(
        messages.filter((message) => message !== undefined),
        ports.rules,
        arrivedOf(deliveries),
      ),
    );
  }
}

/** When the hub took in the last of them; undefined where the host does not say. */
function arrivedOf(deliveries: readonly Delivery[]): number | undefined {
  const latest = Math.max(...deliveries.map(({ origin }) => origin.enqueued));
  return latest > 0 ? latest : undefined;
}

const READING: Reading<Observation | undefined> = {
  unreadable: 'keep',
  decode: (body) => (isTick(body) ? undefined : decodeObservation(body)),
};

function isTick(body: Uint8Array): boolean {
  if (body.length !== TICK.length) return false;
  try {
    const value = parseJson(new TextDecoder().decode(body));
    return isObject(value) && value['tick'] === true;
  } catch {
    return false;
  }
}
