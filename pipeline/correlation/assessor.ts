import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../platform/clock.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import { withFacts } from '../incidents/with-facts.ts';
import type { ConditionEpisode } from '../posture/posture-conditions.ts';
import { ASKED, type IncidentContext, type IncidentFacts } from '../timeline/context.ts';
import type { Incident } from '../timeline/incident.ts';
import { inParallel } from '../timeline/store/parallel.ts';
import { Patience } from './patience.ts';
import { stillKnown } from './still-known.ts';

/** What is known beside the logs of what an incident touches. */
export interface FactsPort {
  /**
   * What it could not ask is named as missing; it throws only where it is itself at fault.
   * @param conditions what is weak by now, as the logs tell
   * @param budget how long it may ask what is not in memory, milliseconds; 0: not at all
   */
  factsOf(incident: Incident, conditions: readonly ConditionEpisode[], budget: number): Promise<IncidentFacts>;
  /** Another than before whenever look-ups in memory may give something else. */
  readonly version: string;
}

/** From one look to the next at what is known of incidents that stand: milliseconds. What is known since is looked for at once. */
const LOOK_EVERY = 5 * 60_000;
/** So long it is not looked again at all; what was missing is looked for after it, then after twice as long, and so on: milliseconds. */
const PAUSE = 30_000;
/** So many that stand are looked at anew at once, those looked at longest ago first; the others at the next look. */
const MOST_LOOKED_AT = 50;
const AT_ONCE = 8;

/** Known where looking fails inside Crosstrail: no incident waits for that to be mended. */
const NOTHING: IncidentFacts = {
  ...{ assets: [], findings: [], hits: [], paths: [] },
  missing: [ASKED.findings, ASKED.uses, 'assets and indicators'],
};

/** What was told of an incident, and how it was last looked at. */
interface Told {
  readonly context: IncidentContext | undefined;
  readonly at: number;
  readonly version: string;
  /** From that look to the next. */
  readonly pause: number;
}

/**
 * Adds to incidents what is known of what they touch, and finds those of which something else is known by now than when they were told.
 */
export class Assessor {
  readonly #facts: FactsPort;
  readonly #incidents: Pick<IncidentStore, 'get'>;
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #patience: Patience;
  readonly #told = new Map<string, Told>();
  /** Facts that were gathered to see whether they are others, for when these very incidents are told. */
  readonly #gathered = new WeakMap<Incident, IncidentFacts>();
  #looked = -Infinity;

  constructor(facts: FactsPort, incidents: Pick<IncidentStore, 'get'>, metrics: Metrics, clock: Clock) {
    this.#facts = facts;
    this.#incidents = incidents;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#patience = new Patience(clock);
  }

  /** The incident with what is known of it. */
  async assess(incident: Incident, conditions: readonly ConditionEpisode[]): Promise<Incident> {
    const { version } = this.#facts;
    const facts = this.#gathered.get(incident) ?? (await this.#factsOf(incident, conditions));
    this.#gathered.delete(incident);
    const assessed = withFacts(incident, facts);
    this.#note(incident.id, assessed.context, facts, version);
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
    const lookedAt = ({ id }: Incident): number => this.#told.get(id)?.at ?? 0;
    const due = incidents
      .filter(({ id }) => this.#isDue(id))
      .sort((a, b) => lookedAt(a) - lookedAt(b) || b.lastSeen - a.lastSeen)
      .slice(0, MOST_LOOKED_AT);
    if (due.length === 0) return due;
    const weak = conditions();
    const changed = new Set<Incident>();
    await inParallel(due, AT_ONCE, async (incident) => {
      if (this.#patience.left > 0 && (await this.#isChanged(incident, weak))) changed.add(incident);
    });
    return due.filter((incident) => changed.has(incident));
  }

  /** Forgets what was told: another may have told something else since. */
  forget(): void {
    this.#told.clear();
  }

  async #isChanged(incident: Incident, conditions: readonly ConditionEpisode[]): Promise<boolean> {
    const { version } = this.#facts;
    const told = await this.#toldOf(incident.id);
    const facts = await this.#factsOf(incident, conditions);
    this.#note(incident.id, told, facts, version);
    if (!isOther(withFacts(incident, facts).context, told)) return false;
    this.#gathered.set(incident, facts);
    return true;
  }

  /** What is known by now; of what does not answer, what was told before. */
  async #factsOf(incident: Incident, conditions: readonly ConditionEpisode[]): Promise<IncidentFacts> {
    const ask = (budget: number): Promise<IncidentFacts> => this.#facts.factsOf(incident, conditions, budget);
    const facts = await this.#patience.wait(ask).catch(() => {
      this.#metrics.count('facts_failed');
      return NOTHING;
    });
    return facts.missing.length === 0 ? facts : stillKnown(await this.#toldOf(incident.id), facts);
  }

  async #toldOf(id: string): Promise<IncidentContext | undefined> {
    const told = this.#told.get(id);
    return told === undefined ? (await this.#incidents.get(id))?.incident.context : told.context;
  }

  #note(id: string, context: IncidentContext | undefined, { missing }: IncidentFacts, version: string): void {
    const { pause = PAUSE / 2 } = this.#told.get(id) ?? {};
    const next = missing.length === 0 ? LOOK_EVERY : Math.min(LOOK_EVERY, pause * 2);
    this.#told.set(id, { context, at: this.#clock.now(), version, pause: next });
  }

  #isDue(id: string): boolean {
    const told = this.#told.get(id);
    return told?.version !== this.#facts.version || this.#clock.now() - told.at >= told.pause;
  }
}

/** Whether there is something else to say. That somebody does not answer by now is no news; that somebody does again, is. */
function isOther(now: IncidentContext | undefined, told: IncidentContext | undefined): boolean {
  const answered = told?.missing.some((what) => now?.missing.includes(what) !== true) ?? false;
  return answered || !isDeepStrictEqual(plain(now), plain(told));
}

/** As it is kept, without what is undefined, and without what is missing. */
const plain = (context: IncidentContext | undefined): unknown =>
  context === undefined ? undefined : JSON.parse(JSON.stringify({ ...context, missing: [] }));
