import { hash } from 'node:crypto';
import { isObject, type Json, type JsonObject } from '../../../platform/json.ts';
import type { SourceId } from '../../timeline/event.ts';
import { RejectedRecord } from '../source.ts';

const LONGEST = 256;
const LONGEST_PART = 96;
/** Letters, digits and `_.:@=+,-`, by character code. */
const SAFE = Uint8Array.from({ length: 128 }, (_, code) => (/[\w.:@=+,-]/.test(String.fromCharCode(code)) ? 1 : 0));

/**
 * The id of an event: `<source>/<part>/<part>…`. A part that is long, empty or has characters that do not belong in a key is replaced by
 * its SHA-256, so that no record can choose an id that breaks storage or meets another by separators.
 */
export function eventId(source: SourceId, ...parts: readonly string[]): string {
  let id: string = source;
  for (const part of parts) id += `/${isSafe(part) ? part : digest(part)}`;
  return id.length <= LONGEST ? id : `${source}/${digest(id)}`;
}

/** A loop, for every event has an id: a pattern takes several times as long. */
function isSafe(part: string): boolean {
  if (part.length === 0 || part.length > LONGEST_PART) return false;
  for (let i = 0; i < part.length; i++) if (SAFE[part.charCodeAt(i)] !== 1) return false;
  return true;
}

/**
 * An id for a record that has none of its own: a hash of its JSON text with names in order, so that whoever wrote the record anew on its way
 * does not give it another.
 * @throws RejectedRecord where the record cannot be written as text (nested too deep)
 */
export function recordHash(record: JsonObject): string {
  try {
    return digest(JSON.stringify(inOrder(record)));
  } catch {
    throw new RejectedRecord('the record has no id of its own and is nested too deeply to be hashed');
  }
}

/** A SHA-256 as forty hexadecimal digits: what stands in ids for what is too long for them, or must not be read from them. */
export const digest = (text: string): string => hash('sha256', text, 'hex').slice(0, 40);

/** The value with the names of every object in order. Depth is bounded by the decoder; deeper ends in the RangeError that `recordHash` expects. */
function inOrder(value: Json): Json {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([name, member]): [string, Json] => [name, inOrder(member ?? null)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
