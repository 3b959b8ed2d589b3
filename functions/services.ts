import { readFile } from 'node:fs/promises';
import { azureConnection, type AzureConnection } from '../platform/azure/connection.ts';
import { azureEndpoints } from '../platform/azure/endpoints.ts';
import { RequestRates } from '../platform/azure/request-rates.ts';
import { systemClock, type Clock } from '../platform/clock.ts';
import { ConfigurationError, loadConfiguration, type Configuration } from '../platform/configuration.ts';
import { AzureHubs, hubSettings, type Hubs } from '../platform/hubs.ts';
import { Metrics } from '../platform/metrics.ts';
import { azureStorage } from '../platform/storage/azure.ts';
import type { Storage } from '../platform/storage/ports.ts';
import { storageSettings } from '../platform/storage/settings.ts';
import type { FactsPort } from '../pipeline/correlation/assessor.ts';
import { Correlation, type CorrelationPorts } from '../pipeline/correlation/correlation.ts';
import { Observer } from '../pipeline/correlation/observe.ts';
import { latenessOf } from '../pipeline/correlation/watermark.ts';
import { builtinRules } from '../pipeline/detection/builtin.ts';
import { LiveRules, type LiveRulesPorts } from '../pipeline/detection/reload/live-rules.ts';
import type { RuleSettings } from '../pipeline/detection/reload/rule-snapshot.ts';
import { FindingStore } from '../pipeline/enrichment/findings/finding-store.ts';
import { AlertStore } from '../pipeline/incidents/alert-store.ts';
import { blobCopies, type CopyStore } from '../pipeline/enrichment/copies/copy-store.ts';
import { incidentFacts, type FactSources } from '../pipeline/enrichment/incident-facts.ts';
import { LiveKnowledge } from '../pipeline/enrichment/live-knowledge.ts';
import { timelineUses } from '../pipeline/enrichment/uses.ts';
import type { SentinelEnricher } from '../pipeline/enrich-sentinel.ts';
import { IncidentStore } from '../pipeline/incidents/incident-store.ts';
import { SuppressedStore } from '../pipeline/incidents/suppressed-store.ts';
import { Footprints } from '../pipeline/response/own-actions/footprints.ts';
import type { ApprovalKey } from '../pipeline/response/approval/approval-key.ts';
import type { ResponsePorts } from '../pipeline/response/ports.ts';
import { INCIDENT_QUEUE } from '../pipeline/response/decide-responses.ts';
import { logNotifier } from '../pipeline/routing/notifiers/log.ts';
import type { Notifier } from '../pipeline/routing/notify.ts';
import { sentinelEnricher } from '../pipeline/sentinel-enricher.ts';
import { parseDirectory, type Directory } from '../pipeline/timeline/identity/directory.ts';
import { timelineStore, type TimelineStore } from '../pipeline/timeline/store.ts';
import { askingPeople } from './ask-people.ts';
import { responseServices, type ResponseServices } from './response-services.ts';

/** What the functions stand on, made once for each process. */
export interface Services extends ResponseServices {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly rules: LiveRules;
  readonly storage: Storage;
  readonly hubs: Hubs;
  /** How Azure's other services are reached; made when it is first asked for. */
  readonly azure: () => Promise<AzureConnection>;
  /** How many requests these take. */
  readonly rates: RequestRates;
  readonly alerts: AlertStore;
  readonly suppressed: SuppressedStore;
  readonly incidents: IncidentStore;
  readonly findings: FindingStore;
  /** The last good copies of feeds and inventories. */
  readonly copies: CopyStore;
  /** What is known beside the logs. */
  readonly knowledge: LiveKnowledge;
  /** Enriches incidents of Microsoft Sentinel. */
  readonly enricher: SentinelEnricher;
  /** What responses are about to do, so that detections know one's own work. */
  readonly footprints: Footprints;
  readonly observer: Observer;
  /** The correlation of a partition of its hub. */
  readonly correlationOf: (partition: string) => Correlation;
  readonly timeline: TimelineStore;
  readonly notifier: Notifier;
  /** Is shown each incident as it is written; the local edition has a person at its terminal. */
  readonly showIncident?: CorrelationPorts['showIncident'];
  /** Tells people that they are asked to approve a response. */
  readonly askPeople?: ResponsePorts['ask'];
  /** Is shown what responses decide and do; the local edition has a person at its terminal. */
  readonly showEvidence?: ResponsePorts['show'];
  /** What requests for approval are signed with, in the local edition; elsewhere the environment has it. */
  readonly approvalKey?: ApprovalKey | undefined;
  /** The account whose user approves, in the local edition. */
  readonly localUser?: string | undefined;
  /** For what concerns the process and no single invocation. */
  readonly log: LiveRulesPorts['log'];
}

/** The setting that names the namespace of the hubs, as Azure Functions names connections. */
export const HUB_CONNECTION = 'CROSSTRAIL_HUBS';

let current: Promise<Services> | undefined;
let provided: Partial<Services> = {};

/** The services, made at the first call from environment and configuration. A failure is not kept: the next call tries again. */
export function services(): Promise<Services> {
  current ??= make(process.env, provided).catch((error: unknown) => {
    current = undefined;
    throw error;
  });
  return current;
}

/** Puts other implementations in the place of some services, for the local edition and for tests; before the first call of `services`. */
export function provideServices(others: Partial<Services>): void {
  provided = others;
  current = undefined;
}

async function make(environment: NodeJS.ProcessEnv, others: Partial<Services>): Promise<Services> {
  const configured = async (): Promise<Configuration> =>
    others.configuration ?? (await loadConfiguration(environment['CROSSTRAIL_CONFIG']));
  const configuration = await configured();
  const { clock = systemClock, metrics = new Metrics(), log = logLine } = others;
  let { file } = configuration;
  const settings = async (): Promise<RuleSettings> => {
    const now = await configured();
    if (file !== undefined && now.file === undefined) throw new ConfigurationError(gone(file));
    file = now.file;
    return ruleSettings(now, clock);
  };
  const storage = others.storage ?? azureStorage(storageSettings(environment));
  const directory = await directoryOf(configuration);
  const copies = others.copies ?? blobCopies(storage.blobs);
  const knowledge =
    others.knowledge ?? (await LiveKnowledge.open(configuration, { store: copies, clock, metrics, log }));
  const findings = new FindingStore(storage.tables);
  const timeline = timelineStore(storage.tables);
  const [azure, rates] = [connecting(configuration), new RequestRates(clock)];
  const hubs = others.hubs ?? new AzureHubs(hubSettings(HUB_CONNECTION, environment));
  return {
    configuration,
    storage,
    clock,
    metrics,
    log,
    rules: others.rules ?? (await LiveRules.start({ settings, clock, metrics, log })),
    hubs,
    azure,
    rates,
    alerts: new AlertStore(storage.tables),
    suppressed: new SuppressedStore(storage.tables),
    incidents: new IncidentStore(storage.tables),
    findings,
    copies,
    knowledge,
    enricher: sentinelEnricher({
      ...{ configuration, clock, storage, directory, azure, rates },
      knowledge: () => knowledge.current,
    }),
    footprints: new Footprints(storage.tables, configuration.response.identities),
    observer: new Observer(directory?.trusts),
    correlationOf: correlations(
      {
        ...{ ...storage, metrics, clock, showIncident: others.showIncident },
        announceIncident: announcing(configuration, storage),
        facts: factsPort(knowledge, { findings, uses: timelineUses(timeline), clock }),
      },
      { ...configuration.correlation, directory },
    ),
    timeline,
    notifier: logNotifier(),
    ...responseServices({
      ...{
        configuration,
        storage,
        clock,
        metrics,
        azure,
        rates,
        hubs,
        actions: others.actions,
        localUser: others.localUser,
      },
      ...{ ask: others.askPeople ?? askingPeople(configuration, { log, clock }), show: others.showEvidence },
    }),
    ...others,
  };
}

/** Where nothing is bound, nobody need be told of incidents. */
const announcing = ({ response }: Configuration, { queues }: Storage): CorrelationPorts['announceIncident'] =>
  response.bindings.length === 0 ? undefined : (id) => queues.send(INCIDENT_QUEUE, id);

/** What incidents are given of what is known. */
const factsPort = (knowledge: LiveKnowledge, sources: Omit<FactSources, 'knowledge' | 'budget'>): FactsPort => ({
  factsOf: (incident, conditions, budget) =>
    incidentFacts(incident, conditions, { ...sources, budget, knowledge: () => knowledge.current }),
  get version() {
    return knowledge.current.version;
  },
});

/** One connection for all: its tokens are kept. */
function connecting({ azure, sentinel }: Configuration): Services['azure'] {
  let made: Promise<AzureConnection> | undefined;
  const { logs } = sentinel;
  return () => (made ??= azureConnection(azureEndpoints(azure), logs === undefined ? [] : [logs.endpoint]));
}

/** @throws where it cannot be read or is no snapshot: who is who would be guessed at */
async function directoryOf({ identity }: Configuration): Promise<Directory | undefined> {
  return identity.directory === undefined ? undefined : parseDirectory(await readFile(identity.directory, 'utf8'));
}

/** One correlation for each partition, made when it is first asked for. @throws ConfigurationError at once, not when the first event comes */
function correlations(
  ports: CorrelationPorts,
  settings: Configuration['correlation'] & { readonly directory: Directory | undefined },
): Services['correlationOf'] {
  const options = { ...settings, lateness: latenessOf(settings.lateness) };
  const known = new Map<string, Correlation>();
  return (partition) => {
    const made = known.get(partition) ?? new Correlation(partition, ports, options);
    known.set(partition, made);
    return made;
  };
}

/** A file that is written or replaced at this moment must not leave the defaults in use, which know none of its rules. */
const gone = (file: string): string =>
  `${file} is gone, or says nothing any more; put it back, or start anew where the defaults are meant`;

function ruleSettings({ rules, exceptions }: Configuration, clock: Clock): RuleSettings {
  const { builtin, directories, typescript, placeholders, reload } = rules;
  return {
    directories: [...(builtin ? [builtinRules()] : []), ...directories],
    options: { typescript, placeholders, exceptions: exceptions.directories, clock },
    reload,
  };
}

/** One JSON object a line, which Application Insights keeps as a trace. */
const logLine: LiveRulesPorts['log'] = (level, message) =>
  void process.stdout.write(`${JSON.stringify({ level, message })}\n`);
