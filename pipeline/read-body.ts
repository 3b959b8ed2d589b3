import type { JsonObject } from '../platform/json.ts';
import { mayNameVulnerability, withVulnerabilities } from './enrichment/vulnerabilities.ts';
import { postureChanges } from './posture/posture-changes.ts';
import { decode, decodeText, readText } from './sources/decode.ts';
import { readRecord } from './sources/registry.ts';
import { elementTexts } from './sources/slices.ts';
import { RejectedRecord, type ReadRecord, type Source } from './sources/source.ts';
import type { Rejected } from './dead-letters.ts';
import type { StoredEvent } from './timeline/codec.ts';
import type { Event } from './timeline/event.ts';
import type { RuleMatch } from './timeline/observation.ts';
import type { Signal } from './timeline/signal.ts';

/** Adds to an event what is known of what it names. The same event where nothing is. */
export type Enrich = (event: Event) => Event;

/** What matches rules: a rule set, or nothing. */
export interface Matcher {
  match(record: ReadRecord): readonly Signal[];
  /** Of the signals of a record, those that stand for themselves, and what stateful rules need of it; left out, all stand. */
  standing?(
    record: ReadRecord,
    signals: readonly Signal[],
  ): { readonly signals: readonly Signal[]; readonly matches: readonly RuleMatch[] };
}

/** A record that became an event, with the signals of the rules that fired on it. */
export interface Accepted {
  /** Its place in the body, from 0. */
  readonly index: number;
  readonly record: JsonObject;
  /** The record as its source read it: what rules match on. */
  readonly read: ReadRecord;
  readonly event: StoredEvent;
}

/** A record, or a whole body (`index` undefined), that did not. */
export interface Rejection {
  readonly index: number | undefined;
  readonly reason: string;
}

export interface ReadBody {
  readonly accepted: readonly Accepted[];
  readonly rejected: readonly Rejection[];
  /** How many places the body has. */
  readonly places: number;
}

export interface ReadOptions {
  /** Adds to an event what is known of what it names; without it, events say what their records say. Must not throw. */
  readonly enrich?: Enrich | undefined;
  /** Reads every record as this source's, instead of asking whose it is. */
  readonly source?: Source | undefined;
  /** When the body came, milliseconds since 1970-01-01T00:00:00Z: see `decode`. */
  readonly received?: number | undefined;
  /** Bound for an unpacked gzip body, bytes. */
  readonly maxUnpackedBytes?: number | undefined;
}

/**
 * The way of a body from bytes to events: decode, validate, normalise, match. Never throws: what cannot be read is in
 * `rejected`, and costs its neighbours nothing.
 */
export function readBody(body: Uint8Array, matcher: Matcher, options: ReadOptions = {}): ReadBody {
  const accepted: Accepted[] = [];
  const rejected: Rejection[] = [];
  let decoded;
  let namesVulnerability = false;
  try {
    const text = readText(body, options.maxUnpackedBytes);
    decoded = decodeText(text, options.received);
    namesVulnerability = options.enrich !== undefined && mayNameVulnerability(text);
  } catch (error) {
    return { accepted, rejected: [{ index: undefined, reason: reasonOf(error) }], places: 1 };
  }
  for (const place of decoded) {
    if ('rejected' in place) rejected.push({ index: place.index, reason: place.rejected });
    else {
      try {
        const found = readRecord(place.record, options.source);
        const read =
          options.enrich === undefined ? found : enriched(found, place.record, namesVulnerability, options.enrich);
        const event = storedEvent(read, matcher);
        accepted.push({ index: place.index, record: place.record, read, event });
      } catch (error) {
        rejected.push({ index: place.index, reason: reasonOf(error) });
      }
    }
  }
  return { accepted, rejected, places: decoded.length };
}

/** Rules see what is known of what an event names. */
function enriched(read: ReadRecord, record: JsonObject, namesVulnerability: boolean, enrich: Enrich): ReadRecord {
  const named = namesVulnerability ? withVulnerabilities(read.event, record) : read.event;
  const event = enrich(named);
  return event === read.event ? read : { ...read, event };
}

/** An event with what rules and changes of posture say of it; of most there is nothing to say. */
function storedEvent(read: ReadRecord, matcher: Matcher): StoredEvent {
  const fired = matcher.match(read);
  const posture = postureChanges(read);
  if (fired.length === 0 && posture.length === 0) return { ...read.event, signals: fired };
  const { signals, matches } = matcher.standing?.(read, fired) ?? { signals: fired, matches: [] };
  return {
    ...read.event,
    signals,
    ...(matches.length > 0 && { matches }),
    ...(posture.length > 0 && { posture }),
  };
}

/** A fault of ours must cost one record, not its batch; it is told apart from a fault of the record by its words. */
function reasonOf(error: unknown): string {
  if (error instanceof RejectedRecord) return error.message.slice(0, 500);
  return `reading it failed inside Crosstrail (${error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown'}); please report this`;
}

/** This many reasons of one body are kept apart; further ones are kept together. */
const MAX_REASONS = 8;

/**
 * The raw bytes of what was rejected of a body, gathered by reason: a body of a million bad records makes a few dead letters, not a million.
 * Records are kept as their source wrote them where they can be cut out of the body, otherwise the whole body is kept.
 */
export function rejectedBytes(
  body: Uint8Array,
  { rejected, places }: Pick<ReadBody, 'rejected' | 'places'>,
): Rejected[] {
  const [first] = rejected;
  if (first === undefined) return [];
  const byReason = Map.groupBy(rejected, ({ reason }) => reason);
  if (rejected.length === places && byReason.size === 1) {
    return [{ raw: body, reason: first.reason, records: rejected.length }];
  }
  const texts = elementTexts(readText(body));
  if (texts?.length !== places || !texts.every(isOnePlace)) {
    const reasons = [...byReason.keys()].slice(0, MAX_REASONS).join('; ');
    const reason = `of ${places} records, ${rejected.length} cannot be read: ${reasons}`;
    return [{ raw: body, reason, records: rejected.length }];
  }
  const groups = [...byReason].slice(0, MAX_REASONS);
  const others = [...byReason].slice(MAX_REASONS).flatMap(([, group]) => group);
  if (others.length > 0) groups.push([`several reasons, among them: ${others[0]?.reason ?? ''}`, others]);
  return groups.map(([reason, group]) => {
    const records = group.map(({ index = 0 }) => texts[index] ?? 'null');
    const raw = records.length === 1 ? (records[0] ?? 'null') : `[${records.join(',')}]`;
    return { raw: new TextEncoder().encode(raw), reason, records: group.length };
  });
}

/** Whether an element is one place of its body: an empty envelope is none, and would shift what follows it. */
function isOnePlace(element: string): boolean {
  try {
    return decode(new TextEncoder().encode(element)).length === 1;
  } catch {
    return true; // a bare number or null: a place that was rejected
  }
}
