/**
 * Bytes of an encoded AMQP message, read without decoding what is inside: enough to split a batch and to add annotations.
 * Encodings: OASIS AMQP 1.0, part 1.2 (types) and part 3.2 (message sections).
 */

/** Descriptor codes of the sections of a message, in the order in which they come. */
export const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
  footer: 0x78,
} as const;

/** Thrown where bytes are not a well-formed AMQP message. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

/** One section of a message, as positions in the message's bytes. */
export interface Section {
  /** One of {@link SECTION}. */
  readonly code: number;
  /** Where the section begins, at its descriptor. */
  readonly start: number;
  /** Where the section's value begins, at its type code. */
  readonly value: number;
  /** One past the section's last byte. */
  readonly end: number;
}

/** Some bytes of a buffer: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The entries of an encoded map, as positions. */
export interface MapEntries extends Span {
  /** Keys and values together, as the encoding counts them. */
  readonly count: number;
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new MalformedMessageError(`the message ends at byte ${bytes.length}, inside a value`);
  return byte;
}

function uint32At(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) {
    throw new MalformedMessageError(`the message ends at byte ${bytes.length}, inside a value`);
  }
  return bytes.readUInt32BE(at);
}

/** Bytes that follow the type code of a type of fixed width, by the code's upper four bits. */
const FIXED_WIDTH: Readonly<Record<number, number>> = { 0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16 };

/**
 * One past the last byte of the value whose type code is at `at`. Lists, maps and arrays are passed over by their size,
 * so the time does not depend on what is in them.
 * @throws MalformedMessageError where there is no such value, or it does not end within the bytes
 */
export function endOfValue(bytes: Buffer, at: number): number {
  let code = byteAt(bytes, at);
  let content = at + 1;
  if (code === 0x00) {
    const described = endOfDescriptor(bytes, content);
    code = byteAt(bytes, described);
    content = described + 1;
  }
  const kind = code >> 4;
  const fixed = FIXED_WIDTH[kind];
  let end: number;
  if (fixed !== undefined) end = content + fixed;
  else if (kind === 0xa || kind === 0xc || kind === 0xe) end = content + 1 + byteAt(bytes, content);
  else if (kind === 0xb || kind === 0xd || kind === 0xf) end = content + 4 + uint32At(bytes, content);
  else throw new MalformedMessageError(`byte ${at} is no AMQP type code: 0x${code.toString(16)}`);
  if (end > bytes.length) {
    throw new MalformedMessageError(`the value at byte ${at} ends past the message's ${bytes.length} bytes`);
  }
  return end;
}

/** Descriptors are numbers or symbols; anything else would let values nest without end. */
function endOfDescriptor(bytes: Buffer, at: number): number {
  if (byteAt(bytes, at) === 0x00) throw new MalformedMessageError(`the descriptor at byte ${at} is itself described`);
  return endOfValue(bytes, at);
}

const SECTION_CODES: ReadonlySet<number> = new Set(Object.values(SECTION));

/** Sections may be named by symbol, too; clients of Event Hubs write the numbers. */
const SECTION_SYMBOLS: ReadonlyMap<string, number> = new Map([
  ['amqp:header:list', SECTION.header],
  ['amqp:delivery-annotations:map', SECTION.deliveryAnnotations],
  ['amqp:message-annotations:map', SECTION.messageAnnotations],
  ['amqp:properties:list', SECTION.properties],
  ['amqp:application-properties:map', SECTION.applicationProperties],
  ['amqp:data:binary', SECTION.data],
  ['amqp:amqp-sequence:list', SECTION.sequence],
  ['amqp:amqp-value:*', SECTION.value],
  ['amqp:footer:map', SECTION.footer],
]);

function sectionCode(bytes: Buffer, at: number, end: number): number | undefined {
  const type = bytes[at];
  if (type === 0x53) return bytes[at + 1];
  if (type === 0x80) return bytes.readUInt32BE(at + 1) === 0 ? bytes.readUInt32BE(at + 5) : undefined;
  const text = textAt(bytes, at, end);
  return text === undefined ? undefined : SECTION_SYMBOLS.get(text);
}

/**
 * The sections of an encoded message.
 * @throws MalformedMessageError where the bytes are not a sequence of whole sections that AMQP knows
 */
export function sectionsOf(bytes: Buffer): Section[] {
  const sections: Section[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== 0x00) throw new MalformedMessageError(`no section of a message begins at byte ${at}`);
    const value = endOfDescriptor(bytes, at + 1);
    const code = sectionCode(bytes, at + 1, value);
    if (code === undefined || !SECTION_CODES.has(code)) {
      throw new MalformedMessageError(`the section at byte ${at} is none of a message's sections`);
    }
    if (bytes[value] === 0x00) throw new MalformedMessageError(`the section at byte ${at} is described twice`);
    const end = endOfValue(bytes, value);
    sections.push({ code, start: at, value, end });
    at = end;
  }
  return sections;
}

/** The text of a string or symbol that ends at `end`; undefined for any other type. */
export function textAt(bytes: Buffer, at: number, end: number): string | undefined {
  switch (bytes[at]) {
    case 0xa1:
    case 0xa3:
      return bytes.toString('utf8', at + 2, end);
    case 0xb1:
    case 0xb3:
      return bytes.toString('utf8', at + 5, end);
    default:
      return undefined;
  }
}

/** The content of a binary that ends at `end`, sharing its memory; undefined for any other type. */
export function binaryAt(bytes: Buffer, at: number, end: number): Buffer | undefined {
  if (bytes[at] === 0xa0) return bytes.subarray(at + 2, end);
  if (bytes[at] === 0xb0) return bytes.subarray(at + 5, end);
  return undefined;
}

/**
 * Where the entries of the map at `at` are.
 * @throws MalformedMessageError where there is no map
 */
export function mapAt(bytes: Buffer, at: number): MapEntries {
  const end = endOfValue(bytes, at);
  const type = bytes[at];
  if (type === 0xc1 && end >= at + 3) return { count: byteAt(bytes, at + 2), start: at + 3, end };
  if (type === 0xd1 && end >= at + 9) return { count: uint32At(bytes, at + 5), start: at + 9, end };
  throw new MalformedMessageError(`there is no map at byte ${at}`);
}
