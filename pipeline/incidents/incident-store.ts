import { RowChangedError, RowExistsError, type Cells, type Row, type Tables } from '../../platform/storage/ports.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import type { Incident } from '../timeline/incident.ts';
import { dayOf } from '../timeline/store/layout.ts';
import { inParallel } from '../timeline/store/parallel.ts';
import { AlertStore } from './alert-store.ts';
import { incidentCells, incidentOfCells } from './incident-body.ts';
import { IncidentDays } from './incident-days.ts';
import { reviewCells, reviewOf } from './incident-reviews.ts';
import {
  canBecome,
  decidingReviews,
  standingOf,
  unseenAlerts,
  type IncidentState,
  type Review,
  type Reviewed,
  type Standing,
  type Verdict,
} from './incident-state.ts';

/** Partition = incident: its own row, one for each review by a person, and one for each incident that went into it. */
const INCIDENTS = 'incidents';
const OWN_ROW = 'incident';
const REVIEW = 'review|';
const MERGED = 'merged|';
const ATTEMPTS = 20;
const AT_ONCE = 16;
const MAX_NAME = 200;
const MAX_NOTE = 4000;

/** An incident as it is kept, and what people made of it. */
export interface KeptIncident extends Standing {
  readonly incident: Incident;
  /** Of all state, when it was last written. */
  readonly revision: number;
  /** Whether it stands no more: its alerts were withdrawn, and it is shown as it last was. */
  readonly withdrawn: boolean;
  /** Whether it was too large to be kept whole: its lists have only their first members. */
  readonly cut: boolean;
  /** Ids of incidents that went into it, in order of id. */
  readonly merged: readonly string[];
  /** Oldest first; with those of the incidents that went into it, which are named. */
  readonly history: readonly (Review & { readonly incident: string })[];
}

/** What a person decides of an incident. */
export interface NewReview extends Pick<Review, 'by' | 'at' | 'note'> {
  readonly state: IncidentState;
  /** Of a state `closed`. */
  readonly verdict?: Verdict | undefined;
}

/** Thrown where an incident cannot be brought to a state; its message tells a person why. */
export class IncidentStateError extends Error {
  override readonly name = 'IncidentStateError';
}

/** What `list` gives: incidents in a state, and with events from a time on (milliseconds since 1970-01-01T00:00:00Z). */
export interface IncidentQuery {
  readonly state?: IncidentState | undefined;
  readonly since?: number | undefined;
  readonly limit: number;
}

/**
 * Keeps incidents in tables. What the engine says and what people say stand in different rows, so that neither waits for the other; where an
 * incident stands is worked out of both when it is read. Holds no state.
 */
export class IncidentStore {
  readonly #tables: Tables;
  readonly #days: IncidentDays;
  readonly #alerts: AlertStore;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#days = new IncidentDays(tables);
    this.#alerts = new AlertStore(tables);
  }

  /**
   * Writes an incident as it stands in a revision. Idempotent.
   * @returns whether it was written; false where what is there is as new or newer
   */
  async write(incident: Incident, revision: number): Promise<boolean> {
    return this.#put(incident.id, revision, async (row) => {
      const known = row && incidentOfCells(row.cells);
      if (known === undefined || dayOf(known.lastSeen) !== dayOf(incident.lastSeen)) {
        await this.#days.add(incident.id, incident.lastSeen);
      }
      return { ...incidentCells(incident), revision, since: row === undefined ? revision : sinceOf(row) };
    });
  }

  /**
   * Notes that an incident is none any more; whoever asks for it is led on. Idempotent. A newer `write` brings it back.
   * @param into the incident that has its alerts now; undefined where they were withdrawn
   * @returns whether it was written; false where what is there is as new or newer
   */
  async replace(id: string, into: string | undefined, revision: number): Promise<boolean> {
    return this.#put(id, revision, async (row) => {
      // First, so that what people said of this one is never lost sight of. An entry too many is seen by where this one leads.
      if (into !== undefined) {
        await this.#tables.commit(INCIDENTS, into, [{ kind: 'upsert', row: `${MERGED}${id}`, cells: {} }]);
      }
      const { since = revision, ...cells } = row?.cells ?? {};
      return { ...cells, since, revision, gone: true, into: into ?? '' };
    });
  }

  async #put(id: string, revision: number, cellsOf: (row: Row | undefined) => Promise<Cells>): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const row = await this.#tables.get(INCIDENTS, id, OWN_ROW);
      if (row !== undefined && revisionOf(row) >= revision) return false;
      const cells = await cellsOf(row);
      try {
        await this.#tables.commit(INCIDENTS, id, [
          row === undefined
            ? { kind: 'insert', row: OWN_ROW, cells }
            : { kind: 'replace', row: OWN_ROW, cells, etag: row.etag },
        ]);
        return true;
      } catch (error) {
        if (!(error instanceof RowExistsError) && !(error instanceof RowChangedError)) throw error;
      }
    }
    throw new Error(
      `incident ${id} is written by too many instances at once: ${ATTEMPTS} attempts met a change each time`,
    );
  }

  /**
   * The incident, or the one that it went into; undefined where there is none.
   * @param id whole
   */
  async get(id: string): Promise<KeptIncident | undefined> {
    const met = new Set<string>();
    let found: Partition | undefined;
    let next: string | undefined = id;
    while (next !== undefined && next !== '' && !met.has(next)) {
      met.add(next);
      const partition: Partition = await this.#partition(next);
      // One that is gone may be written before the one that it went into.
      if (partition.incident === undefined) break;
      found = partition;
      next = partition.into;
    }
    return found && this.#kept(found);
  }

  /** Ids of incidents that begin so, in order of id; also of those that went into others. */
  async find(prefix: string, limit: number): Promise<readonly string[]> {
    const ids: string[] = [];
    if (!/^[a-z0-9-]{1,100}$/.test(prefix)) return ids;
    for await (const id of this.#days.startingWith(prefix)) {
      ids.push(id);
      if (ids.length >= limit) break;
    }
    return ids;
  }

  /** Incidents that stand, those with the latest events first. */
  async *list({ state, since = -Infinity, limit }: IncidentQuery): AsyncGenerator<KeptIncident> {
    let left = limit;
    for await (const day of this.#days.days(since)) {
      for (const kept of await this.#ofDay(day)) {
        if (left <= 0) return;
        if (kept.incident.lastSeen < since || (state !== undefined && kept.state !== state)) continue;
        left--;
        yield kept;
      }
    }
  }

  async #ofDay(day: number): Promise<readonly KeptIncident[]> {
    const ids = await Array.fromAsync(this.#days.of(day));
    const kept = await inParallel(ids, AT_ONCE, async (id) => {
      const found = await this.#partition(id);
      const here = found.incident !== undefined && found.into === undefined && dayOf(found.incident.lastSeen) === day;
      return here ? this.#kept(found) : undefined;
    });
    return kept
      .filter((each) => each !== undefined)
      .sort((a, b) => b.incident.lastSeen - a.incident.lastSeen || (a.incident.id < b.incident.id ? -1 : 1));
  }

  /**
   * Notes what a person decided.
   * @param id whole
   * @returns the incident with it: the one that `id` went into, where it went into another
   * @throws IncidentStateError where there is no such incident, or it cannot be brought to that state from where it stands
   */
  async review(id: string, { state, by, at, note, verdict }: NewReview): Promise<KeptIncident> {
    if ((state === 'closed') !== (verdict !== undefined)) {
      throw new IncidentStateError('a verdict goes with closing an incident, and closing one needs a verdict');
    }
    if (by.length > MAX_NAME || (note?.length ?? 0) > MAX_NOTE) {
      throw new IncidentStateError(`a name has at most ${MAX_NAME} characters, and a note ${MAX_NOTE}`);
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const kept = await this.get(id);
      if (kept === undefined) throw new IncidentStateError(`there is no incident ${id}`);
      if (!canBecome(kept.state, state)) throw new IncidentStateError(refusal(kept, state));
      const { incident, revision } = kept;
      const closed = verdict && { verdict, seen: await this.#seen(incident) };
      const number = kept.history.filter((review) => review.incident === incident.id).length + 1;
      const row = `${REVIEW}${String(number).padStart(6, '0')}`;
      try {
        const cells = reviewCells({ state, by, at, note, revision, closed });
        await this.#tables.commit(INCIDENTS, incident.id, [{ kind: 'insert', row, cells }]);
        return (await this.get(incident.id)) ?? kept;
      } catch (error) {
        // Somebody else decided in between: what is asked may not fit any more.
        if (!(error instanceof RowExistsError)) throw error;
      }
    }
    throw new Error(`incident ${id} is reviewed by too many at once: ${ATTEMPTS} attempts met a change each time`);
  }

  async #seen({ alertIds, severity }: Incident): Promise<NonNullable<Review['closed']>['seen']> {
    const rules = await inParallel(alertIds, AT_ONCE, async (alert) => (await this.#alerts.get(alert))?.rule.id);
    return { alerts: alertIds, rules: [...new Set(rules.filter((rule) => rule !== undefined))].sort(), severity };
  }

  async #kept(found: Partition): Promise<KeptIncident | undefined> {
    const { id, own, incident, into } = found;
    if (own === undefined || incident === undefined) return undefined;
    const family = await this.#family(found, own, new Set([id]));
    const deciding = decidingReviews(family.reviewed);
    const unseen = unseenAlerts(incident, deciding);
    const rules = new Map(
      await inParallel(unseen, AT_ONCE, async (alert) => [alert, (await this.#alerts.get(alert))?.rule] as const),
    );
    return {
      incident,
      revision: revisionOf(own),
      withdrawn: into !== undefined,
      cut: own.cells['cut'] === true,
      merged: family.merged.toSorted(),
      history: family.history.toSorted((a, b) => a.at - b.at),
      ...standingOf(incident, deciding, (alert) => rules.get(alert)),
    };
  }

  /** An incident's reviews, and those of all that went into it and is there no more. */
  async #family({ id, reviews, merged }: Partition, own: Row, met: Set<string>): Promise<Family> {
    const reviewed = { since: sinceOf(own), reviews, merged: [] as Reviewed['merged'][number][] };
    const family = {
      reviewed,
      merged: [] as string[],
      history: reviews.map((review) => ({ ...review, incident: id })),
    };
    for (const from of merged) {
      if (met.has(from)) continue;
      met.add(from);
      const part = await this.#partition(from);
      if (part.own === undefined || part.into !== id) continue;
      const theirs = await this.#family(part, part.own, met);
      reviewed.merged.push({ revision: revisionOf(part.own), reviewed: theirs.reviewed });
      family.merged.push(from, ...theirs.merged);
      family.history.push(...theirs.history);
    }
    return family;
  }

  async #partition(id: string): Promise<Partition> {
    const rows = await Array.fromAsync(rowsOf(this.#tables, INCIDENTS, id));
    const own = rows.find(({ row }) => row === OWN_ROW);
    return {
      id,
      own,
      incident: own && incidentOfCells(own.cells),
      into: own?.cells['gone'] === true ? String(own.cells['into']) : undefined,
      reviews: rows.filter(({ row }) => row.startsWith(REVIEW)).map(reviewOf),
      merged: rows.filter(({ row }) => row.startsWith(MERGED)).map(({ row }) => row.slice(MERGED.length)),
    };
  }
}

/** All rows of one incident. */
interface Partition {
  readonly id: string;
  readonly own: Row | undefined;
  readonly incident: Incident | undefined;
  /** Where it went, or empty where it went nowhere; undefined while it stands. */
  readonly into: string | undefined;
  readonly reviews: readonly Review[];
  /** Ids of those that went into it. */
  readonly merged: readonly string[];
}

interface Family {
  readonly reviewed: Reviewed;
  readonly merged: readonly string[];
  readonly history: KeptIncident['history'];
}

function refusal({ incident, state, history }: KeptIncident, wanted: IncidentState): string {
  const last = history.at(-1);
  const by = last?.state === state ? ` (by ${last.by}, ${new Date(last.at).toISOString()})` : '';
  const advice = state === 'closed' ? '; reopen it first' : '';
  return state === wanted
    ? `incident ${incident.id} is ${state} already${by}`
    : `incident ${incident.id} is ${state}${by} and cannot become ${wanted}${advice}`;
}

const revisionOf = ({ cells }: Row): number => Number(cells['revision']);
const sinceOf = ({ cells }: Row): number => Number(cells['since']);
