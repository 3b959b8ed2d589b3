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
  json: 0,
};

/** A clock of a source that is so far ahead moves no watermark: an attacker who names a time of the future would make all before it late. */
const MAX_AHEAD = 5 * MINUTE;
const TICK = MINUTE;

/**
 * The event time up to which nothing more is expected, of all sources together. A source that speaks moves it by its own times less its
 * lateness; one that is silent, by what all had said that long ago by the wall clock. So it is right for live streams, and for old logs that
 * are played again.
 */
export class Watermark {
  readonly #lateness: Lateness;
  readonly #latest = new Map<SourceId, number>();
  /** The latest event time of all sources, as it was at each minute of the wall clock; ascending. */
  readonly #history: { at: number; latest: number }[] = [];
  #all = -Infinity;

  constructor(lateness: Lateness) {
    this.#lateness = lateness;
  }

  /** @param now by the wall clock, milliseconds since 1970-01-01T00:00:00Z */
  observe(source: SourceId, time: number, now: number): void {
    if (time > now + MAX_AHEAD) return;
    if (time > (this.#latest.get(source) ?? -Infinity)) this.#latest.set(source, time);
    if (time > this.#all) this.#all = time;
  }

  /** Whether an event comes later than its source may be. */
  isLate(source: SourceId, time: number): boolean {
    return time < (this.#latest.get(source) ?? -Infinity) - this.#lateness[source];
  }

  /** The latest event time met; -Infinity before the first. */
  get latest(): number {
    return this.#all;
  }

  /** @param now by the wall clock */
  at(now: number): number {
    this.#note(now);
    let lowest = Infinity;
    for (const [source, latest] of this.#latest) {
      const spoken = latest - this.#lateness[source];
      lowest = Math.min(lowest, Math.max(spoken, this.#knownBefore(now - this.#lateness[source])));
    }
    return lowest === Infinity ? -Infinity : lowest;
  }

  #note(now: number): void {
    const last = this.#history.at(-1);
    if (last !== undefined && now - last.at < TICK) return;
    this.#history.push({ at: now, latest: this.#all });
    const oldest = now - Math.max(...Object.values(this.#lateness)) - TICK;
    while ((this.#history[1]?.at ?? Infinity) <= oldest) this.#history.shift();
  }

  /** The latest event time that all sources had said by a time of the wall clock. */
  #knownBefore(at: number): number {
    return this.#history.findLast((one) => one.at <= at)?.latest ?? -Infinity;
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
