import { hash } from 'node:crypto';
import type { Cell, Tables } from '../../../../platform/storage/ports.ts';
import type { PollTarget } from './connection.ts';

const TABLE = 'bookmarks';
const PARTITION = 'cloudtrail-poll';

/** An event shows up this much later than it happened, at most, seconds. */
export const LATENESS = 15 * 60;
/** The longest window that is looked up at once, seconds. */
export const LONGEST_SPAN = 24 * 3600;

/** How many events are remembered as sent; beyond that the oldest are forgotten and may be sent again. */
const MOST_REMEMBERED = 40_000;
/** A remembered event: four bytes of event time in seconds, eight of the SHA-256 of its id. */
const ENTRY_BYTES = 12;
/** In whole entries, and under what one cell holds. */
const CELL_BYTES = 5_000 * ENTRY_BYTES;

/** How far the history of an account and region is read. Times are seconds since 1970-01-01T00:00:00Z. */
export interface Bookmark {
  /** Everything that happened before was sent, and nothing more can come late. */
  readonly settled: number;
  /** The end of the last window that was sent. */
  readonly until: number;
  /** How long a window to look up next, seconds. */
  readonly span: number;
  /** What was sent from `settled` on, by {@link remembered}, with its event time. */
  readonly sent: ReadonlyMap<string, number>;
}

/** Under what an event is remembered. */
export const remembered = (eventId: string): string => hash('sha256', eventId, 'hex').slice(0, 16);

/** The account of a target: as configured, or that of its role. */
export const accountOf = ({ account, roleArn }: PollTarget): string | undefined => account ?? roleArn?.split(':')[4];

/** The row of a target's bookmark. Where its account is known, credentials may change without losing the place. */
export function rowOf(target: PollTarget): string {
  const { region, profile } = target;
  const account = accountOf(target);
  const who = account ?? (profile === undefined ? 'default' : `profile-${remembered(profile)}`);
  return `${region}_${who}`;
}

/** The bookmarks in storage. */
export class Bookmarks {
  readonly #tables: Tables;
  readonly #beginning: number;

  /** @param beginning where a target without a bookmark begins, milliseconds since 1970-01-01T00:00:00Z */
  constructor(tables: Tables, beginning: number) {
    this.#tables = tables;
    this.#beginning = Math.floor(beginning / 1000);
  }

  /** Reads a bookmark. One that is not there begins now, and is stored, so that a first run that fails leaves nothing out. */
  async read(row: string): Promise<Bookmark> {
    const found = await this.#tables.get(TABLE, PARTITION, row);
    if (found === undefined) {
      const first = {
        settled: this.#beginning,
        until: this.#beginning,
        span: LONGEST_SPAN,
        sent: new Map<string, number>(),
      };
      await this.write(row, first);
      return first;
    }
    const { settled, until, span } = found.cells;
    if (!isTime(settled) || !isTime(until) || !isTime(span)) {
      throw new Error(`the bookmark ${row} in table ${TABLE} holds no times; delete the row to begin anew`);
    }
    return { settled, until, span: Math.min(Math.max(1, span), LONGEST_SPAN), sent: unpack(found.cells) };
  }

  /** Stores a bookmark; of what was sent, only that which could be found again. */
  async write(row: string, { settled, until, span, sent }: Bookmark): Promise<void> {
    const cells = { settled, until, span, ...pack(sent) };
    await this.#tables.commit(TABLE, PARTITION, [{ kind: 'upsert', row, cells }]);
  }
}

const isTime = (cell: Cell | undefined): cell is number =>
  typeof cell === 'number' && Number.isInteger(cell) && cell >= 0;

/** What may be found again after everything before `settled` is done with; the newest, where there is too much. */
export function keep(sent: ReadonlyMap<string, number>, settled: number): ReadonlyMap<string, number> {
  const kept = [...sent].filter(([, time]) => time >= settled);
  if (kept.length > MOST_REMEMBERED) kept.sort(([, a], [, b]) => b - a).splice(MOST_REMEMBERED);
  return new Map(kept);
}

function pack(sent: ReadonlyMap<string, number>): Record<string, Uint8Array> {
  const bytes = Buffer.alloc(sent.size * ENTRY_BYTES);
  let at = 0;
  for (const [key, time] of sent) {
    bytes.writeUInt32BE(time, at);
    bytes.write(key, at + 4, 'hex');
    at += ENTRY_BYTES;
  }
  const cells: Record<string, Uint8Array> = {};
  for (let start = 0; start < bytes.length; start += CELL_BYTES) {
    cells[`sent${start / CELL_BYTES}`] = bytes.subarray(start, start + CELL_BYTES);
  }
  return cells;
}

function unpack(cells: Readonly<Record<string, Cell>>): Map<string, number> {
  const sent = new Map<string, number>();
  for (let number = 0; ; number++) {
    const cell = cells[`sent${number}`];
    if (!(cell instanceof Uint8Array)) return sent;
    const bytes = Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength);
    for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
      sent.set(bytes.toString('hex', at + 4, at + ENTRY_BYTES), bytes.readUInt32BE(at));
    }
  }
}
