import { ActionError } from '../../playbooks/contract/action-error.ts';
import { standIn } from '../../playbooks/tickets/stand.ts';
import { openedTicket, TICKET_SYSTEMS, type TicketSystemName } from '../../playbooks/tickets/ticket-change.ts';
import type { TicketNews, TicketSystem } from '../../playbooks/tickets/ticket-system.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Tables } from '../../platform/storage/ports.ts';
import type { Response } from './response.ts';
import { closingOf, newsOf, tellableStand, type Tellable, type TicketIncident } from './ticket-news.ts';
import { rowOf, TicketStore, type KeptTicket, type StoredTicket } from './ticket-store.ts';

export interface TicketSyncPorts {
  /** The incidents that Crosstrail keeps; one that went into another is given as that. */
  readonly incidents: { get(id: string): Promise<TicketIncident | undefined> };
  /** What was done about incidents, the latest first. */
  readonly responses: {
    list(query: { readonly incident?: string | undefined; readonly limit: number }): AsyncIterable<Response>;
  };
  readonly tables: Tables;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** The service in which an action opens tickets. @throws ActionError where it is not configured */
  readonly system: (name: TicketSystemName) => TicketSystem;
}

export interface TicketSyncOptions {
  /** Whether tickets of closed incidents are closed. */
  readonly close: boolean;
  /** No ticket is begun after then, milliseconds since 1970-01-01T00:00:00Z. */
  readonly deadline: number;
}

export interface TicketSyncReport {
  /** How many tickets were told something. */
  readonly told: number;
  /** Of which one knows since this run that people deleted them. */
  readonly gone: number;
  /** What could not be done and why, for people. */
  readonly problems: readonly string[];
}

/** Responses in which opened tickets are looked for. */
const MOST_RESPONSES = 200;
const MOST_OF_INCIDENT = 50;
/** So many tickets are looked at in one run, in turn. */
const AT_ONCE = 100;
/** From one turn to the next: milliseconds. */
const TURN = 60_000;
/** In every so many turns all responses are looked through, which takes a while where there are many. */
const FIND_EACH = 30;
/** Longer than a run takes. */
const LEASE = 2 * 60_000;
/** Where a service is busy and does not say how long. */
const BUSY = 60_000;
/** Where it refuses: what is wrong must be mended by people. */
const REFUSED = 10 * 60_000;
/** Steps alone are told at most so often. */
const QUIET = 10 * 60_000;
/** After so many, only what is urgent is told. */
const MOST_NEWS = 100;
const DAY = 24 * 3_600_000;
/** Responses of which tickets are noted. */
const LOOKBACK = 30 * DAY;
/** Tickets that are done with are forgotten after so long. Longer than the look back, or they would be noted anew. */
const KEPT = 90 * DAY;

/**
 * Brings tickets to how their incidents stand: tells what is new as a comment, once, sets the priority, closes them. Looks at the kept incidents instead of being told of
 * each change, because reviews and merges show nowhere else. Safe to run again, by several at once, and after a crash at any point: what is to be told is noted
 * first, and stands in the ticket with a mark.
 * @throws whatever storage throws
 */
export async function syncTickets(ports: TicketSyncPorts, options: TicketSyncOptions): Promise<TicketSyncReport> {
  return new Syncing(ports, options).run();
}

/**
 * Notes which tickets a response opened, so that they are kept in step from then on; to be called whenever a response was worked on. Idempotent. A response of which nobody
 * told is found within half an hour.
 * @throws whatever storage throws
 */
export async function noteTickets(
  { tables, clock }: Pick<TicketSyncPorts, 'tables' | 'clock'>,
  response: Response,
): Promise<void> {
  const store = new TicketStore(tables);
  for (const ticket of ticketsOf(response)) await store.add({ ...ticket, at: clock.now() });
}

function ticketsOf({ steps }: Response): Pick<KeptTicket, 'system' | 'place' | 'incident' | 'key'>[] {
  return steps.flatMap(({ action, changes }) => {
    const system = TICKET_SYSTEMS.find((name) => name === action);
    if (system === undefined) return [];
    const opened = changes.filter(({ state }) => state === 'made').map(({ change }) => openedTicket(change));
    return opened.flatMap((ticket) =>
      ticket === undefined ? [] : [{ system, place: ticket.in, incident: ticket.incident, key: ticket.key }],
    );
  });
}

class Syncing {
  readonly #ports: TicketSyncPorts;
  readonly #options: TicketSyncOptions;
  readonly #store: TicketStore;
  readonly #problems: string[] = [];
  /** Services that are busy, or not configured any more. */
  readonly #left = new Set<TicketSystemName>();
  #known: ReadonlyMap<string, StoredTicket> = new Map();
  #told = 0;
  #gone = 0;

  constructor(ports: TicketSyncPorts, options: TicketSyncOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#store = new TicketStore(ports.tables);
  }

  async run(): Promise<TicketSyncReport> {
    const { clock } = this.#ports;
    const now = clock.now();
    if (Math.floor(now / TURN) % FIND_EACH === 0) await this.#find(now);
    this.#known = await this.#store.all();
    const open = [...this.#known.values()].filter(({ ticket }) => ticket.state === 'kept');
    for (const stored of inTurn(open, now)) {
      if (clock.now() >= this.#options.deadline) break;
      if (stored.ticket.until > clock.now() || this.#left.has(stored.ticket.system)) continue;
      await this.#bring(stored);
    }
    for (const { ticket } of this.#known.values()) {
      if (ticket.at < now - KEPT && isOver(ticket)) await this.#store.delete(ticket);
    }
    return { told: this.#told, gone: this.#gone, problems: this.#problems };
  }

  /** Notes tickets of which nobody told. */
  async #find(now: number): Promise<void> {
    const known = await this.#store.all();
    for await (const response of this.#ports.responses.list({ limit: MOST_RESPONSES })) {
      if (response.created < now - LOOKBACK) continue;
      const opened = ticketsOf(response).filter((ticket) => !known.has(rowOf(ticket)));
      for (const ticket of opened) await this.#store.add({ ...ticket, at: now });
    }
  }

  async #bring(stored: StoredTicket): Promise<void> {
    const { ticket } = stored;
    try {
      const system = this.#ports.system(ticket.system);
      // The configuration names another place by now: nothing is written there about this one.
      if (system.id !== ticket.place) return;
      const found = ticket.id === '' ? await this.#found(stored, system) : stored;
      const begun =
        found && (found.ticket.pending === undefined ? await this.#begin(found) : await this.#takeOver(found));
      if (begun !== undefined) await this.#tell(begun, system);
    } catch (error) {
      if (!(error instanceof ActionError)) throw error;
      await this.#putOff(ticket, error);
    }
  }

  /** Finds a new ticket, and what it tells since it was made. */
  async #found(stored: StoredTicket, system: TicketSystem): Promise<StoredTicket | undefined> {
    const { ticket } = stored;
    const there = await system.find(ticket.key);
    if (there === undefined) {
      await this.#store.replace(stored, { ...ticket, until: this.#ports.clock.now() + BUSY });
      return undefined;
    }
    if (there === 'deleted') return this.#lost(stored);
    const tellable = await this.#tellable(ticket);
    if (tellable === undefined) return undefined;
    const now = tellableStand(ticket.incident, tellable);
    const begin = { state: 'open', verdict: '', withdrawn: false, into: '', other: '', done: '' } as const;
    const told = { ...now, ...begin, ...standIn(there.text, ticket.key, now) };
    return this.#store.replace(stored, { ...ticket, id: there.id, name: there.name, told });
  }

  /** Notes what is to be told, before it is told. */
  async #begin(stored: StoredTicket): Promise<StoredTicket | undefined> {
    const { ticket } = stored;
    const tellable = await this.#tellable(ticket);
    if (tellable === undefined || ticket.told === undefined) return undefined;
    const then = tellableStand(ticket.incident, tellable);
    const news = newsOf(ticket.told, then, tellable);
    const now = this.#ports.clock.now();
    if (news === undefined) return undefined;
    const { isUrgent, ...what } = news;
    if (!isUrgent && (now < ticket.at + QUIET || ticket.number >= MOST_NEWS)) return undefined;
    const number = ticket.number + 1;
    const mark = `${ticket.key}-${String(number).padStart(6, '0')}`;
    const closing = closingOf(then, this.#options.close);
    // Once: a ticket that people opened again stays open.
    const close = closing === closingOf(ticket.told, this.#options.close) ? undefined : closing;
    const noted: TicketNews = { ...what, mark, number, since: now, close };
    return this.#store.replace(stored, { ...ticket, pending: { news: noted, then }, until: now + LEASE });
  }

  /** What somebody else began to tell, and did not end. */
  #takeOver(stored: StoredTicket): Promise<StoredTicket | undefined> {
    return this.#store.replace(stored, { ...stored.ticket, until: this.#ports.clock.now() + LEASE });
  }

  async #tell(stored: StoredTicket, system: TicketSystem): Promise<void> {
    const { ticket } = stored;
    const { pending } = ticket;
    if (pending === undefined) return;
    const telling = await system.tell(ticket.id, pending.news);
    this.#ports.metrics.count('tickets_told', 1, { system: ticket.system, outcome: telling.is });
    if (telling.is === 'gone') {
      await this.#lost(stored);
      return;
    }
    for (const problem of telling.problems) this.#problems.push(`${ticket.name} (${ticket.incident}): ${problem}`);
    this.#told++;
    const { news, then } = pending;
    const state = then.other === '' ? 'kept' : 'left';
    const at = this.#ports.clock.now();
    await this.#store.replace(stored, {
      ...ticket,
      ...{ told: then, pending: undefined, number: news.number, at, until: 0, state },
    });
  }

  /** People deleted it: it is not made again, and nothing more is told. */
  async #lost(stored: StoredTicket): Promise<undefined> {
    const at = this.#ports.clock.now();
    await this.#store.replace(stored, { ...stored.ticket, pending: undefined, at, until: 0, state: 'gone' });
    this.#gone++;
    return undefined;
  }

  /** What was noted stays, and is told later. */
  async #putOff(ticket: KeptTicket, { kind, message, retryAfter }: ActionError): Promise<void> {
    const isBusy = kind === 'busy';
    if (isBusy || kind === 'input') this.#left.add(ticket.system);
    if (!isBusy) this.#problems.push(`${ticket.name || ticket.key} (${ticket.incident}): ${message}`);
    const stored = await this.#store.get(ticket);
    if (stored === undefined) return;
    const until = this.#ports.clock.now() + (isBusy ? (retryAfter ?? BUSY) : REFUSED);
    await this.#store.replace(stored, { ...stored.ticket, until });
  }

  /** Undefined where there is no such incident any more. */
  async #tellable({ incident: id, system }: KeptTicket): Promise<Tellable | undefined> {
    const { incidents, responses } = this.#ports;
    const kept = await incidents.get(id);
    if (kept === undefined) return undefined;
    const all: Response[] = [];
    for (const incident of new Set([id, kept.incident.id])) {
      for await (const response of responses.list({ incident, limit: MOST_OF_INCIDENT })) all.push(response);
    }
    return { kept, responses: all, other: kept.incident.id === id ? '' : this.#ticketOf(kept.incident.id, system) };
  }

  #ticketOf(incident: string, system: TicketSystemName): string {
    const all = [...this.#known.values()].map(({ ticket }) => ticket);
    const of = all.find((each) => each.incident === incident && each.system === system && each.state === 'kept');
    return of?.name ?? '';
  }
}

const isOver = ({ state, id, told }: KeptTicket): boolean =>
  state !== 'kept' || id === '' || told?.state === 'closed' || told?.withdrawn === true;

/** So many of them as one run looks at, others each time. */
function inTurn<T>(all: readonly T[], now: number): readonly T[] {
  if (all.length <= AT_ONCE) return all;
  const from = (Math.floor(now / TURN) * AT_ONCE) % all.length;
  return [...all.slice(from), ...all.slice(0, from)].slice(0, AT_ONCE);
}
