import type { Hubs } from '../platform/hubs.ts';
import { messageOf, TIMELINE_HUB } from './ingest.ts';
import type { EvidenceEntry } from './response/evidence.ts';
import { ownActionRecord } from './response/own-actions/own-action-record.ts';
import type { Response } from './response/response.ts';
import { readRecord } from './sources/registry.ts';
import type { StoredEvent } from './timeline/codec.ts';

export interface TellPorts {
  readonly hubs: Pick<Hubs, 'send'>;
  readonly responseOf: (id: string) => Promise<Response | undefined>;
}

/**
 * An entry of the evidence as an event of the timeline, under whoever did it and under what it was done to; without signals, for no rule is asked about
 * it. The same entry always gives the same id.
 * @returns undefined for entries that are not told
 */
export function ownActionEvent(entry: EvidenceEntry, response: Response | undefined): StoredEvent | undefined {
  const record = ownActionRecord(entry, response);
  return record && { ...readRecord(record).event, signals: [] };
}

/**
 * Puts what responses did on the timeline; may be given the same again.
 * @throws whatever the hub or storage throws
 */
export const timelineTeller =
  ({ hubs, responseOf }: TellPorts) =>
  async (entries: readonly EvidenceEntry[]): Promise<void> => {
    const responses = new Map<string, Response | undefined>();
    const events: StoredEvent[] = [];
    for (const entry of entries) {
      const { response: id } = entry;
      if (id !== '' && !responses.has(id)) responses.set(id, await responseOf(id));
      const event = ownActionEvent(entry, responses.get(id));
      if (event !== undefined) events.push(event);
    }
    if (events.length > 0) await hubs.send(TIMELINE_HUB, events.map(messageOf));
  };
