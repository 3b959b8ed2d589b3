import type { OwnActions } from './response/own-actions/footprints.ts';
import type { Accepted, ReadBody } from './read-body.ts';
import type { StoredEvent } from './timeline/codec.ts';

/**
 * Marks the signals of what a response itself did as suppressed, and keeps it from stateful rules. Asked only of events on which rules fired, once,
 * when a record is read: what comes after gives the same under redelivery. What it changes of posture stays, for what is weak is weak whoever made it so.
 * @throws whatever storage throws
 */
export async function suppressOwn(event: StoredEvent, own: OwnActions | undefined): Promise<StoredEvent> {
  if (own === undefined || (event.signals.length === 0 && event.matches === undefined)) return event;
  const exception = await own.covers(event);
  if (exception === undefined) return event;
  const { matches: _matches, ...bare } = event;
  return {
    ...bare,
    signals: event.signals.map((signal) =>
      signal.suppressed === undefined ? { ...signal, suppressed: { exception } } : signal,
    ),
  };
}

/** The same for all events of a body; the same body where nothing is one's own. @throws whatever storage throws */
export async function suppressOwnIn(body: ReadBody, own: OwnActions | undefined): Promise<ReadBody> {
  if (own === undefined) return body;
  const changed = new Map<number, Accepted>();
  for (const [at, one] of body.accepted.entries()) {
    // Most events have neither, and are not waited for.
    if (one.event.signals.length === 0 && one.event.matches === undefined) continue;
    const event = await suppressOwn(one.event, own);
    if (event !== one.event) changed.set(at, { ...one, event });
  }
  if (changed.size === 0) return body;
  return { ...body, accepted: body.accepted.map((one, at) => changed.get(at) ?? one) };
}
