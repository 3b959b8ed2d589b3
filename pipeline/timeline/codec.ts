/**
 * Events as bytes: what travels over the timeline hub and what the timeline store keeps. JSON with a version, gzip'd where
 * that is worth it. Whatever {@link encodeEvent} gives, {@link decodeEvent} takes; both refuse the same things.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { isObject, parseJson, type Json } from '../../platform/json.ts';
import { MAX_ENTITIES, type EntityKind, type EntityPart } from './entity.ts';
import type { Event, SourceId } from './event.ts';
import type { OcsfEvent } from './ocsf/types.ts';
import { LEVELS, type Decision, type Signal } from './signal.ts';

/** An event and the signals of the rules that fired on it alone. */
export interface StoredEvent extends Event {
  readonly signals: readonly Signal[];
}

/** Thrown for an event that cannot be written as bytes, or bytes that are not an event; its message tells a person why. */
export class EventCodecError extends Error {
  override readonly name = 'EventCodecError';
}

/** JSON of more bytes than this is refused in both directions, so that a gzip bomb stays small. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024;

const COMPRESS_OVER_BYTES = 256 * 1024;
const VERSION = 1;
/** The range of a JavaScript Date: 100,000,000 days either side of 1970. */
const MAX_TIME = 8.64e15;

/** Every member of a union of texts, as `z.enum` takes them: the compiler asks for the one that is missing. */
type Members<T extends string> = { readonly [K in T]: K };

const kind = z.enum({
  user: 'user',
  'service-principal': 'service-principal',
  application: 'application',
  'managed-identity': 'managed-identity',
  role: 'role',
  'role-session': 'role-session',
  'access-key': 'access-key',
  session: 'session',
  'service-account': 'service-account',
  account: 'account',
  device: 'device',
  ip: 'ip',
  resource: 'resource',
  vulnerability: 'vulnerability',
} satisfies Members<EntityKind>);
const part = z.enum({
  actor: 'actor',
  target: 'target',
  origin: 'origin',
  credential: 'credential',
} satisfies Members<EntityPart>);
const source = z.enum({
  'azure-activity': 'azure-activity',
  entra: 'entra',
  'aks-audit': 'aks-audit',
  cloudtrail: 'cloudtrail',
  json: 'json',
} satisfies Members<SourceId>);
const level = z.enum(LEVELS);
const decision = z.enum({ block: 'block', warn: 'warn', monitor: 'monitor' } satisfies Members<Decision>);
const escalate = z.object({ count: z.number(), decision: decision.exclude(['monitor']) });

// Objects whose keys come from records are passed through as they are: rebuilding them would lose a key named `__proto__`.
const ocsf = z.custom<OcsfEvent>(isObject, 'expected an object');
const texts = z.custom<Readonly<Record<string, string>>>(
  (value) => isObject(value) && Object.values(value).every((text) => typeof text === 'string'),
  'expected an object of texts',
);

const storedEvent: z.ZodType<StoredEvent> = z.object({
  id: z.string().regex(/^[\x20-\x7e]{1,256}$/, 'expected 1 to 256 printable ASCII characters'),
  source,
  recordId: z.string(),
  time: z.int().min(-MAX_TIME).max(MAX_TIME),
  ocsf,
  entities: z.array(z.object({ kind, key: z.string().min(1), part, label: z.string().optional() })).max(MAX_ENTITIES),
  principal: z.string().min(1),
  operation: z.string().optional(),
  signals: z.array(
    z.object({
      rule: z.object({ id: z.string(), title: z.string(), level }),
      decision,
      escalate: escalate.optional(),
      techniques: z.array(z.string()),
      window: z.number(),
      group: texts,
      suppressed: z.object({ exception: z.string() }).optional(),
    }),
  ),
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
