import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../platform/json.ts';
import type { SourceId } from '../../timeline/event.ts';
import { RejectedRecord } from '../source.ts';

const LONGEST = 256;
const SAFE = /^[\w.:@=+,-]{1,96}$/;

/**
 * The id of an event: `<source>/<part>/<part>…`. A part that is long, empty or has characters that do not belong in a key is replaced by
 * its SHA-256, so that no record can choose an id that breaks storage or meets another by separators.
 */
export function eventId(source: SourceId, ...parts: readonly string[]): string {
  let id: string = source;
  for (const part of parts) id += `/${SAFE.test(part) ? part : digest(part)}`;
  return id.length <= LONGEST ? id : `${source}/${digest(id)}`;
}

/**
 * An id for a record that has none of its own: a hash of its JSON text.
 * @throws RejectedRecord where the record cannot be written as text (nested too deep)
 */
export function recordHash(record: JsonObject): string {
  try {
    return digest(JSON.stringify(record));
  } catch {
    throw new RejectedRecord('the record has no id of its own and is nested too deeply to be hashed');
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 40);
