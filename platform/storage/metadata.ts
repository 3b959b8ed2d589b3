/**
 * Blob metadata travels as HTTP headers: ASCII, at most 8 KiB in all. Any text is written percent-encoded, and what does not
 * fit is cut at a character.
 * Source: learn.microsoft.com/rest/api/storageservices, "Setting and retrieving properties and metadata for Blob resources".
 */
import { StorageLimitError } from './limits.ts';

/** Names and values together, with room left under the service's 8 KiB for what proxies count besides. */
const MAX_METADATA_BYTES = 7 * 1024;
/** Stands for the empty text, which not every version of the service takes; percent-encoding never gives a lone `%`. */
const EMPTY = '%';

/**
 * Metadata as headers. Short values are kept whole; the room they leave is shared by the longer ones, each cut at a character.
 * Lone surrogates become U+FFFD.
 * @throws StorageLimitError for a name that is not lower-case ASCII letters, or names that leave no room for values
 */
export function encodeMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const encoded: Record<string, string> = {};
  const entries = Object.entries(metadata).map(([name, value]) => ({ name, value: encodeValue(value) }));
  let room = MAX_METADATA_BYTES;
  for (const { name } of entries) {
    if (!/^[a-z]{1,64}$/.test(name)) {
      throw new StorageLimitError(
        `The metadata name ${JSON.stringify(name.slice(0, 200))} is not 1 to 64 letters a to z.`,
      );
    }
    room -= name.length;
  }
  if (room < entries.length) throw new StorageLimitError(`${entries.length} metadata names leave no room for values.`);
  entries.sort((a, b) => a.value.length - b.value.length);
  for (const [index, { name, value }] of entries.entries()) {
    const share = Math.floor(room / (entries.length - index));
    encoded[name] = cut(value, share);
    room -= encoded[name].length;
  }
  return encoded;
}

/** Metadata as {@link encodeMetadata} took it; a value that it cannot have written is given as it stands. */
export function decodeMetadata(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, decodeValue(value)]));
}

function encodeValue(value: string): string {
  // No header needs more than fits, and encoding a value of many megabytes only to cut it would be waste.
  const text = value.slice(0, MAX_METADATA_BYTES).toWellFormed();
  return text === '' ? EMPTY : encodeURIComponent(text);
}

function decodeValue(value: string): string {
  return value === EMPTY ? '' : (decoded(value) ?? value);
}

function decoded(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** The longest beginning of percent-encoded text that has at most `length` characters and ends with a whole character. */
function cut(encoded: string, length: number): string {
  if (encoded.length <= length) return encoded;
  // One character is at most four escapes of three characters, so the last whole one ends among the last twelve.
  for (let end = length; end > Math.max(0, length - 12); end--) {
    const text = encoded.slice(0, end);
    if (decoded(text) !== undefined) return text;
  }
  return EMPTY;
}
