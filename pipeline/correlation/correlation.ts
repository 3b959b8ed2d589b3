import { systemClock, type Clock } from '../../platform/clock.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Queues, Tables } from '../../platform/storage/ports.ts';
import { ALERT_QUEUE } from '../correlate.ts';
import { isPermanent } from '../event-batch.ts';
import type { CorrelatedRules } from '../detection/correlation/correlator.ts';
import { IncidentStore } from '../incidents/incident-store.ts';
import { StatefulAlerts } from '../incidents/stateful-alerts.ts';
import { PostureStore } from '../posture/posture-store.ts';
import type { PostureSummary } from '../posture/posture-summary.ts';
import type { Incident } from '../timeline/incident.ts';
import type { Observation } from '../timeline/observation.ts';
import { Assessor, type FactsPort } from './assessor.ts';
import { CorrelationEngine, DEFAULT_HORIZON, type Changes, type EngineOptions } from './engine.ts';
import { LinkPages, ObservationPages, SummaryPages } from './pages.ts';
import { commitsOf, Journal, MAX_ENTRIES, type Entry, type Head } from './journal.ts';
import { keptOf, linkPagesOf, observationPagesOf } from './kept-state.ts';
import { isTelling } from './observe.ts';
import { onlyPending, pendingOf } from './pending.ts';
import { DEFAULT_LATENESS, Watermark, type Lateness } from './watermark.ts';

export interface CorrelationPorts {
  readonly tables: Tables;
  readonly queues: Queues;
  readonly metrics: Metrics;
  readonly clock?: Clock;
  /** What is known beside the logs; without it, incidents say what the logs say. */
  readonly facts?: FactsPort | undefined;
  /** Is told the id of each incident after it was written, so that something is done about it; may be told the same again. */
  readonly announceIncident?: ((id: string) => Promise<void>) | undefined;
  /** Is shown each incident as it is written; may see the same again. */
  readonly showIncident?: ((incident: Incident) => void) | undefined;
}

export interface CorrelationOptions extends Omit<EngineOptions, 'rules'> {
  readonly lateness?: Lateness | undefined;
  /** More observations than this are not held: the oldest go before their time, which is counted. */
  readonly maxObservations?: number | undefined;
}

const DEFAULT_MAX_OBSERVATIONS = 500_000;
/** So far the watermark moves from one forgetting to the next: milliseconds. */
const FORGET_EVERY = 10 * 60_000;
/** Where no room could be made, it is tried again when so much more is held. */
const GROWTH = 1.1;
const WRITES_AT_ONCE = 16;

/** What one owner holds in memory. */
interface Owned {
  readonly engine: CorrelationEngine;
  readonly journal: Journal;
  readonly watermark: Watermark;
  readonly rules: CorrelatedRules;
  readonly pages: ObservationPages;
  readonly linkPages: LinkPages;
  readonly summaries: SummaryPages;
  /** Whether it knows the directory. */
  taught: boolean;
  decided: number;
  forgotten: number;
  heard: number;
  /** How many observations were left when it was last full: incidents that stand may need more than there is room for. */
  left: number;
  /** Committed, and not told yet. */
  untold: Changes | undefined;
}

/**
 * The correlation of one partition of the hub: the engine in memory, its state in tables, and what it finds told to the alert and incident
 * stores. Each batch is committed first and told then: what was committed and not told, because of a crash between, is told when the state is
 * read again. Safe to run again on the same batch, whole or in part, and on two instances at once: only the one that took over last can commit.
 */
export class Correlation {
  readonly #ports: CorrelationPorts;
  readonly #options: CorrelationOptions;
  readonly #partition: string;
  readonly #alerts: StatefulAlerts;
  readonly #incidents: IncidentStore;
  readonly #posture: PostureStore;
  readonly #clock: Clock;
  readonly #assessor: Assessor | undefined;
  /** Undefined also while memory is ahead of the journal: whatever fails then, all is read anew. */
  #owned: Owned | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(partition: string, ports: CorrelationPorts, options: CorrelationOptions = {}) {
    this.#partition = partition;
    this.#ports = ports;
    this.#options = options;
    this.#alerts = new StatefulAlerts(ports.tables);
    this.#incidents = new IncidentStore(ports.tables);
    this.#posture = new PostureStore(ports.tables);
    this.#clock = ports.clock ?? systemClock;
    this.#assessor = ports.facts && new Assessor(ports.facts, this.#incidents, ports.metrics, this.#clock);
  }

  /**
   * Takes in a batch; an empty one lets time pass.
   * @param now when the hub took in the last message of the batch, milliseconds since 1970-01-01T00:00:00Z. Not the present: of a batch that waited, as
   * after an outage, others that came soon after it are still to come. Left out: the present.
   * @throws TakenOverError, and whatever storage throws: the batch must then be delivered again
   */
  handle(batch: readonly Observation[], rules: CorrelatedRules, now = this.#clock.now()): Promise<void> {
    // One at a time: memory and journal go together.
    const next = this.#last.then(() => this.#handle(batch, rules, now));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #handle(batch: readonly Observation[], rules: CorrelatedRules, now: number): Promise<void> {
    const owned = await this.#own(rules);
    await this.#tell(owned);
    await this.#learnDirectory(owned);
    if (batch.length === 0) await this.#take([], owned, now);
    for (const some of pieces(batch)) await this.#take(some, owned, now);
    await this.#forget(owned);
    await this.#lookAgain(owned);
  }

  /** The state in memory, read anew where there is none or the rules are others. */
  async #own(rules: CorrelatedRules): Promise<Owned> {
    if (this.#owned?.rules.correlations === rules.correlations) return this.#owned;
    this.#owned = undefined;
    this.#assessor?.forget();
    const journal = new Journal(this.#ports.tables, this.#partition);
    const { head, entries } = await journal.claim();
    const { lateness = DEFAULT_LATENESS, ...options } = this.#options;
    const engine = new CorrelationEngine({ ...options, directory: undefined, rules });
    const kept = keptOf(entries);
    engine.restore(kept);
    const { decided, forgotten, pending, heard } = head;
    const watermark = new Watermark(lateness);
    for (const { source, time } of kept.observations) watermark.observe(source, time, heard);
    watermark.at(heard);
    const changes = engine.settle(head.decided);
    this.#owned = {
      ...{ engine, journal, watermark, rules, decided, forgotten, heard, left: 0, taught: false },
      pages: new ObservationPages(observationPagesOf(entries)),
      linkPages: new LinkPages(linkPagesOf(entries).map(({ id }) => id)),
      summaries: new SummaryPages(kept.summaries),
      untold: onlyPending(changes, pending),
    };
    return this.#owned;
  }

  /**
   * Learns the links of the directory, as those of events are learned, and keeps them: so a snapshot that is new revises what was joined without it.
   * What a later snapshot leaves out stays.
   */
  async #learnDirectory(owned: Owned): Promise<void> {
    if (owned.taught) return;
    const { engine, journal } = owned;
    this.#owned = undefined;
    engine.learn(this.#options.directory?.links ?? []);
    const pages = owned.linkPages.add(String(journal.revision + 1), engine.takeLinks());
    const changes = engine.settle(owned.decided);
    for (const some of commitsOf(pages)) await this.#commit(some, owned, pendingOf(changes));
    owned.untold = isEmpty(changes) ? undefined : changes;
    owned.taught = true;
    this.#owned = owned;
    await this.#tell(owned);
  }

  async #take(batch: readonly Observation[], owned: Owned, arrived: number): Promise<void> {
    const { engine, watermark } = owned;
    this.#owned = undefined;
    // An owner that is given old messages again knows of what came after them.
    const now = (owned.heard = Math.max(owned.heard, arrived));
    const fresh: Observation[] = [];
    for (const observation of batch) {
      if (!isTelling(observation)) engine.learn(observation.links);
      else if (engine.take(observation)) fresh.push(observation);
      if (observation.time < owned.decided) this.#ports.metrics.count('late', 1, { source: observation.source });
      watermark.observe(observation.source, observation.time, now);
    }
    owned.decided = Math.max(owned.decided, watermark.at(now));
    const changes = engine.settle(owned.decided);
    const id = String(owned.journal.revision + 1);
    const links = engine.takeLinks();
    const entries: Entry[] = [...owned.pages.add(id, fresh), ...owned.linkPages.add(id, links)];
    entries.push(...lostFindings(engine, MAX_ENTRIES - entries.length));
    if (entries.length > 0 || !isEmpty(changes)) {
      await this.#commit(entries, owned, pendingOf(changes));
      owned.untold = changes;
    }
    this.#owned = owned;
    await this.#tell(owned);
    this.#ports.metrics.count('observations', fresh.length);
  }

  /** Tells anew of incidents of which something else is known by now, without a new event. */
  async #lookAgain(owned: Owned): Promise<void> {
    const { engine } = owned;
    const incidents = await this.#assessor?.changed(
      () => engine.incidents(),
      () => engine.conditions(),
    );
    if (incidents === undefined || incidents.length === 0) return;
    const changes: Changes = { ...NO_CHANGES, incidents };
    this.#owned = undefined;
    await this.#commit([], owned, pendingOf(changes));
    owned.untold = changes;
    this.#owned = owned;
    await this.#tell(owned);
  }

  #commit(entries: readonly Entry[], { journal, decided, forgotten, heard }: Owned, pending: Head['pending']) {
    return journal.commit(entries, { decided, forgotten, pending, heard });
  }

  /**
   * Tells what was committed. What storage refuses for good is counted and passed over: it would be refused with every later batch as well,
   * and nothing else would ever be told.
   */
  async #tell(owned: Owned): Promise<void> {
    const { untold, journal } = owned;
    if (untold === undefined) return;
    const { revision } = journal;
    const { metrics, queues } = this.#ports;
    const tell = <T>(list: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> =>
      inTurn(list, async (one) => {
        try {
          await act(one);
        } catch (error) {
          if (!isPermanent(error)) throw error;
          metrics.count('untellable');
        }
      });
    await tell(untold.withdrawnAlerts, (id) => this.#alerts.withdraw(id, revision));
    await tell(untold.alerts, async (alert) => {
      const kept = await this.#alerts.write(alert, revision);
      if (kept?.notified === false && kept.decision !== 'monitor') await queues.send(ALERT_QUEUE, kept.id);
    });
    const conditions = this.#assessor === undefined ? [] : owned.engine.conditions();
    const shown: Incident[] = [];
    await tell(untold.incidents, async (incident) => {
      const assessed = (await this.#assessor?.assess(incident, conditions)) ?? incident;
      if (!(await this.#isLessThanKept(incident, owned))) await this.#incidents.write(assessed, revision);
      shown.push(assessed);
    });
    for (const incident of shown) this.#ports.showIncident?.(incident);
    await tell(untold.goneIncidents, async ({ id, into }) => {
      if (!(await this.#isSettled(id, owned))) await this.#incidents.replace(id, into, revision);
    });
    // After those that went into them: whoever acts on an incident asks what was done for these, and stops what is asked about one that is none any more.
    const withdrawn = untold.goneIncidents.filter(({ into }) => into === undefined);
    await tell([...shown, ...withdrawn], async ({ id }) => this.#ports.announceIncident?.(id));
    await tell(untold.conditions, (episode) => this.#posture.write(episode, revision));
    await tell(untold.goneConditions, (id) => this.#posture.remove(id, revision));
    owned.untold = undefined;
    metrics.count('stateful-alerts', untold.alerts.length);
    metrics.count('incidents', untold.incidents.length);
  }

  /**
   * Whether an incident is of a time that is forgotten, and what is kept under its id tells of more: an event that came days late, or again, has made
   * part of it anew. It stays as it is kept, which is counted; the event is in its alert.
   */
  async #isLessThanKept(incident: Incident, owned: Owned): Promise<boolean> {
    if (incident.lastSeen >= this.#settledBefore(owned)) return false;
    const kept = await this.#incidents.get(incident.id);
    const events = new Set(incident.eventIds);
    if (kept === undefined || kept.incident.eventIds.every((id) => events.has(id))) return false;
    this.#ports.metrics.count('too-late');
    return true;
  }

  /** Whether the incident kept under an id is of a time that is forgotten: it stays. */
  async #isSettled(id: string, owned: Owned): Promise<boolean> {
    const kept = await this.#incidents.get(id);
    return kept !== undefined && kept.incident.lastSeen < this.#settledBefore(owned);
  }

  /** Alerts that ended before this time are not held any more. */
  #settledBefore({ forgotten }: Owned): number {
    return forgotten - (this.#options.horizon ?? DEFAULT_HORIZON);
  }

  /** Drops what can change nothing any more, and where there is too much, the oldest of what could. */
  async #forget(owned: Owned): Promise<void> {
    const { engine } = owned;
    const { maxObservations = DEFAULT_MAX_OBSERVATIONS } = this.#options;
    const full = engine.size > Math.max(maxObservations, owned.left * GROWTH);
    if (!full && owned.decided - owned.forgotten < FORGET_EVERY) return;
    const before = full ? Math.max(owned.decided, engine.timeToKeep(maxObservations)) : owned.decided;
    if (before === -Infinity) return;
    this.#owned = undefined;
    const { observations, findings, summaries, links, posture } = engine.forget(before);
    if (full) {
      owned.left = engine.size;
      this.#ports.metrics.count('evicted', observations.length);
      if (engine.size > maxObservations) this.#ports.metrics.count('overfull');
    }
    owned.forgotten = before;
    // What is kept in place of observations is there before these go.
    const entries: Entry[] = [
      ...owned.summaries.changes(summaries),
      ...posture.map((value): Entry => ({ kind: 'posture', id: value.key, value: isVoid(value) ? undefined : value })),
      ...findings.map((value): Entry => ({ kind: 'finding', id: value.key, value })),
      ...lostFindings(engine),
      ...owned.pages.remove(observations, engine),
      ...(links === undefined ? [] : owned.linkPages.replace(links, String(owned.journal.revision + 1))),
    ];
    for (const some of commitsOf(entries)) await this.#commit(some, owned, []);
    this.#owned = owned;
  }
}

const NO_CHANGES: Changes = {
  alerts: [],
  withdrawnAlerts: [],
  incidents: [],
  goneIncidents: [],
  conditions: [],
  goneConditions: [],
};

const isVoid = ({ settled }: PostureSummary): boolean => settled === undefined;

const lostFindings = (engine: CorrelationEngine, most = Infinity): Entry[] =>
  engine.takeLostFindings(most).map((id) => ({ kind: 'finding', id, value: undefined }));

/** More than this of a batch is not committed at once, as JSON: it goes into one row. */
const MAX_PIECE_CHARACTERS = 600_000;

/** So many of a batch as fit into one commit. */
function* pieces(batch: readonly Observation[]): Generator<readonly Observation[]> {
  let some: Observation[] = [];
  let characters = 0;
  for (const observation of batch) {
    const own = JSON.stringify(observation).length;
    if (some.length > 0 && characters + own > MAX_PIECE_CHARACTERS) {
      yield some;
      some = [];
      characters = 0;
    }
    some.push(observation);
    characters += own;
  }
  if (some.length > 0) yield some;
}

async function inTurn<T>(list: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < list.length; at += WRITES_AT_ONCE) {
    await Promise.all(list.slice(at, at + WRITES_AT_ONCE).map(act));
  }
}

const isEmpty = (changes: Changes): boolean =>
  Object.values(changes).every((list: readonly unknown[]) => list.length === 0);
