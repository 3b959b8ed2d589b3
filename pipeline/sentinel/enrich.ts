import { ArmError, isAway } from '../../platform/azure/arm-error.ts';
import type { VulnerabilityContext } from '../timeline/finding.ts';
import type { Level } from '../timeline/signal.ts';
import { LEVELS } from '../timeline/signal.ts';
import { activityOfEvent, activityOfRow, weightiest, type Activity } from './activity.ts';
import { commentOf } from './comment.ts';
import type { Enrichment, RelatedIncident } from './enrichment.ts';
import type { EnrichmentPorts, KnownFacts } from './enrichment-ports.ts';
import { MOST_ENTITIES, namedEntities, type NamedEntity } from './entities.ts';
import { allIds, type IdKind } from './entity-ids.ts';
import { cloudsOfKeys } from './headline.ts';
import { resolveAccounts, type NamedPrincipal, type ResolvedAccounts } from './identities.ts';
import { idsOfKey } from './ids-of-keys.ts';
import type { IncidentAddress } from './incident-address.ts';
import { readAlerts, readEntities, readIncident } from './incident-requests.ts';
import { isOwn, type SentinelAlert, type SentinelIncident } from './incident.ts';
import { ACTIVITY_QUERIES, OTHER_ALERTS } from './logs/activity-queries.ts';
import { IDENTITIES, IDENTITY_SPAN } from './logs/identity-query.ts';
import type { LogQuery, TimeWindow } from './logs/log-query.ts';
import type { LogAnswer } from './logs/log-reader.ts';
import { namedInAlerts } from './named-in-alerts.ts';
import { nextSteps } from './next-steps.ts';
import type { IncidentAdditions, WriteReport } from './writer.ts';

export interface EnrichmentOptions {
  /** Of the workspace's tenant, for accounts that name none. */
  readonly tenant?: string | undefined;
  /** Aborts when no more is to be asked; what was found until then is written. */
  readonly signal: AbortSignal;
  /** Also incidents that are closed. */
  readonly closed?: boolean | undefined;
}

/** What became of an incident. */
export interface EnrichmentReport {
  /**
   * `read`: worked out, and not written. `refused`: Sentinel did not take the comment, and the notes say why. `own`: Crosstrail made it, and it says all that is
   * known.
   */
  readonly outcome: 'written' | 'refused' | 'read' | 'gone' | 'merged' | 'closed' | 'own';
  readonly incident?: SentinelIncident | undefined;
  readonly additions?: IncidentAdditions | undefined;
  readonly written?: WriteReport | undefined;
  /** What could not be asked, or only in part. */
  readonly missing: readonly string[];
  /** Requests to Azure Resource Manager. */
  readonly calls: number;
}

/** Whether something was left that may be done later: what could not be asked, or not be written in time. */
export const isIncomplete = ({ outcome, missing, written }: EnrichmentReport): boolean =>
  missing.length > 0 || outcome === 'refused' || written?.again === true;

const DAY = 86_400_000;
const LONGEST_WINDOW = 14 * DAY;
const MOST_SHOWN = 60;
/** Keys that the timeline is asked for. */
const MOST_KEYS = 60;

/**
 * Reads an incident of Sentinel, finds out what the workspace's logs, Crosstrail, CloudTrail and feeds know of what it names, and writes that into it. Safe to run
 * again: the same facts make the same comment. What cannot be asked is said in the comment.
 * @throws ArmError, SentinelError where the incident itself cannot be read, or the service wants to be asked later
 */
export async function enrichIncident(
  address: IncidentAddress,
  ports: EnrichmentPorts,
  options: EnrichmentOptions,
): Promise<EnrichmentReport> {
  const { arm, writer } = ports;
  const report = (outcome: EnrichmentReport['outcome'], more: Partial<EnrichmentReport> = {}): EnrichmentReport => ({
    outcome,
    missing: [],
    ...more,
    calls: arm.calls,
  });
  const incident = await readIncident(arm, address);
  if (incident === undefined) return report('gone');
  if (incident.mergedInto !== undefined) return report('merged', { incident });
  if (isOwn(incident)) return report('own', { incident });
  if (incident.status === 'Closed' && options.closed !== true) return report('closed', { incident });
  const [alerts, entities] = await Promise.all([
    unlessRefused(readAlerts(arm, address)),
    unlessRefused(readEntities(arm, address)),
  ]);
  const enrichment = await new Enriching(ports, options, incident, { alerts, entities }).enrichment();
  const additions = additionsOf(enrichment);
  const { missing } = enrichment;
  if (writer === undefined) return report('read', { incident, additions, missing });
  const written = await writer.write(incident, additions);
  const outcome = written.gone ? 'gone' : written.comment === 'refused' ? 'refused' : 'written';
  return report(outcome, { incident, additions, written, missing });
}

/** What the service refuses of one incident must not take away what all others know. @throws ArmError where it wants to be asked later */
async function unlessRefused<T>(reading: Promise<readonly T[]>): Promise<readonly T[] | 'refused'> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ArmError && !isAway(error)) return 'refused';
    throw error;
  }
}

/** When an incident was, with a day on either side. A function of the incident alone. */
export function windowOf({ firstActivity, lastActivity, created, modified }: SentinelIncident): TimeWindow {
  const last = lastActivity ?? firstActivity ?? created ?? modified ?? 0;
  const first = Math.min(firstActivity ?? last, last);
  return { from: Math.max(first - DAY, last - LONGEST_WINDOW), to: last + DAY };
}

/** What is read of an incident beside itself. */
interface PartsOfIncident {
  readonly alerts: readonly SentinelAlert[] | 'refused';
  readonly entities: Awaited<ReturnType<typeof readEntities>> | 'refused';
}

class Enriching {
  readonly #ports: EnrichmentPorts;
  readonly #options: EnrichmentOptions;
  readonly #incident: SentinelIncident;
  readonly #window: TimeWindow;
  readonly #named: readonly NamedEntity[];
  readonly #cves: readonly string[];
  readonly #ownAlerts: ReadonlySet<string>;
  readonly #missing = new Set<string>();

  constructor(ports: EnrichmentPorts, options: EnrichmentOptions, incident: SentinelIncident, parts: PartsOfIncident) {
    this.#ports = ports;
    this.#options = options;
    this.#incident = incident;
    this.#window = windowOf(incident);
    const [alerts, entities] = [this.#read('alerts', parts.alerts), this.#read('entities', parts.entities)];
    this.#ownAlerts = new Set(alerts.map(({ id }) => id));
    const all = [incident.properties, ...alerts.map(({ properties }) => properties)];
    const { cves, awsNames, more } = namedInAlerts([...all, ...entities.map(({ properties }) => properties)]);
    this.#cves = cves;
    if (more) this.#missing.add(`alerts: they name more than the ${cves.length} CVEs that are asked after`);
    const aws = awsNames.map((accountName) => ({ kind: 'Account', properties: { accountName } }));
    const first = entities.slice(0, MOST_ENTITIES - aws.length);
    if (first.length < entities.length) {
      this.#missing.add(`entities: asked after the first ${first.length} of ${entities.length}`);
    }
    this.#named = namedEntities([...first, ...aws], options.tenant);
  }

  #read<T>(what: string, part: readonly T[] | 'refused'): readonly T[] {
    if (part !== 'refused') return part;
    this.#missing.add(`${what}: Sentinel did not give them`);
    return [];
  }

  async enrichment(): Promise<Enrichment> {
    const { principals, unresolved } = await this.#accounts();
    const keys = this.#keys(principals);
    const ids = allIds([...principals.flatMap((one) => one.keys.map(idsOfKey)), ...this.#named.map((one) => one.ids)]);
    const [events, calls, rows, otherAlerts, incidents, facts] = await Promise.all([
      this.#events(keys),
      this.#awsCalls(ids),
      this.#rows(ids),
      this.#otherAlerts(ids),
      this.#ask('incidents of Crosstrail', () => this.#ports.crosstrail.incidents(keys, this.#window), []),
      this.#facts(keys),
    ]);
    for (const what of facts.context.missing) this.#missing.add(what);
    const signals = events.flatMap((event) => event.signals);
    return {
      window: this.#window,
      principals,
      unresolved,
      activities: weightiest(
        [...events.map(activityOfEvent), ...calls, ...rows],
        this.#incident.lastActivity ?? this.#window.to,
        MOST_SHOWN,
      ),
      otherAlerts,
      incidents,
      vulnerabilities: facts.vulnerabilities.toSorted((a, b) => urgencyOf(b) - urgencyOf(a)),
      context: facts.context,
      addresses: facts.addresses,
      steps: nextSteps({
        techniques: [
          ...this.#incident.techniques,
          ...incidents.flatMap(({ incident }) => incident.techniques),
          ...signals.flatMap(({ techniques }) => techniques),
        ],
        aws: keys.some((key) => key.startsWith('aws-key:') || key.includes(':assumed-role/')),
        exploited: facts.context.findings.some(({ priority }) => priority === 'act'),
        indicators: facts.context.hits.length > 0,
      }),
      missing: [...this.#missing].sort(),
    };
  }

  /** Who the accounts are: what the workspace's directory says first, for all else is asked by it. */
  async #accounts(): Promise<ResolvedAccounts> {
    const accounts = this.#named.filter(({ kind }) => /^(?:account|mailbox)$/i.test(kind));
    const { to } = this.#window;
    const [identities, { rows }] = await Promise.all([
      this.#ask('identities of Crosstrail', () => this.#ports.crosstrail.identities(), undefined),
      this.#query(IDENTITIES, allIds(accounts.map(({ ids }) => ids)), { from: to - IDENTITY_SPAN, to }),
    ]);
    return resolveAccounts(accounts, rows, identities ?? NOBODY);
  }

  /** Principals first, then what the incident names itself. */
  #keys(principals: readonly NamedPrincipal[]): string[] {
    const keys = [...principals.flatMap((one) => one.keys), ...this.#named.flatMap((one) => one.keys)];
    const all = [...new Set(keys)];
    if (all.length > MOST_KEYS)
      this.#missing.add(`what Crosstrail and feeds know: asked after ${MOST_KEYS} of ${all.length} ids`);
    return all.slice(0, MOST_KEYS);
  }

  async #events(keys: readonly string[]) {
    const none = { events: [], more: false };
    const { events, more } = await this.#ask(
      'timeline of Crosstrail',
      () => this.#ports.crosstrail.events(keys, this.#window),
      none,
    );
    if (more) this.#missing.add('timeline of Crosstrail: only part of it, for there is more than is read at once');
    return events;
  }

  async #awsCalls(ids: Readonly<Record<IdKind, readonly string[]>>): Promise<readonly Activity[]> {
    const { aws } = this.#ports;
    if (aws === undefined || ids.accessKeys.length + ids.arns.length + ids.awsUserNames.length === 0) return [];
    const { events, problems } = await this.#ask(
      'event history of CloudTrail',
      () => aws.lookUp(ids, this.#window, this.#options.signal),
      { events: [], problems: [] },
    );
    for (const problem of problems) this.#missing.add(problem);
    return events.map(activityOfEvent);
  }

  async #rows(ids: Readonly<Record<IdKind, readonly string[]>>): Promise<readonly Activity[]> {
    const answers = await Promise.all(
      ACTIVITY_QUERIES.map(async (query) => {
        const { rows, more } = await this.#query(query, ids, this.#window);
        if (more) this.#missing.add(`${query.title}: only the latest ${query.rows}`);
        return rows.map((row) => activityOfRow(row, query)).filter((activity) => activity !== undefined);
      }),
    );
    return answers.flat();
  }

  async #otherAlerts(ids: Readonly<Record<IdKind, readonly string[]>>): Promise<readonly Activity[]> {
    const { rows } = await this.#query(OTHER_ALERTS, ids, this.#window);
    return rows
      .map((row) => activityOfRow(row, OTHER_ALERTS))
      .filter((alert) => alert !== undefined)
      .filter(({ id }) => id === undefined || !this.#ownAlerts.has(id));
  }

  async #query(
    query: LogQuery,
    ids: Readonly<Record<IdKind, readonly string[]>>,
    window: TimeWindow,
  ): Promise<LogAnswer> {
    const { logs } = this.#ports;
    const none: LogAnswer = { rows: [], more: false };
    if (logs === undefined) return none;
    const answer = await this.#ask(query.title, () => logs.query(query, ids, window), none);
    if (answer.problem !== undefined) this.#missing.add(answer.problem);
    return answer;
  }

  #facts(keys: readonly string[]): Promise<KnownFacts> {
    const context = { assets: [], findings: [], hits: [], paths: [], missing: [] };
    const none: KnownFacts = { context, vulnerabilities: [], addresses: [] };
    const time = this.#incident.lastActivity ?? this.#window.to - DAY;
    return this.#ask(
      'vulnerabilities, assets and threat intelligence',
      () => this.#ports.facts.facts({ keys, cves: this.#cves, time }),
      none,
    );
  }

  /** What somebody answers; where he fails or takes too long, that is noted and `otherwise` taken. */
  async #ask<T>(what: string, work: () => Promise<T>, otherwise: T): Promise<T> {
    const { signal } = this.#options;
    const over = Promise.withResolvers<typeof LATE>();
    const late = (): void => over.resolve(LATE);
    if (signal.aborted) late();
    signal.addEventListener('abort', late, { once: true });
    try {
      const answer = await Promise.race([work(), over.promise]);
      if (answer !== LATE) return answer;
      this.#missing.add(`${what}: no time was left to ask`);
    } catch {
      // Errors of storage may hold addresses and names that are no concern of whoever reads an incident.
      this.#missing.add(`${what}: could not be asked`);
    } finally {
      signal.removeEventListener('abort', late);
    }
    return otherwise;
  }
}

const LATE = Symbol('late');

const NOBODY = {
  resolve: (key: string) => key,
  membersOf: (key: string) => [key],
  labelOf: () => undefined,
  called: () => [],
};

/** Known to be exploited comes before likely to be; of equal ones the first that alerts name. */
const urgencyOf = ({ kev, epss }: VulnerabilityContext): number =>
  (kev === undefined ? 0 : kev.ransomware ? 3 : 2) + (epss?.probability ?? 0);

/** What is to stand in the incident. */
function additionsOf(enrichment: Enrichment): IncidentAdditions {
  const { context, vulnerabilities, principals, incidents, steps } = enrichment;
  const listed = [...vulnerabilities, ...context.findings.flatMap((one) => one.vulnerabilities)];
  const exposed = context.findings.some(
    (one) => one.exposure === 'internet' && one.vulnerabilities.some(({ kev }) => kev !== undefined),
  );
  const labels = [
    'Crosstrail',
    ...(listed.some(({ kev }) => kev !== undefined) ? ['Known exploited vulnerability'] : []),
    ...(exposed ? ['Exploited and public'] : []),
    ...(context.hits.length > 0 ? ['Threat intelligence'] : []),
    ...(principals.some(({ keys }) => cloudsOfKeys(keys).length > 1) ? ['Cross-cloud'] : []),
  ];
  return { comment: commentOf(enrichment), labels, severity: severityOf(incidents, exposed), tasks: steps };
}

/** As bad as the worst that Crosstrail makes of the same, and not harmless where it is exploited and public; undefined where it says nothing. */
function severityOf(incidents: readonly RelatedIncident[], exposed: boolean): Level | undefined {
  // An address is shared by many, and who is behind it may be somebody else.
  const same = incidents.filter(({ state, shares }) => state !== 'closed' && shares !== 'address');
  const levels = same.map(({ incident }) => incident.severity);
  if (exposed) levels.push('high');
  return levels.reduce<Level | undefined>(
    (worst, level) => (worst === undefined || LEVELS.indexOf(level) > LEVELS.indexOf(worst) ? level : worst),
    undefined,
  );
}
