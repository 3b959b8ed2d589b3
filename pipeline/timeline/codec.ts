/**
 * Events as bytes: what travels over the timeline hub and what the timeline store keeps. JSON with a version, gzip'd where
 * that is worth it. Whatever {@link encodeEvent} gives, {@link decodeEvent} takes; both refuse the same things.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { isObject, parseJson, type Json } from '../../platform/json.ts';
import { entities, eventId, postureChange, ruleMatch, signal, source, time } from './codec-parts.ts';
import type { Event } from './event.ts';
import type { RuleMatch } from './observation.ts';
import type { OcsfEvent } from './ocsf/types.ts';
import type { PostureChange } from './posture-change.ts';
import type { Signal } from './signal.ts';

/** An event, the signals of the rules that fired on it alone, and what was read of its record for those that look at several. */
export interface StoredEvent extends Event {
  readonly signals: readonly Signal[];
  /** Of rules that stateful rules name. */
  readonly matches?: readonly RuleMatch[] | undefined;
  readonly posture?: readonly PostureChange[] | undefined;
}

/** Thrown for an event that cannot be written as bytes, or bytes that are not an event; its message tells a person why. */
export class EventCodecError extends Error {
  override readonly name = 'EventCodecError';
}

/** JSON of more bytes than this is refused in both directions, so that a gzip bomb stays small. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024;

const COMPRESS_OVER_BYTES = 256 * 1024;
const VERSION = 1;
// What comes from records is passed through as it is: rebuilding it would lose a key named `__proto__`.
const ocsf = z.custom<OcsfEvent>(isObject, 'expected an object');

const storedEvent: z.ZodType<StoredEvent> = z.object({
  id: eventId,
  source,
  recordId: z.string(),
  time,
  ocsf,
  entities,
  principal: z.string().min(1),
  operation: z.string().optional(),
  signals: z.array(signal),
  matches: z.array(ruleMatch).optional(),
  posture: z.array(postureChange).optional(),
});

/**
 * Writes an event as JSON in UTF-8, gzip'd where the JSON has more than `compressOver` bytes (256 KiB unless told).
 * @throws EventCodecError where a field is not what its type says, the event is nested too deep for `JSON.stringify`, or its
 * JSON has more than {@link MAX_EVENT_BYTES}
 */
export function encodeEvent(event: StoredEvent, compressOver = COMPRESS_OVER_BYTES): Uint8Array {
  const json = Buffer.from(stringify({ v: VERSION, ...checked(event) }));
  if (json.length > MAX_EVENT_BYTES) {
    throw new EventCodecError(
      `The event ${name(event.id)} has ${json.length} bytes of JSON; at most ${MAX_EVENT_BYTES} are taken.`,
    );
  }
  return json.length > compressOver ? gzipSync(json) : json;
}

/**
 * Reads what {@link encodeEvent} wrote, gzip'd or not.
 * @throws EventCodecError for anything else
 */
export function decodeEvent(bytes: Uint8Array): StoredEvent {
  const value = parsed(bytes);
  if (!isObject(value)) throw new EventCodecError('Not an event: the JSON is not an object.');
  if (value['v'] !== VERSION) {
    throw new EventCodecError(
      `Not an event of version ${VERSION}: \`v\` is ${name(value['v'])}. A newer release may have written it: update this one.`,
    );
  }
  return checked(value);
}

function checked(value: unknown): StoredEvent {
  const result = storedEvent.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new EventCodecError(`Not an event: ${where === '' ? 'the whole' : `\`${where}\``}: ${issue?.message ?? ''}.`);
}

function parsed(bytes: Uint8Array): Json {
  const json = isGzip(bytes) ? unzipped(bytes) : bytes;
  if (json.length > MAX_EVENT_BYTES) {
    throw new EventCodecError(`Not an event: ${json.length} bytes of JSON; at most ${MAX_EVENT_BYTES} are taken.`);
  }
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (error) {
    throw new EventCodecError('Not an event: neither JSON in UTF-8 nor gzip of it.', { cause: error });
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function unzipped(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_EVENT_BYTES });
  } catch (error) {
    throw new EventCodecError(`Not an event: broken gzip, or more than ${MAX_EVENT_BYTES} bytes within.`, {
      cause: error,
    });
  }
}

function stringify(event: object): string {
  try {
    return JSON.stringify(event);
  } catch (error) {
    // The recursion of JSON.stringify ends at a few thousand levels with a RangeError; a string over 512 MiB does too.
    throw new EventCodecError('The event cannot be written as JSON: it is nested too deep or too large.', {
      cause: error,
    });
  }
}

/** A value of unknown kind for a message: short, on one line. */
function name(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value).slice(0, 300) : typeof value;
}
