import { z } from 'zod';
import { TICKET_SYSTEMS, type TicketSystemName } from '../../playbooks/tickets/ticket-change.ts';
import type { TicketNews } from '../../playbooks/tickets/ticket-system.ts';
import { parseJson } from '../../platform/json.ts';
import { RowChangedError, RowExistsError, type Cells, type Row, type Tables } from '../../platform/storage/ports.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import { LEVELS } from '../timeline/signal.ts';

const TABLE = 'tickets';
const PARTITION = 'tickets';

const level = z.enum(LEVELS);

const told = z.object({
  severity: level,
  decision: z.enum(['block', 'warn', 'monitor']),
  headline: z.string(),
  /** Which steps, as `standOf` gives them. */
  steps: z.string(),
  state: z.enum(['open', 'acknowledged', 'contained', 'closed']),
  verdict: z.enum(['true-positive', 'benign', 'false-positive', '']),
  withdrawn: z.boolean(),
  /** The incident that it went into; empty where it went into none. */
  into: z.string(),
  /** The ticket that goes on with it; empty where there is none. */
  other: z.string(),
  /** Which steps of responses in which state, eight digits of hex each. */
  done: z.string(),
});

/** What a ticket tells. */
export type Told = Readonly<z.infer<typeof told>>;

const line = z.array(z.union([z.string(), z.object({ foreign: z.string() })]));

const pending = z.object({
  news: z.object({
    mark: z.string(),
    number: z.number(),
    since: z.number(),
    blocks: z.array(
      z.union([
        z.object({ lines: z.array(line) }),
        z.object({ heading: z.string(), items: z.array(line), more: z.number().optional() }),
      ]),
    ),
    severity: z.object({ from: level, to: level }),
    close: z.enum(['true-positive', 'benign', 'false-positive', 'merged', 'withdrawn']).optional(),
  }),
  then: told,
});

const json = <T extends z.ZodType>(schema: T) =>
  z.string().transform((text, context): z.infer<T> | undefined => {
    if (text === '') return undefined;
    const read = schema.safeParse(parsed(text));
    if (read.success) return read.data;
    context.addIssue({ code: 'custom', message: 'unreadable' });
    return z.NEVER;
  });

const cells = z.object({
  system: z.enum(TICKET_SYSTEMS),
  place: z.string(),
  incident: z.string(),
  key: z.string(),
  id: z.string(),
  name: z.string(),
  told: json(told),
  pending: json(pending),
  number: z.number(),
  at: z.number(),
  until: z.number(),
  state: z.enum(['kept', 'gone', 'left']),
});

/** A ticket, and what it tells. Times are milliseconds since 1970-01-01T00:00:00Z. */
export interface KeptTicket {
  readonly system: TicketSystemName;
  /** The id of the place where it is. */
  readonly place: string;
  readonly incident: string;
  readonly key: string;
  /** By which the service knows it, and its name; empty until it was found. */
  readonly id: string;
  readonly name: string;
  readonly told: Told | undefined;
  /** News that were begun to be told, and what the ticket tells when they are. */
  readonly pending: { readonly news: TicketNews; readonly then: Told } | undefined;
  /** Of the news that were told last. */
  readonly number: number;
  /** When they were told, or the ticket was noted. */
  readonly at: number;
  /** Somebody works on it until then, or it is left alone until then. */
  readonly until: number;
  /** `gone`: people deleted it. `left`: another ticket goes on with it. */
  readonly state: 'kept' | 'gone' | 'left';
}

export interface StoredTicket {
  readonly ticket: KeptTicket;
  readonly etag: string;
}

/** Which tickets were opened for incidents, what they tell, and what they are being told. Lost, the tickets are found again by their keys. */
export class TicketStore {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** All, by the name of the system and the key. */
  async all(): Promise<Map<string, StoredTicket>> {
    const all = new Map<string, StoredTicket>();
    for await (const row of rowsOf(this.#tables, TABLE, PARTITION)) {
      const stored = storedOf(row);
      if (stored !== undefined) all.set(row.row, stored);
    }
    return all;
  }

  async get(ticket: KeptTicket): Promise<StoredTicket | undefined> {
    const row = await this.#tables.get(TABLE, PARTITION, rowOf(ticket));
    return row && storedOf(row);
  }

  /** Notes that a ticket was opened. Idempotent. */
  async add(opened: Pick<KeptTicket, 'system' | 'place' | 'incident' | 'key' | 'at'>): Promise<void> {
    const ticket: KeptTicket = {
      ...opened,
      ...{ id: '', name: '', told: undefined, pending: undefined, number: 0, until: 0, state: 'kept' },
    };
    try {
      await this.#tables.commit(TABLE, PARTITION, [{ kind: 'insert', row: rowOf(ticket), cells: cellsOf(ticket) }]);
    } catch (error) {
      if (!(error instanceof RowExistsError)) throw error;
    }
  }

  /**
   * Writes a ticket as it stands.
   * @returns it with its new etag; undefined where somebody else wrote it in between
   */
  async replace({ etag }: StoredTicket, ticket: KeptTicket): Promise<StoredTicket | undefined> {
    const row = rowOf(ticket);
    try {
      await this.#tables.commit(TABLE, PARTITION, [{ kind: 'replace', row, cells: cellsOf(ticket), etag }]);
    } catch (error) {
      if (error instanceof RowChangedError) return undefined;
      throw error;
    }
    return this.get(ticket);
  }

  async delete(ticket: KeptTicket): Promise<void> {
    await this.#tables.commit(TABLE, PARTITION, [{ kind: 'delete', row: rowOf(ticket) }]);
  }
}

/** By which the store knows a ticket. */
export const rowOf = ({ system, key }: { readonly system: TicketSystemName; readonly key: string }): string =>
  `${system}|${key}`;

const cellsOf = (ticket: KeptTicket): Cells => ({
  ...ticket,
  told: ticket.told === undefined ? '' : JSON.stringify(ticket.told),
  pending: ticket.pending === undefined ? '' : JSON.stringify(ticket.pending),
});

function storedOf({ cells: read, etag }: Row): StoredTicket | undefined {
  const result = cells.safeParse(read);
  return result.success ? { ticket: result.data, etag } : undefined;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
