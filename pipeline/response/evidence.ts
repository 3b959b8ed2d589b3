import { canonicalJson, hashOf } from '../../playbooks/contract/hashes.ts';
import { isObject, type Json, type JsonObject } from '../../platform/json.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import { objectOfRow, type Transaction } from '../../platform/storage/transaction.ts';
import type { Blobs, Tables } from '../../platform/storage/ports.ts';
import { PARTITION, PUBLISHED, TABLE } from './response-rows.ts';

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

/**
 * Appends entries within a transaction: they are there exactly where what they tell of was written. Where the head was set back, entries that stand are not written over:
 * the chain goes on after them, and whoever verifies it finds the break.
 */
export async function appendEvidence(transaction: Transaction, entries: readonly NewEvidence[]): Promise<void> {
  if (entries.length === 0) return;
  const head = await transaction.get(HEAD);
  let number = typeof head?.['number'] === 'number' ? head['number'] : 0;
  let previous = typeof head?.['hash'] === 'string' ? head['hash'] : '';
  for (const entry of entries) {
    number++;
    while ((await transaction.get(rowOf(number))) !== undefined) number++;
    const unsigned = { ...entry, number, previous };
    previous = entryHash(unsigned);
    transaction.put(rowOf(number), { ...unsigned, hash: previous });
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
/** So many copies are read at once. */
const COPIES_AT_ONCE = 32;
/** Whoever writes all the time is not waited for. */
const MOST_PASSES = 10;

type Note = (problem: string) => void;

/** How far a chain was followed. */
interface Chain {
  number: number;
  previous: string;
  /** Whether the hash that was asked for was met. */
  met: boolean;
  broken: boolean;
}

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
    const note: Note = (problem) => {
      if (problems.length < MOST_PROBLEMS) problems.push(problem);
    };
    // Read first: what is copied while this runs is not asked for.
    const copied = await this.#numberOf(PUBLISHED, note);
    const chain = { number: 0, previous: '', met: head === undefined, broken: false };
    // Entries are written while this runs: whatever head or copies tell of beyond is read as well before it counts as missing.
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      const before = chain.number;
      await this.#follow(chain, { head, copied, note });
      const last = Math.max(await this.#numberOf(HEAD, () => undefined), await this.#lastCopy());
      if (chain.broken || last <= chain.number || chain.number === before) break;
    }
    const { number, previous, met } = chain;
    if (copied > number) note(`${copied} entries were told of, and ${number} are there`);
    if (problems.length === 0) await this.#checkHead(number, previous, note);
    if ((await this.#lastCopy()) > number) note(`there are copies of entries beyond ${number}: the end was cut off`);
    if (!met) note(`no entry has the hash ${String(head)}: entries were taken out or written anew since it was noted`);
    return { entries: number, head: previous, problems };
  }

  /** Goes on from where the chain was left. */
  async #follow(
    chain: Chain,
    { head, copied, note }: { head: string | undefined; copied: number; note: Note },
  ): Promise<void> {
    const uncompared: EvidenceEntry[] = [];
    const from = chain.number === 0 ? ENTRY : rowOf(chain.number + 1);
    for await (const row of rowsOf(this.#tables, TABLE, PARTITION, { from, to: `${ENTRY}~` })) {
      chain.number++;
      const entry = checkedEntry(row.row, () => objectOfRow(row), chain.number, chain.previous, note);
      chain.broken = entry === undefined;
      if (entry === undefined) break;
      chain.previous = entry.hash;
      chain.met ||= entry.hash === head;
      uncompared.push(entry);
      if (uncompared.length === COPIES_AT_ONCE) await this.#checkCopies(uncompared.splice(0), copied, note);
    }
    await this.#checkCopies(uncompared, copied, note);
  }

  /** @param copied up to which number copies were made */
  async #checkCopies(entries: readonly EvidenceEntry[], copied: number, note: Note): Promise<void> {
    const copies = await Promise.all(entries.map(({ number }) => this.#blobs.get(EVIDENCE_CONTAINER, blobOf(number))));
    for (const [at, entry] of entries.entries()) {
      const copy = copies[at];
      if (copy === undefined) {
        if (entry.number <= copied) note(`the copy of entry ${entry.number} in blobs is missing`);
      } else if (new TextDecoder().decode(copy.body) !== JSON.stringify(entry)) {
        note(`entry ${entry.number} is another than its copy in blobs`);
      }
    }
  }

  async #checkHead(number: number, last: string, note: Note): Promise<void> {
    const head = await this.#row(HEAD, note);
    const written = typeof head['number'] === 'number' ? head['number'] : 0;
    if (written !== number) note(`${written} entries were written, and ${number} are there`);
    else if ((head['hash'] ?? '') !== last) note('the last entry is another than the one that was written last');
  }

  async #numberOf(row: string, note: Note): Promise<number> {
    const { number } = await this.#row(row, note);
    return typeof number === 'number' ? number : 0;
  }

  /** What a row holds; nothing where there is none, or it cannot be read. */
  async #row(name: string, note: Note): Promise<JsonObject> {
    const row = await this.#tables.get(TABLE, PARTITION, name);
    try {
      return row === undefined ? {} : objectOfRow(row);
    } catch {
      note(`row ${name}, which says how many entries there are, cannot be read`);
      return {};
    }
  }

  /** The number of the last copy; 0 where there is none. */
  async #lastCopy(): Promise<number> {
    let last = 0;
    for await (const { name } of this.#blobs.list(EVIDENCE_CONTAINER, '')) {
      const number = /^(\d{12})\.json$/.exec(name)?.[1];
      if (number !== undefined) last = Number(number);
    }
    return last;
  }
}

/** The entry of a row, where it is the one that is to stand there. */
function checkedEntry(
  row: string,
  read: () => JsonObject,
  number: number,
  previous: string,
  note: Note,
): EvidenceEntry | undefined {
  let entry: EvidenceEntry;
  try {
    const kept = read();
    entry = parseEntry(kept, row);
    if (canonicalJson(kept) !== canonicalJson({ ...entry }))
      note(`entry ${entry.number} was changed: it holds what no entry has`);
  } catch (error) {
    note(`entry ${number}: ${error instanceof Error ? error.message : 'cannot be read'}`);
    return undefined;
  }
  if (row !== rowOf(number) || entry.number !== number) note(`entry ${number} is missing: ${row} stands in its place`);
  if (entry.previous !== previous) note(`entry ${entry.number} does not follow the one before it`);
  const { hash, ...unsigned } = entry;
  if (entryHash(unsigned) !== hash) note(`entry ${entry.number} was changed: its hash is another`);
  return row === rowOf(number) ? entry : undefined;
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
