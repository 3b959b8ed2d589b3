import { createHash } from 'node:crypto';
import { ArmError, isAway, OWN_LIMIT } from '../../platform/azure/arm-error.ts';
import type { ArmClient } from '../../platform/azure/arm.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Tables } from '../../platform/storage/ports.ts';
import { LEVELS, type Level } from '../timeline/signal.ts';
import { incidentPath, type WorkspaceAddress } from './incident-address.ts';
import {
  outwardProperties,
  propertiesOf,
  wantedIncident,
  type OutwardIncident,
  type Wanted,
} from './outward-incident.ts';
import { outwardIncidentId } from './sentinel-ids.ts';
import { SentIncidents, type SentIncident } from './sent-incidents.ts';
import { writeWithEtag } from './write-with-etag.ts';

/** The incidents that Crosstrail keeps. */
export interface KeptIncidents {
  list(query: { readonly since: number; readonly limit: number }): AsyncIterable<OutwardIncident>;
  get(id: string): Promise<OutwardIncident | undefined>;
}

export interface SendIncidentsPorts {
  readonly incidents: KeptIncidents;
  readonly tables: Tables;
  readonly arm: ArmClient;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export interface SendIncidentsOptions {
  readonly workspace: WorkspaceAddress;
  /** Incidents below this are not made. */
  readonly from: Level;
  /** Whether those that are closed in Crosstrail are closed in Sentinel. */
  readonly close: boolean;
}

export interface SendReport {
  readonly written: number;
  /** Of which one knows that they were deleted in Sentinel. */
  readonly deleted: number;
  /** What was not written and why, for people. */
  readonly problems: readonly string[];
}

/** Incidents without an event for longer than this are not made any more: milliseconds. */
const LOOKBACK = 24 * 3_600_000;
const MOST_RECENT = 500;
/** So many of those sent before that are still open are looked at in one run, in turn. */
const OPEN_AT_ONCE = 50;
/** From one turn to the next: milliseconds. */
const TURN = 60_000;

/**
 * Brings Sentinel to how Crosstrail's incidents stand: makes those that are new, changes those that changed, closes those that are closed or went into others.
 * Looks at the kept incidents instead of being told of each, because what people decide, and what is taken back, shows nowhere else. Safe to run again, and
 * after a crash at any point: names in Sentinel are made of the incidents' ids.
 * @throws whatever storage throws, and ArmError where Sentinel is away or busy
 */
export async function sendIncidents(ports: SendIncidentsPorts, options: SendIncidentsOptions): Promise<SendReport> {
  return new Sending(ports, options).run();
}

class Sending {
  readonly #ports: SendIncidentsPorts;
  readonly #options: SendIncidentsOptions;
  readonly #sent: SentIncidents;
  readonly #problems: string[] = [];
  /** Whether no more can be written in this run. */
  #full = false;
  #written = 0;
  #deleted = 0;

  constructor(ports: SendIncidentsPorts, options: SendIncidentsOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#sent = new SentIncidents(ports.tables, options.workspace);
  }

  async run(): Promise<SendReport> {
    const { incidents, clock } = this.#ports;
    const now = clock.now();
    const known = await this.#sent.all(now);
    const looked = new Set<string>();
    for await (const kept of incidents.list({ since: now - LOOKBACK, limit: MOST_RECENT })) {
      looked.add(kept.incident.id);
      await this.#bring(kept.incident.id, kept, known.get(kept.incident.id));
    }
    const open = [...known].filter(([id, { done }]) => !done && !looked.has(id)).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [id, sent] of inTurn(open, now)) {
      const kept = await incidents.get(id);
      if (kept !== undefined) await this.#bring(id, kept, sent);
    }
    return { written: this.#written, deleted: this.#deleted, problems: this.#problems };
  }

  async #bring(id: string, kept: OutwardIncident, sent: SentIncident | undefined): Promise<void> {
    if (sent === undefined && !this.#isToBeMade(kept)) return;
    const wanted = wantedIncident(id, kept, this.#options.close);
    const digest = digestOf(wanted);
    if (sent?.deleted === true || sent?.digest === digest) return;
    // What is left comes with the next run.
    this.#full ||= this.#ports.arm.left === 0;
    if (this.#full) return;
    try {
      const outcome = await this.#write(id, wanted, sent);
      const { title, severity, status } = wanted;
      const [deleted, at] = [outcome === 'gone', this.#ports.clock.now()];
      const done = deleted || status === 'Closed';
      await this.#sent.note(id, { digest, title, severity, status, done, deleted, at });
      if (outcome === 'written') this.#written++;
      if (deleted) this.#deleted++;
      this.#ports.metrics.count('sentinel_incidents', 1, { outcome });
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      this.#full ||= error.code === OWN_LIMIT;
      if (this.#full) return;
      if (isAway(error)) throw error;
      this.#problems.push(`${id}: ${error.message}`);
    }
  }

  #write(id: string, wanted: Wanted, sent: SentIncident | undefined): ReturnType<typeof writeWithEtag> {
    const { workspace } = this.#options;
    return writeWithEtag(this.#ports.arm, {
      path: incidentPath({ ...workspace, incident: outwardIncidentId(workspace, id) }),
      // A crash may have come between writing it and noting that: so it is looked for first.
      known: 'unread',
      create: sent === undefined,
      change: (there) => {
        const properties = outwardProperties(propertiesOf(there), wanted, sent);
        return properties && { properties };
      },
    });
  }

  /** One that is only counted concerns nobody, and one that is over need not be made to be closed. */
  #isToBeMade({ incident, state, withdrawn }: OutwardIncident): boolean {
    const severe = LEVELS.indexOf(incident.severity) >= LEVELS.indexOf(this.#options.from);
    return severe && incident.decision !== 'monitor' && state !== 'closed' && !withdrawn;
  }
}

/** So many of them as one run looks at, others each time. */
function inTurn<T>(all: readonly T[], now: number): readonly T[] {
  if (all.length <= OPEN_AT_ONCE) return all;
  const from = (Math.floor(now / TURN) * OPEN_AT_ONCE) % all.length;
  return [...all.slice(from), ...all.slice(0, from)].slice(0, OPEN_AT_ONCE);
}

const digestOf = (wanted: Wanted): string =>
  createHash('sha256').update(JSON.stringify(wanted)).digest('hex').slice(0, 32);
