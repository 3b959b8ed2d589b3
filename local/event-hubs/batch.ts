import {
  MalformedMessageError,
  SECTION,
  binaryAt,
  endOfValue,
  mapAt,
  sectionsOf,
  textAt,
  type Section,
} from './amqp-sections.ts';

/** The message format in which Event Hubs clients send a batch: each data section holds one encoded message. */
export const BATCH_FORMAT = 0x80013700;

const PARTITION_KEY = 'x-opt-partition-key';
/** What the service alone may say about an event. */
const SERVICE_ANNOTATIONS: ReadonlySet<string> = new Set([
  'x-opt-sequence-number',
  'x-opt-offset',
  'x-opt-enqueued-time',
]);

/** The messages that one delivery carries, sharing its memory. */
export interface IncomingBatch {
  readonly key: string | undefined;
  readonly messages: readonly Buffer[];
}

/** What the service says about an event that it has taken. */
export interface EventPosition {
  readonly sequence: number;
  readonly offset: number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly enqueued: number;
}

/**
 * Splits what a client sent into encoded messages.
 * @param delivery the payload of the delivery
 * @param format the delivery's message format: {@link BATCH_FORMAT}, or 0 for one message
 * @throws MalformedMessageError where a batch holds anything but data sections and annotations, or nothing
 */
export function splitBatch(delivery: Buffer, format: number): IncomingBatch {
  const sections = sectionsOf(delivery);
  if (format !== BATCH_FORMAT) return { key: partitionKeyOf(delivery, sections), messages: [delivery] };
  const messages: Buffer[] = [];
  for (const section of sections) {
    if (section.code === SECTION.sequence || section.code === SECTION.value) {
      throw new MalformedMessageError('a batch holds its messages in data sections, and this one has another body');
    }
    if (section.code !== SECTION.data) continue;
    const message = binaryAt(delivery, section.value, section.end);
    if (message === undefined) throw new MalformedMessageError('a data section of the batch is not binary');
    messages.push(message);
  }
  const [first] = messages;
  if (first === undefined) throw new MalformedMessageError('the batch holds no message');
  return { key: partitionKeyOf(delivery, sections) ?? partitionKeyOf(first, sectionsOf(first)), messages };
}

function partitionKeyOf(message: Buffer, sections: readonly Section[]): string | undefined {
  for (const { key, value, end } of annotationsOf(message, sections)) {
    if (key === PARTITION_KEY) return textAt(message, value, end);
  }
  return undefined;
}

interface Annotation {
  readonly key: string | undefined;
  readonly start: number;
  readonly value: number;
  readonly end: number;
}

function annotationsOf(message: Buffer, sections: readonly Section[]): Annotation[] {
  const annotations: Annotation[] = [];
  for (const section of sections) {
    if (section.code !== SECTION.messageAnnotations) continue;
    const map = mapAt(message, section.value);
    let at = map.start;
    while (at < map.end) {
      const value = endOfValue(message, at);
      const end = endOfValue(message, value);
      if (end > map.end) throw new MalformedMessageError('an annotation ends outside its map');
      annotations.push({ key: textAt(message, at, value), start: at, value, end });
      at = end;
    }
    if (map.count !== annotations.length * 2) {
      throw new MalformedMessageError('the message annotations are not as many as their map says');
    }
    break;
  }
  return annotations;
}

/** A message that was looked through once, so that adding its position later cannot fail. */
export interface PreparedMessage {
  readonly message: Buffer;
  readonly header: Section | undefined;
  /** What the sender annotated, less what only the service may say. */
  readonly kept: readonly Annotation[];
  /** Where the sections that follow the annotations begin. */
  readonly rest: number;
  /** The key to add, where the message does not carry it itself. */
  readonly key: string | undefined;
}

/**
 * Looks through a message before it is taken.
 * @param message one encoded message
 * @param key the partition key that its batch was sent with
 * @throws MalformedMessageError where it is not a well-formed message, or has no body
 */
export function prepareMessage(message: Buffer, key: string | undefined): PreparedMessage {
  const sections = sectionsOf(message);
  let header: Section | undefined;
  let rest = message.length;
  let previous = 0;
  let hasBody = false;
  for (const section of sections) {
    const mayRepeat = section.code === SECTION.data || section.code === SECTION.sequence;
    if (section.code < previous || (section.code === previous && !mayRepeat)) {
      throw new MalformedMessageError('the sections of the message are out of order');
    }
    previous = section.code;
    if (section.code === SECTION.header) header = section;
    if (section.code > SECTION.messageAnnotations) rest = Math.min(rest, section.start);
    hasBody ||= section.code >= SECTION.data && section.code <= SECTION.value;
  }
  if (!hasBody) throw new MalformedMessageError('the message has no body');
  const annotations = annotationsOf(message, sections);
  const kept = annotations.filter(({ key: name }) => name === undefined || !SERVICE_ANNOTATIONS.has(name));
  const hasKey = kept.some(({ key: name }) => name === PARTITION_KEY);
  return { message, header, kept, rest, key: hasKey ? undefined : key };
}

/**
 * The message as receivers get it: with its position among the annotations, and without the delivery annotations, which
 * are meant for the next hop alone.
 */
export function encodeEvent(prepared: PreparedMessage, position: EventPosition): Buffer {
  const { message, header, kept, rest, key } = prepared;
  const added = encodePosition(position, key);
  let keptBytes = 0;
  for (const { start, end } of kept) keptBytes += end - start;
  const headerBytes = header === undefined ? 0 : header.end - header.start;
  const size = headerBytes + MAP_PREFIX + keptBytes + added.length + (message.length - rest);
  const event = Buffer.allocUnsafe(size);
  let at = 0;
  if (header !== undefined) at += message.copy(event, at, header.start, header.end);
  at = writeMapPrefix(event, at, {
    bytes: keptBytes + added.length,
    count: 2 * (kept.length + (key === undefined ? 3 : 4)),
  });
  for (const { start, end } of kept) at += message.copy(event, at, start, end);
  at += added.copy(event, at);
  message.copy(event, at, rest);
  return event;
}

/** Descriptor, type code, size and count of the section of message annotations. */
const MAP_PREFIX = 12;

function writeMapPrefix(target: Buffer, at: number, entries: { bytes: number; count: number }): number {
  target.writeUInt32BE(0x005372d1, at);
  // The size of a map counts its count field, too.
  target.writeUInt32BE(entries.bytes + 4, at + 4);
  target.writeUInt32BE(entries.count, at + 8);
  return at + MAP_PREFIX;
}

function symbol(text: string): Buffer {
  return Buffer.concat([Buffer.from([0xa3, text.length]), Buffer.from(text, 'ascii')]);
}

const SEQUENCE_KEY = symbol('x-opt-sequence-number');
const OFFSET_KEY = symbol('x-opt-offset');
const ENQUEUED_KEY = symbol('x-opt-enqueued-time');
const KEY_KEY = symbol(PARTITION_KEY);
const FIXED_PART = Buffer.concat([
  SEQUENCE_KEY,
  Buffer.from([0x81]),
  Buffer.alloc(8),
  ENQUEUED_KEY,
  Buffer.from([0x83]),
  Buffer.alloc(8),
  OFFSET_KEY,
]);
const SEQUENCE_AT = SEQUENCE_KEY.length + 1;
const ENQUEUED_AT = SEQUENCE_AT + 8 + ENQUEUED_KEY.length + 1;

function encodePosition(position: EventPosition, key: string | undefined): Buffer {
  const offset = position.offset.toString();
  const keyBytes = key === undefined ? undefined : Buffer.from(key, 'utf8');
  const keySize = keyBytes === undefined ? 0 : KEY_KEY.length + 5 + keyBytes.length;
  const bytes = Buffer.allocUnsafe(FIXED_PART.length + 2 + offset.length + keySize);
  let at = FIXED_PART.copy(bytes);
  writeLong(bytes, SEQUENCE_AT, position.sequence);
  writeLong(bytes, ENQUEUED_AT, position.enqueued);
  at = bytes.writeUInt8(0xa1, at);
  at = bytes.writeUInt8(offset.length, at);
  at += bytes.write(offset, at, 'ascii');
  if (keyBytes !== undefined) {
    at += KEY_KEY.copy(bytes, at);
    at = bytes.writeUInt8(0xb1, at);
    at = bytes.writeUInt32BE(keyBytes.length, at);
    keyBytes.copy(bytes, at);
  }
  return bytes;
}

/** A whole number as 64 bits, without the price of a BigInt. */
function writeLong(target: Buffer, at: number, value: number): void {
  target.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
  target.writeUInt32BE((value % 0x1_0000_0000) >>> 0, at + 4);
}
