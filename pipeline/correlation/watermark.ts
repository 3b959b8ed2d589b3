import { ConfigurationError } from '../../platform/configuration.ts';
import type { SourceId } from '../timeline/event.ts';

/** How long after its time an event of a source may still come: milliseconds. */
export type Lateness = Readonly<Record<SourceId, number>>;

const MINUTE = 60_000;

/**
 * What the services' documentation says of their delivery, with room: CloudTrail within 15 minutes as a rule ("about 5 minutes" on average),
 * Azure Activity 3 to 20, Entra sign-ins within 5 as a rule, control plane logs of AKS a few. The counts at `/api/health` show what is
 * measured.
 */
export const DEFAULT_LATENESS: Lateness = {
  cloudtrail: 20 * MINUTE,
  'azure-activity': 20 * MINUTE,
  entra: 15 * MINUTE,
  'aks-audit': 10 * MINUTE,
  defender: 30 * MINUTE,
  'security-hub': 30 * MINUTE,
  github: 30 * MINUTE,
  sarif: 0,
  trivy: 0,
  crosstrail: 0,
  json: 0,
};

/** A clock of a source that is so far ahead moves no watermark: an attacker who names a time of the future would make all before it late. */
const MAX_AHEAD = 5 * MINUTE;
const TICK = MINUTE;

/** Sources that come as streams of actions; findings tell of what was found whenever, and time does not wait for them. */
const STREAMS: readonly SourceId[] = ['cloudtrail', 'azure-activity', 'entra', 'aks-audit'];

/**
 * The event time up to which nothing more is expected, of all sources together: what was said a source's lateness ago by the wall clock,
 * for the partitions of a hub are read at their own pace; and of a source that speaks no more than its own times less its lateness, for it may be
 * hours behind the others where a backlog is read. So it is right for live streams, for backlogs, and for old logs that are played again.
 */
export class Watermark {
  readonly #lateness: Lateness;
  readonly #spoken = new Map<SourceId, { latest: number; at: number }>();
  /** The latest event time of all sources, as it was at each minute of the wall clock; ascending. */
  readonly #history: { at: number; latest: number }[] = [];
  #latest = -Infinity;

  constructor(lateness: Lateness) {
    this.#lateness = lateness;
  }

  /** @param now by the wall clock, milliseconds since 1970-01-01T00:00:00Z */
  observe(source: SourceId, time: number, now: number): void {
    if (time > now + MAX_AHEAD) return;
    const known = this.#spoken.get(source);
    this.#spoken.set(source, { latest: Math.max(known?.latest ?? -Infinity, time), at: now });
    this.#latest = Math.max(this.#latest, time);
  }

  /** @param now by the wall clock */
  at(now: number): number {
    this.#note(now);
    return Math.min(...STREAMS.map((source) => this.#of(source, now)));
  }

  #of(source: SourceId, now: number): number {
    const lateness = this.#lateness[source];
    const spoken = this.#spoken.get(source);
    const known = this.#history.findLast((one) => one.at <= now - lateness)?.latest ?? -Infinity;
    const speaks = spoken !== undefined && now - spoken.at <= lateness;
    return speaks ? Math.min(known, spoken.latest - lateness) : known;
  }

  #note(now: number): void {
    const last = this.#history.at(-1);
    if (last !== undefined && now - last.at < TICK) return;
    this.#history.push({ at: now, latest: this.#latest });
    const oldest = now - Math.max(...Object.values(this.#lateness)) - TICK;
    while ((this.#history[1]?.at ?? Infinity) <= oldest) this.#history.shift();
  }
}

/**
 * The lateness of each source: what is configured, by its id, and the defaults.
 * @throws ConfigurationError where it names no source
 */
export function latenessOf(configured: Readonly<Record<string, number>>): Lateness {
  const lateness: Record<SourceId, number> = { ...DEFAULT_LATENESS };
  for (const [source, time] of Object.entries(configured)) {
    if (!isSource(source)) {
      const known = Object.keys(DEFAULT_LATENESS).join(', ');
      throw new ConfigurationError(`correlation.lateness: there is no source '${source}'; there are ${known}`);
    }
    lateness[source] = time;
  }
  return lateness;
}

const isSource = (name: string): name is SourceId => Object.hasOwn(DEFAULT_LATENESS, name);
