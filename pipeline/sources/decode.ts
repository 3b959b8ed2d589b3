import { gunzipSync } from 'node:zlib';
import { isDeeperThan, isObject, MAX_DEPTH, parseJson, type Json, type JsonObject } from '../../platform/json.ts';
import { findingList } from './finding-lists.ts';
import { isOfLog } from './log-record.ts';
import { openReports } from './open-reports.ts';
import { valueTexts } from './slices.ts';
import { RejectedRecord } from './source.ts';
import { checkTextBounds } from './text-bounds.ts';

/** One record of a body, or why there is none in its place. */
export type Decoded =
  { readonly index: number; readonly record: JsonObject } | { readonly index: number; readonly rejected: string };

/** A hub message may unpack to this many bytes; a gzip bomb is cut off here. */
export const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;

/** How many envelopes may stand inside one another: a string in an array in `records` is two. */
const MAX_ENVELOPES = 4;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Takes the body of one hub message, or of one file, apart into records. Reads every form in which the clouds and their forwarders
 * are known to send them: `{"records":[…]}`, `{"Records":[…]}`, a bare array, a single object, JSON inside a string
 * (of the body or of an element), one JSON value a line or one after the other, an EventBridge envelope, a LookupEvents answer or one entry of it, a CloudWatch Logs
 * subscription, a Kubernetes EventList, a SARIF log, a report of Trivy,
 * a list of findings as AWS and Azure answer with; each plain or gzip.
 * @param received when the body came, milliseconds since 1970-01-01T00:00:00Z: what scanners report goes by it where they do not say when they ran
 * @returns the records in order; `index` counts every place in the body from 0, rejected ones included. An empty list of records gives none.
 * @throws RejectedRecord where nothing of the body can be read
 */
export function decode(body: Uint8Array, maxUnpackedBytes = MAX_UNPACKED_BYTES, received?: number): Decoded[] {
  return decodeText(readText(body, maxUnpackedBytes), received);
}

/** {@link decode}, of a body that is text already. */
export function decodeText(text: string, received?: number): Decoded[] {
  checkTextBounds(text);
  const found: Decoded[] = [];
  const value = readJson(text);
  if (value === undefined) readLines(text, found);
  else unwrap(value, found, 0);
  return openReports(found, received);
}

/**
 * Unpacks gzip and decodes UTF-8.
 * @throws RejectedRecord naming what is wrong with the bytes
 */
export function readText(body: Uint8Array, maxUnpackedBytes = MAX_UNPACKED_BYTES): string {
  if (body.length === 0) throw new RejectedRecord('the body is empty');
  const bytes = isGzip(body) ? unpack(body, maxUnpackedBytes) : body;
  try {
    return decoder.decode(bytes);
  } catch {
    throw new RejectedRecord('the body is not text in UTF-8');
  }
}

/** True where bytes begin as a gzip member does (RFC 1952). */
export const isGzip = (body: Uint8Array): boolean => body[0] === 0x1f && body[1] === 0x8b;

function unpack(body: Uint8Array, maxUnpackedBytes: number): Uint8Array {
  try {
    return gunzipSync(body, { maxOutputLength: maxUnpackedBytes });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new RejectedRecord(`the gzip body unpacks to more than ${maxUnpackedBytes} bytes`);
    }
    throw new RejectedRecord('the body begins as gzip but cannot be unpacked: it is damaged or cut off');
  }
}

function readJson(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/**
 * One JSON value a line, or values one after the other on any lines, as `jq` and Firehose write them. A text that begins with no such value and has
 * none on a line is rejected as a whole, by name.
 */
function readLines(text: string, found: Decoded[]): void {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const byLine = lines.length > 1 ? lines.map(readJson) : [];
  if (byLine.length > 0 && !byLine.includes(undefined) && byLine.some(isContainer)) {
    for (const value of byLine) unwrap(value ?? null, found, 0);
    return;
  }
  const { values, rest } = readSequence(text);
  const holdsRecords = values.some(isContainer);
  if (!holdsRecords && !byLine.some(isContainer)) throw new RejectedRecord(whyNotJson(text));
  if (holdsRecords && (rest === '' || !byLine.some(isContainer))) {
    for (const value of values) unwrap(value, found, 0);
    if (rest !== '') reject(found, whyNotJson(rest));
    return;
  }
  byLine.forEach((value, at) => {
    if (value === undefined) reject(found, whyNotJson(lines[at] ?? ''));
    else unwrap(value, found, 0);
  });
}

/** The values at the beginning of a text, and what follows the last of them. */
function readSequence(text: string): { readonly values: readonly Json[]; readonly rest: string } {
  const values: Json[] = [];
  for (const piece of valueTexts(text)) {
    const value = readJson(piece.text);
    if (value === undefined) return { values, rest: text.slice(piece.start) };
    values.push(value);
  }
  return { values, rest: '' };
}

const isContainer = (value: Json | undefined): boolean => isObject(value) || Array.isArray(value);

/** A person's reason for text that `JSON.parse` refused. Quotes nothing of the text, which may hold anything. */
function whyNotJson(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return 'the body is empty';
  if (/^[[{]\s*'|[,{]\s*'[^'"]*'\s*:/.test(trimmed.slice(0, 4096))) {
    return 'not JSON: names or values stand in single quotes (a known fault of some Azure function app logs)';
  }
  if (!/^[[{"]/.test(trimmed)) return 'not JSON: the text begins as neither an object, an array nor a string';
  let reason = '';
  try {
    JSON.parse(trimmed);
  } catch (error) {
    reason = error instanceof Error ? error.message : '';
  }
  if (/end of JSON|Unterminated/.test(reason)) return 'not JSON: the text is cut off before its end';
  const position = /position (\d+)/.exec(reason)?.[1];
  if (/control character/.test(reason)) {
    return `not JSON: a raw line break or control character stands inside a string${at(position)}`;
  }
  if (/after JSON/.test(reason)) return `not JSON: more text follows after the end of the value${at(position)}`;
  return `not JSON: the text breaks the syntax${at(position)}`;
}

const at = (position: string | undefined): string => (position === undefined ? '' : `, at character ${position}`);

function unwrap(value: Json, found: Decoded[], envelopes: number): void {
  if (isObject(value)) unwrapObject(value, found, envelopes);
  else if (envelopes > MAX_ENVELOPES) reject(found, 'envelopes stand too many times inside one another');
  else if (Array.isArray(value)) for (const item of value) unwrap(item, found, envelopes + 1);
  else if (typeof value === 'string') unwrapString(value, found, envelopes);
  else reject(found, `a record must be a JSON object, found ${value === null ? 'null' : `a ${typeof value}`}`);
}

function unwrapString(value: string, found: Decoded[], envelopes: number): void {
  const inner = readJson(value);
  if (inner === undefined) reject(found, `a string was found in place of a record; it is ${whyNotJson(value)}`);
  else unwrap(inner, found, envelopes + 1);
}

function unwrapObject(value: JsonObject, found: Decoded[], envelopes: number): void {
  const inner = envelopeContent(value);
  if (inner !== undefined && envelopes <= MAX_ENVELOPES) unwrap(inner, found, envelopes + 1);
  else if (isDeeperThan(value, MAX_DEPTH)) reject(found, `the record is nested more than ${MAX_DEPTH} deep`);
  else found.push({ index: found.length, record: value });
}

/** What an envelope carries, or undefined where the object is a record. Records of the known sources have none of these properties in this form. */
function envelopeContent(value: JsonObject): Json | undefined {
  if (Array.isArray(value['records'])) return value['records'];
  if (Array.isArray(value['Records'])) return value['Records'];
  if (typeof value['records'] === 'string' && /^\s*[[{]/.test(value['records'])) return value['records'];
  if (typeof value['CloudTrailEvent'] === 'string') return value['CloudTrailEvent'];
  if (typeof value['detail-type'] === 'string' && isObject(value['detail'])) return value['detail'];
  if (
    Array.isArray(value['Events']) &&
    value['Events'].every((event) => isObject(event) && 'CloudTrailEvent' in event)
  ) {
    return value['Events'];
  }
  if (value['kind'] === 'EventList' && Array.isArray(value['items'])) return value['items'];
  if (value['messageType'] === 'DATA_MESSAGE' && Array.isArray(value['logEvents'])) {
    return value['logEvents'].map((event) => (isObject(event) ? (event['message'] ?? null) : null));
  }
  return isOfLog(value) ? undefined : findingList(value);
}

function reject(found: Decoded[], reason: string): void {
  found.push({ index: found.length, rejected: reason });
}
