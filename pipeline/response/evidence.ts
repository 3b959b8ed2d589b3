import { hashOf } from '../../playbooks/contract/hashes.ts';
import { isObject, type Json, type JsonObject } from '../../platform/json.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import { objectOfRow, type Transaction } from '../../platform/storage/transaction.ts';
import type { Blobs, Tables } from '../../platform/storage/ports.ts';
import { PARTITION, TABLE } from './response-rows.ts';

/** What was decided or done, each with who. */
const EVIDENCE_KINDS = [
  'proposed',
  'planned',
  'refused',
  'approval-asked',
  'answered',
  'approved',
  'declined',
  'plan-changed',
  'executing',
  'change-begun',
  'change-made',
  'verified',
  'not-verified',
  'failed',
  'delayed',
  'extended',
  'undo-asked',
  'undo-begun',
  'change-undone',
  'undone',
  'undo-refused',
  'drift',
  'stopped',
  'resumed',
] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** An entry of the evidence: appended, never changed. */
export interface EvidenceEntry {
  /** From 1 on, without gaps. */
  readonly number: number;
  /** When it was written, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  readonly kind: EvidenceKind;
  /** Empty for what concerns all. */
  readonly response: string;
  readonly step?: string | undefined;
  /** Who decided: an approver's id, `binding:<name>`, or `crosstrail`. */
  readonly actor: string;
  /** What is to be known of it, states before and after included. Holds no secret. */
  readonly data: JsonObject;
  /** Hash of the entry before; empty for the first. */
  readonly previous: string;
  /** SHA-256 of all the above as canonical JSON, in hex. */
  readonly hash: string;
}

export type NewEvidence = Pick<EvidenceEntry, 'time' | 'kind' | 'response' | 'step' | 'actor' | 'data'>;

/** Where copies are, which a policy of immutability can keep from being changed. */
export const EVIDENCE_CONTAINER = 'evidence';
const HEAD = 'head';
const ENTRY = 'evidence|';
const DIGITS = 12;

/** Appends entries within a transaction: they are there exactly where what they tell of was written. */
export async function appendEvidence(transaction: Transaction, entries: readonly NewEvidence[]): Promise<void> {
  if (entries.length === 0) return;
  const head = await transaction.get(HEAD);
  let number = typeof head?.['number'] === 'number' ? head['number'] : 0;
  let previous = typeof head?.['hash'] === 'string' ? head['hash'] : '';
  for (const entry of entries) {
    number++;
    const row = rowOf(number);
    await transaction.get(row);
    const unsigned = { ...entry, number, previous };
    previous = entryHash(unsigned);
    transaction.put(row, { ...unsigned, hash: previous });
  }
  transaction.put(HEAD, { number, hash: previous });
}

/** What is wrong with a chain. */
export interface EvidenceCheck {
  readonly entries: number;
  /** Hash of the last entry; empty where there is none. */
  readonly head: string;
  /** For people, the first first; empty where it is intact. At most {@link MOST_PROBLEMS}. */
  readonly problems: readonly string[];
}

const MOST_PROBLEMS = 20;

/** The evidence of all responses: one chain. */
export class EvidenceLog {
  readonly #tables: Tables;
  readonly #blobs: Blobs;

  constructor({ tables, blobs }: { readonly tables: Tables; readonly blobs: Blobs }) {
    this.#tables = tables;
    this.#blobs = blobs;
  }

  /** In order of number. @param from the first number wanted @throws where a row holds no entry */
  async *entries(from = 1): AsyncGenerator<EvidenceEntry> {
    const range = { from: rowOf(from), to: `${ENTRY}~` };
    for await (const row of rowsOf(this.#tables, TABLE, PARTITION, range)) yield parseEntry(objectOfRow(row), row.row);
  }

  /** Writes the copy of an entry, unless it is there. */
  async copy(entry: EvidenceEntry): Promise<void> {
    const name = blobOf(entry.number);
    if ((await this.#blobs.get(EVIDENCE_CONTAINER, name)) !== undefined) return;
    await this.#blobs.put(EVIDENCE_CONTAINER, name, new TextEncoder().encode(JSON.stringify(entry)));
  }

  /**
   * Goes through the whole chain and its copies.
   * @param head a hash that somebody noted elsewhere: it must be that of an entry of the chain
   */
  async verify({ head }: { readonly head?: string | undefined } = {}): Promise<EvidenceCheck> {
    const problems: string[] = [];
    const note = (problem: string): void => {
      if (problems.length < MOST_PROBLEMS) problems.push(problem);
    };
    let [number, previous, met] = [0, '', head === undefined];
    for await (const row of rowsOf(this.#tables, TABLE, PARTITION, { from: ENTRY, to: `${ENTRY}~` })) {
      number++;
      const entry = await this.#checkRow(row.row, () => objectOfRow(row), number, previous, note);
      if (entry === undefined) break;
      previous = entry.hash;
      met ||= entry.hash === head;
      await this.#checkCopy(entry, note);
    }
    await this.#checkHead(number, previous, problems.length > 0, note);
    await this.#checkCopiesEnd(number, note);
    if (!met) note(`no entry has the hash ${String(head)}: entries were taken out or written anew since it was noted`);
    return { entries: number, head: previous, problems };
  }

  async #checkRow(
    row: string,
    read: () => JsonObject,
    number: number,
    previous: string,
    note: (problem: string) => void,
  ): Promise<EvidenceEntry | undefined> {
    let entry: EvidenceEntry;
    try {
      entry = parseEntry(read(), row);
    } catch (error) {
      note(`entry ${number}: ${error instanceof Error ? error.message : 'cannot be read'}`);
      return undefined;
    }
    if (row !== rowOf(number) || entry.number !== number)
      note(`entry ${number} is missing: ${row} stands in its place`);
    if (entry.previous !== previous) note(`entry ${entry.number} does not follow the one before it`);
    const { hash, ...unsigned } = entry;
    if (entryHash(unsigned) !== hash) note(`entry ${entry.number} was changed: its hash is another`);
    return row === rowOf(number) ? entry : undefined;
  }

  async #checkCopy(entry: EvidenceEntry, note: (problem: string) => void): Promise<void> {
    const copy = await this.#blobs.get(EVIDENCE_CONTAINER, blobOf(entry.number));
    if (copy === undefined) return;
    const said = new TextDecoder().decode(copy.body);
    if (said !== JSON.stringify(entry)) note(`entry ${entry.number} is another than its copy in blobs`);
  }

  async #checkHead(number: number, last: string, broken: boolean, note: (problem: string) => void): Promise<void> {
    if (broken) return;
    const row = await this.#tables.get(TABLE, PARTITION, HEAD);
    const head = row === undefined ? {} : objectOfRow(row);
    const written = typeof head['number'] === 'number' ? head['number'] : 0;
    if (written !== number) note(`${written} entries were written, and ${number} are there`);
    else if ((head['hash'] ?? '') !== last) note('the last entry is another than the one that was written last');
  }

  /** Copies beyond the last entry: what was cut off. */
  async #checkCopiesEnd(number: number, note: (problem: string) => void): Promise<void> {
    let last: string | undefined;
    for await (const { name } of this.#blobs.list(EVIDENCE_CONTAINER, '')) last = name;
    if (last !== undefined && last > blobOf(number))
      note(`there are copies of entries beyond ${number}: the end was cut off`);
  }
}

const entryHash = (entry: Omit<EvidenceEntry, 'hash'>): string => {
  const { number, time, kind, response, step, actor, data, previous } = entry;
  return hashOf({ number, time, kind, response, step: step ?? null, actor, data, previous });
};

const rowOf = (number: number): string => `${ENTRY}${String(number).padStart(DIGITS, '0')}`;
const blobOf = (number: number): string => `${String(number).padStart(DIGITS, '0')}.json`;

const KINDS: ReadonlySet<string> = new Set(EVIDENCE_KINDS);

const isKind = (text: string): text is EvidenceKind => KINDS.has(text);

function parseEntry(value: JsonObject, row: string): EvidenceEntry {
  const { number, time, kind, response, step, actor, data, previous, hash } = value;
  if (
    typeof number !== 'number' ||
    typeof time !== 'number' ||
    typeof kind !== 'string' ||
    !isKind(kind) ||
    typeof response !== 'string' ||
    typeof actor !== 'string' ||
    !isObject(data) ||
    typeof previous !== 'string' ||
    typeof hash !== 'string'
  ) {
    throw new Error(`row ${row} holds no entry of the evidence`);
  }
  const ofStep: Json | undefined = step;
  return {
    number,
    time,
    kind,
    response,
    ...(typeof ofStep === 'string' ? { step: ofStep } : {}),
    actor,
    data,
    previous,
    hash,
  };
}
