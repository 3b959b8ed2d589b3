import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../platform/clock.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import { withFacts } from '../incidents/with-facts.ts';
import type { ConditionEpisode } from '../posture/posture-conditions.ts';
import type { IncidentContext, IncidentFacts } from '../timeline/context.ts';
import type { Incident } from '../timeline/incident.ts';

/** What is known beside the logs of what an incident touches. */
export interface FactsPort {
  /**
   * Answers within its own time budget: what it could not ask is named as missing.
   * @param conditions what is weak by now, as the logs tell
   */
  factsOf(incident: Incident, conditions: readonly ConditionEpisode[]): Promise<IncidentFacts>;
  /** Another than before whenever look-ups in memory may give something else. */
  readonly version: string;
}

/** From one look to the next at what is known of incidents that stand: milliseconds. What is missing, or known since, is looked for at once. */
const LOOK_EVERY = 5 * 60_000;
/** So long it is not looked again at all: milliseconds. */
const PAUSE = 30_000;
/** So many that stand are looked at anew at once, those last seen first; the others at the next look. */
const MOST_LOOKED_AT = 50;

/**
 * Adds to incidents what is known of what they touch, and finds those of which something else is known by now than when they were told.
 */
export class Assessor {
  readonly #facts: FactsPort;
  readonly #incidents: Pick<IncidentStore, 'get'>;
  readonly #clock: Clock;
  /** What was told of each, and when it was last looked at, and with which knowledge. */
  readonly #told = new Map<string, { context: IncidentContext | undefined; at: number; version: string }>();
  /** Facts that were gathered to see whether they are others, for when these are told. */
  readonly #gathered = new Map<string, IncidentFacts>();
  #looked = -Infinity;

  constructor(facts: FactsPort, incidents: Pick<IncidentStore, 'get'>, clock: Clock) {
    this.#facts = facts;
    this.#incidents = incidents;
    this.#clock = clock;
  }

  /** The incident with what is known of it. */
  async assess(incident: Incident, conditions: readonly ConditionEpisode[]): Promise<Incident> {
    const { version } = this.#facts;
    const facts = this.#gathered.get(incident.id) ?? (await this.#facts.factsOf(incident, conditions));
    this.#gathered.delete(incident.id);
    const assessed = withFacts(incident, facts);
    this.#told.set(incident.id, { context: assessed.context, at: this.#clock.now(), version });
    return assessed;
  }

  /**
   * Of the incidents that stand, those of which something else is known than was told; to be told next. Empty where it was asked not long ago.
   * @param standing as their alerts make them
   */
  async changed(
    standing: () => readonly Incident[],
    conditions: () => readonly ConditionEpisode[],
  ): Promise<readonly Incident[]> {
    const now = this.#clock.now();
    if (now - this.#looked < PAUSE) return [];
    this.#looked = now;
    const incidents = standing();
    const ids = new Set(incidents.map(({ id }) => id));
    for (const id of this.#told.keys()) if (!ids.has(id)) this.#told.delete(id);
    const due = incidents
      .filter(({ id }) => this.#isDue(id))
      .sort((a, b) => b.lastSeen - a.lastSeen)
      .slice(0, MOST_LOOKED_AT);
    const changed: Incident[] = [];
    for (const incident of due) if (await this.#isChanged(incident, conditions())) changed.push(incident);
    return changed;
  }

  async #isChanged(incident: Incident, conditions: readonly ConditionEpisode[]): Promise<boolean> {
    const { id } = incident;
    const { version } = this.#facts;
    const told = this.#told.get(id)?.context ?? (await this.#incidents.get(id))?.incident.context;
    const facts = await this.#facts.factsOf(incident, conditions);
    this.#told.set(id, { context: told, at: this.#clock.now(), version });
    // Who cannot be asked just now does not take back what was said before.
    const lost = told !== undefined && facts.missing.some((what) => !told.missing.includes(what));
    if (lost || isDeepStrictEqual(plain(withFacts(incident, facts).context), plain(told))) return false;
    this.#gathered.set(id, facts);
    return true;
  }

  #isDue(id: string): boolean {
    const told = this.#told.get(id);
    if (told === undefined || told.version !== this.#facts.version) return true;
    const missing = (told.context?.missing.length ?? 0) > 0;
    return this.#clock.now() - told.at >= (missing ? 0 : LOOK_EVERY);
  }
}

/** As it is kept: without what is undefined. */
const plain = (context: IncidentContext | undefined): unknown =>
  context === undefined ? undefined : JSON.parse(JSON.stringify(context));
