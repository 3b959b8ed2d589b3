import { randomUUID } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { objectOf, parseJson, type JsonObject } from '../../platform/json.ts';
import { Limiter } from '../../platform/limiter.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import { transact, objectOfRow, type Transaction } from '../../platform/storage/transaction.ts';
import type { Tables } from '../../platform/storage/ports.ts';
import { appendEvidence, type EvidenceKind, type NewEvidence } from './evidence.ts';
import { parseResponse } from './response-body.ts';
import {
  incidentRow,
  incidentRows,
  LATEST,
  latestRow,
  OPEN,
  openRow,
  PARTITION,
  responseRow,
  STOP,
  TABLE,
} from './response-rows.ts';
import type { Response } from './response.ts';
import { dueOf, hasEnded, stateOf } from './states.ts';

/** So long whoever works on a response keeps others off, from the last thing it noted: milliseconds. Longer than any wait in between. */
export const CLAIM = 60_000;

const READ_AT_ONCE = 32;

/** Thrown where another works on the response by now: what was begun is finished there. */
export class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError';
}

/** A response while it is changed: what is set is written together with its evidence, or not at all. */
export class Draft {
  response: Response;
  readonly transaction: Transaction;
  readonly now: number;
  readonly evidence: NewEvidence[] = [];

  constructor(response: Response, transaction: Transaction, now: number) {
    this.response = response;
    this.transaction = transaction;
    this.now = now;
  }

  /** Adds to the evidence. */
  note(
    kind: EvidenceKind,
    {
      step,
      actor = 'crosstrail',
      ...data
    }: { readonly step?: string | undefined; readonly actor?: string } & Readonly<Record<string, unknown>>,
  ): void {
    const { response } = this;
    const { action, plan } = response.steps.find((one) => one.id === step) ?? {};
    const all = { action, on: plan?.target.label, ...data };
    this.evidence.push({ time: this.now, kind, response: response.id, step, actor, data: plain(all) });
  }
}

const plain = (value: object): JsonObject => objectOf(parseJson(JSON.stringify(value))) ?? {};

/** Keeps responses, with what happens to them as evidence, in one partition of a table. Holds no state that matters. */
export class ResponseStore {
  readonly #tables: Tables;
  readonly #clock: Clock;
  /** All write to the end of the same evidence: one after the other they need not try again. Other processes may come between all the same. */
  readonly #turns = new Limiter(1);

  constructor(tables: Tables, clock: Clock) {
    this.#tables = tables;
    this.#clock = clock;
  }

  /** @param id whole */
  async get(id: string): Promise<Response | undefined> {
    const row = await this.#tables.get(TABLE, PARTITION, responseRow(id));
    return row && parseResponse(objectOfRow(row));
  }

  /** Ids of responses that begin so, in order; with or without `response-` before them. */
  async find(prefix: string, limit: number): Promise<readonly string[]> {
    const wanted = prefix.startsWith('response-') ? prefix : `response-${prefix}`;
    if (!/^response-[0-9a-f]{0,32}$/.test(wanted)) return [];
    const from = responseRow(wanted);
    const { rows } = await this.#tables.query(TABLE, PARTITION, { from, to: `${from}~`, limit });
    return rows.map(({ row }) => row.slice(responseRow('').length));
  }

  /** The latest first. */
  async list({
    incident,
    open = false,
    limit,
  }: {
    incident?: string | undefined;
    open?: boolean;
    limit: number;
  }): Promise<readonly Response[]> {
    const prefix = incident !== undefined ? incidentRows(incident) : open ? OPEN : LATEST;
    const rows: { readonly id: string; readonly created: number }[] = [];
    for await (const row of rowsOf(this.#tables, TABLE, PARTITION, { from: prefix, to: `${prefix}~` })) {
      const { created } = objectOfRow(row);
      rows.push({ id: row.row.slice(row.row.lastIndexOf('|') + 1), created: Number(created) });
      if (prefix === LATEST && rows.length >= limit) break;
    }
    rows.sort((a, b) => b.created - a.created || (a.id < b.id ? -1 : 1));
    const found: Response[] = [];
    // Only as many are read whole as are wanted.
    for (let at = 0; at < rows.length && found.length < limit; at += READ_AT_ONCE) {
      const some = await Promise.all(rows.slice(at, at + READ_AT_ONCE).map(({ id }) => this.get(id)));
      for (const one of some) if (one !== undefined && (!open || !hasEnded(one))) found.push(one);
    }
    return found.slice(0, limit);
  }

  /** Ids of those that are to be looked at by then, or have ended and are still listed as open. */
  async *due(now: number): AsyncGenerator<string> {
    for await (const row of rowsOf(this.#tables, TABLE, PARTITION, { from: OPEN, to: `${OPEN}~` })) {
      const { due } = objectOfRow(row);
      if (typeof due !== 'number' || due <= now) yield row.row.slice(OPEN.length);
    }
  }

  /** Makes a response, where there is none of its id. @returns the one that is there then */
  async insert(response: Response, note: (draft: Draft) => void): Promise<Response> {
    return this.#transact(async (transaction) => {
      const known = await transaction.get(responseRow(response.id));
      if (known !== undefined) return parseResponse(known);
      const draft = new Draft(response, transaction, this.#clock.now());
      note(draft);
      return this.#write(draft);
    });
  }

  /** Changes a response. `change` sets `draft.response` and notes evidence; may be asked several times. @returns it as it stands then @throws where there is none */
  async change(id: string, change: (draft: Draft) => Promise<void> | void): Promise<Response> {
    return this.#transact(async (transaction) => {
      const value = await transaction.get(responseRow(id));
      if (value === undefined) throw new Error(`there is no response ${id}`);
      const before = parseResponse(value);
      const draft = new Draft(before, transaction, this.#clock.now());
      await change(draft);
      return draft.response === before && draft.evidence.length === 0 ? before : this.#write(draft, before);
    });
  }

  /** Takes a response to work on. @returns undefined where another works on it */
  async claim(id: string): Promise<Claim | undefined> {
    const worker = randomUUID();
    const { worker: taken } = await this.change(id, (draft) => {
      const { response, now } = draft;
      if (response.worker !== undefined && response.worker.until > now) return;
      draft.response = { ...response, worker: { id: worker, until: now + CLAIM } };
    });
    return taken?.id === worker ? new Claim(this, id, worker) : undefined;
  }

  /** Whether all is stopped, and by whom. */
  async stopped(): Promise<Readonly<Record<string, unknown>> | undefined> {
    const row = await this.#tables.get(TABLE, PARTITION, STOP);
    return row && objectOfRow(row);
  }

  /** Stops all, or lets it go on. */
  async setStopped(stop: boolean, { by, reason }: { readonly by: string; readonly reason: string }): Promise<void> {
    await this.#transact(async (transaction) => {
      const known = await transaction.get(STOP);
      if ((known !== undefined) === stop) return;
      const time = this.#clock.now();
      transaction.put(STOP, stop ? { by, reason, at: time } : undefined);
      const kind = stop ? 'stopped' : 'resumed';
      await appendEvidence(transaction, [{ time, kind, response: '', step: undefined, actor: by, data: { reason } }]);
    });
  }

  async #write(draft: Draft, before?: Response): Promise<Response> {
    const { transaction, now, evidence } = draft;
    const set = { ...draft.response, state: stateOf(draft.response), changed: now };
    const response = { ...set, due: dueOf(set, now) };
    const { id, incident, due, created } = response;
    await transaction.get(responseRow(id));
    transaction.put(responseRow(id), response);
    await transaction.get(openRow(id));
    // One that is being worked on is open whatever its state: only who finishes with it may close it.
    const isClosed = hasEnded(response) && response.worker === undefined;
    transaction.put(openRow(id), isClosed ? undefined : { due: due ?? now, created });
    // Where they are listed, which stays.
    if (before === undefined || before.incident !== incident) {
      for (const row of [latestRow(created, id), ...(incident === undefined ? [] : [incidentRow(incident, id)])]) {
        if ((await transaction.get(row)) === undefined) transaction.put(row, { created });
      }
    }
    await appendEvidence(transaction, evidence);
    return response;
  }

  #transact<T>(change: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#turns.run(() => transact({ tables: this.#tables, table: TABLE, partition: PARTITION }, change));
  }
}

/** The right to work on a response, kept as long as something is noted now and then. */
export class Claim {
  readonly id: string;
  readonly #store: ResponseStore;
  readonly #worker: string;

  constructor(store: ResponseStore, id: string, worker: string) {
    this.#store = store;
    this.id = id;
    this.#worker = worker;
  }

  /** As `ResponseStore.change`. @throws ClaimLostError where another took over */
  change(change: (draft: Draft) => Promise<void> | void): Promise<Response> {
    return this.#store.change(this.id, async (draft) => {
      if (draft.response.worker?.id !== this.#worker) throw new ClaimLostError(`another works on ${this.id} by now`);
      await change(draft);
      draft.response = { ...draft.response, worker: { id: this.#worker, until: draft.now + CLAIM } };
    });
  }

  /** Lets others take it. Nothing where another did already. */
  release(): Promise<Response> {
    return this.#store.change(this.id, (draft) => {
      const { worker, ...response } = draft.response;
      if (worker?.id === this.#worker) draft.response = response;
    });
  }
}
