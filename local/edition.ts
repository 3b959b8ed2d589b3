import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../platform/clock.ts';
import { loadConfiguration } from '../platform/configuration.ts';
import { AzureHubs, type Hubs } from '../platform/hubs.ts';
import { HUB_CONNECTION, provideServices, services } from '../functions/services.ts';
import { exceptionNotices } from '../pipeline/detection/exceptions/exception.ts';
import { IMPORTED_INVENTORY, importInventory } from '../pipeline/enrichment/assets/imported-inventory.ts';
import type { Inventory } from '../pipeline/enrichment/assets/inventory.ts';
import { blobCopies } from '../pipeline/enrichment/copies/copy-store.ts';
import { azureStorage } from '../platform/storage/azure.ts';
import { approvalKeyIn } from '../pipeline/response/approval/approval-key.ts';
import { approvalLink, claimsOf } from '../pipeline/response/approval/request-token.ts';
import type { EvidenceEntry } from '../pipeline/response/evidence.ts';
import type { Response } from '../pipeline/response/response.ts';
import type { Incident } from '../pipeline/timeline/incident.ts';
import type { Notifier } from '../pipeline/routing/notify.ts';
import { startAzurite, type Azurite } from './azurite/start-azurite.ts';
import type { DemoClouds } from './demo/clouds.ts';
import { lockFolder } from './event-hubs/folder-lock.ts';
import type { EventHubsServer } from './event-hubs/server.ts';
import { startEventHubsThread } from './event-hubs/thread.ts';
import { parseHostJson } from './host/host-json.ts';
import { startHost, type Host } from './host/host.ts';
import type { Log } from './host/invoke.ts';
import { captureFunctions } from './host/registrations.ts';

/** The ports that are tried first, those of the services stood in for; any other where one is taken. */
const PORTS = { hubs: 5672, blob: 10_000, queue: 10_001, table: 10_002, http: 7071 };

/** Partitions of each hub: enough to show that order holds within a partition only, few enough for a laptop. */
const PARTITIONS = 4;
const HUBS: readonly { name: string; consumerGroups?: string[]; partitions?: number }[] = [
  { name: 'azure-activity' },
  { name: 'entra' },
  { name: 'aks-audit' },
  { name: 'cloudtrail' },
  { name: 'defender' },
  { name: 'security-hub' },
  { name: 'github-audit' },
  { name: 'timeline', consumerGroups: ['store', 'sentinel'] },
  { name: 'correlation', partitions: 1 },
];

export interface EditionOptions {
  /** Where everything is kept; made where there is none. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly notifier: Notifier;
  /** Is shown each incident as it is written; may see the same again. */
  readonly showIncident?: ((incident: Incident) => void) | undefined;
  /** Is shown what responses decide and do. */
  readonly showEvidence?: ((entry: EvidenceEntry) => void) | undefined;
  /** Tells the person at this machine that they are asked. @param link to the page, good for this request */
  readonly askPerson?: ((response: Response, link: string) => void) | undefined;
  /** Clouds to act on, where no configuration names any. @param connected whether records come from elsewhere */
  readonly clouds?: ((connected: boolean) => Promise<DemoClouds | undefined>) | undefined;
  /** What is known of assets, where nothing was imported yet. @param connected whether records come from elsewhere */
  readonly inventory?: ((connected: boolean) => Inventory | undefined) | undefined;
  /** Takes any free ports instead of the usual ones. */
  readonly anyPorts?: boolean;
}

/** A running local edition. */
export interface Edition {
  readonly connections: Connections;
  /** Whether records come from somewhere else than what is sent to the emulator. */
  readonly connected: boolean;
  readonly hubs: Hubs;
  readonly emulator: EventHubsServer | undefined;
  /** Finishes what is in hand and ends. */
  stop(): Promise<void>;
}

/** Where the parts of a running local edition are; kept in `local.json`, for the commands. */
export interface Connections {
  readonly hubs: string;
  readonly storage: string;
  readonly url: string;
  /** The configuration in use, where it is that of the demo. */
  readonly configuration?: string;
}

/**
 * Starts the pipeline on one machine: an Event Hubs emulator, Azurite, and the functions in this process. Everything ends with this process, by
 * SIGKILL too, and goes on at the next start on the same folder. Where the environment names a real namespace (`CROSSTRAIL_HUBS`), that is read
 * instead of the emulator. Once in a process.
 * @throws FolderInUseError where another runs on the folder
 * @throws Error where configuration, rules or kept data cannot be used, or a hub cannot be reached
 */
export async function startEdition(options: EditionOptions): Promise<Edition> {
  const { folder, clock, log, notifier } = options;
  mkdirSync(folder, { recursive: true });
  const unlock = lockFolder(folder);
  const ports = options.anyPorts === true ? undefined : PORTS;
  const written = await loadConfiguration(process.env['CROSSTRAIL_CONFIG']);
  const external = process.env[HUB_CONNECTION] === '' ? undefined : process.env[HUB_CONNECTION];
  const [emulator, azurite] = await Promise.all([
    external === undefined ? startEmulator(folder, ports?.hubs) : undefined,
    startStorage(folder, ports),
  ]);
  const hubConnection = emulator?.connectionString ?? external ?? '';
  process.env[HUB_CONNECTION] = hubConnection;
  process.env['AzureWebJobsStorage'] = azurite.connectionString;
  const hubs = new AzureHubs({ connectionString: hubConnection });
  const connected = emulator === undefined || written.cloudtrail.poll.targets.length > 0;
  const clouds = written.file === undefined ? await options.clouds?.(connected) : undefined;
  const configuration = clouds === undefined ? undefined : await loadConfiguration(clouds.configuration);
  const people = peopleAtThisMachine(options);
  const inventory = options.inventory?.(connected);
  if (inventory !== undefined) await importFirst(inventory, azurite.connectionString, clock);
  // A reload is no warning, and yet what a person at the terminal waits for.
  provideServices({
    ...{ notifier, hubs, clock, ...people.services },
    ...(configuration === undefined ? {} : { configuration }),
    showIncident: options.showIncident,
    showEvidence: options.showEvidence,
    log: (level, text) => log(level === 'warning' ? level : 'notice', text),
  });
  // Before anything is read: a directory of rules that is not there stops the start, a rule that cannot be used is told of.
  const { rules } = await services();
  for (const notice of exceptionNotices(rules.current.exceptions, clock.now())) log('warning', notice);
  const app = await captureFunctions(() => import('../functions/index.ts'));
  const host = await startHost({
    app,
    clock,
    log,
    folder,
    hostJson: parseHostJson(readFileSync(fileURLToPath(new URL('../host.json', import.meta.url)), 'utf8')),
    connections: { [HUB_CONNECTION]: hubConnection, AzureWebJobsStorage: azurite.connectionString },
    port: await free(ports?.http),
  });
  const stopping = new AbortController();
  void rules.follow(stopping.signal);
  people.reachedAt(host.url);
  const connections = {
    ...{ hubs: hubConnection, storage: azurite.connectionString, url: host.url },
    ...(clouds === undefined ? {} : { configuration: clouds.configuration }),
  };
  note(folder, connections);
  return {
    connections,
    connected,
    hubs,
    emulator,
    async stop() {
      stopping.abort();
      await stop({ host, hubs, emulator, azurite, unlock });
      await clouds?.close();
    },
  };
}

/** Whoever is at this machine is asked, and may approve by the link that they are given. */
function peopleAtThisMachine({ folder, askPerson }: EditionOptions) {
  const approvalKey = approvalKeyIn(folder);
  const { promise: reached, resolve: reachedAt } = Promise.withResolvers<string>();
  const askPeople = async (response: Response): Promise<void> => {
    const claims = claimsOf(response);
    if (claims !== undefined) askPerson?.(response, approvalLink(await reached, claims, approvalKey));
  };
  return { services: { approvalKey, askPeople, localUser: userInfo().username }, reachedAt };
}

/** Imports an inventory, unless somebody imported one. */
async function importFirst(inventory: Inventory, connectionString: string, clock: Clock): Promise<void> {
  const copies = blobCopies(azureStorage({ connectionString }).blobs);
  if ((await copies.manifest(IMPORTED_INVENTORY.id)) === undefined) await importInventory(inventory, copies, clock);
}

async function startEmulator(folder: string, port: number | undefined): Promise<EventHubsServer> {
  const hubs = HUBS.map((hub) => ({ partitions: PARTITIONS, ...hub }));
  return startEventHubsThread({ folder: join(folder, 'hubs'), port: await free(port), hubs });
}

async function startStorage(folder: string, ports: typeof PORTS | undefined): Promise<Azurite> {
  const [blob, queue, table] = await Promise.all([free(ports?.blob), free(ports?.queue), free(ports?.table)]);
  return startAzurite({ folder: join(folder, 'storage'), ports: { blob, queue, table } });
}

/** The port, where it is free, otherwise 0. */
async function free(port: number | undefined): Promise<number> {
  if (port === undefined) return 0;
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(0));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)));
  });
}

interface Parts {
  readonly host: Host;
  readonly hubs: Hubs;
  readonly emulator: EventHubsServer | undefined;
  readonly azurite: Azurite;
  readonly unlock: () => void;
}

async function stop({ host, hubs, emulator, azurite, unlock }: Parts): Promise<void> {
  await host.stop();
  await hubs.close();
  await emulator?.close();
  await azurite.close();
  unlock();
}

function note(folder: string, connections: Connections): void {
  const file = join(folder, 'local.json');
  writeFileSync(`${file}.new`, JSON.stringify(connections), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
