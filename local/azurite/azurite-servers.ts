import { type Server } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { type LokiDatabase } from './loki.ts';

/** The three services of Azurite, by the name that a connection string gives their endpoints. */
export type ServiceName = 'blob' | 'queue' | 'table';

/** The port of each service on 127.0.0.1. */
export type ServicePorts = Readonly<Record<ServiceName, number>>;

/** Where Azurite keeps its data and listens. */
export interface AzuriteOptions {
  readonly folder: string;
  /** 0 is any free port. */
  readonly ports: ServicePorts;
}

interface MetadataStore {
  readonly db: LokiDatabase;
}

/** The part of Azurite's servers used here; see its dist/src/common/ServerBase.js and its subclasses. */
export interface AzuriteServer {
  readonly httpServer: Server;
  readonly metadataStore: MetadataStore;
  /** Where the bytes of blobs and messages are; tables have none. */
  readonly extentMetadataStore?: MetadataStore;
  start(): Promise<void>;
  close(): Promise<void>;
}

type Constructor<Made> = new (...options: readonly unknown[]) => Made;

/** What of Azurite and of LokiJS the journal was verified with, by reading both and by the tests of this folder. */
const VERIFIED = { azurite: '3.36.0', lokijs: '1.5.12' };

/** Longer than clients keep an idle connection, so that none sends on one that is being closed. */
const KEEP_ALIVE_SECONDS = 60;

/** Azurite loads LokiJS and its own parts from where it is installed, and so do we. */
const requireInAzurite = createRequire(createRequire(import.meta.url).resolve('azurite/package.json'));

/**
 * Makes Azurite's servers, not yet started, which keep the bytes of blobs and messages below `folder` and log nothing.
 * Telemetry is off: only Azurite's main module turns it on, and that is not loaded.
 * @throws Error where another version of Azurite or LokiJS is installed than those that were verified.
 */
export function createServers({ folder, ports }: AzuriteOptions): Record<ServiceName, AzuriteServer> {
  for (const [name, verified] of Object.entries(VERIFIED)) {
    const { version } = requireInAzurite(name === 'azurite' ? './package.json' : `${name}/package.json`) as {
      readonly version: string;
    };
    if (version !== verified) {
      throw new Error(
        `local storage was verified with ${name} ${verified}, but ${version} is installed: run "npm ci", or read what ` +
          'changed in its persistence, run the tests of local/azurite and name the new version in azurite-servers.ts',
      );
    }
  }
  // Nothing is ever at the path of a database: its place is the journal.
  const database = (name: string) => join(folder, `${name}.unused`);
  const listen = (service: ServiceName) => ['127.0.0.1', ports[service], KEEP_ALIVE_SECONDS];
  const extents = (service: ServiceName, maxConcurrency: number) => [
    database(service),
    database(`${service}-extents`),
    [{ locationId: 'Default', locationPath: join(folder, `${service}-content`), maxConcurrency }],
  ];
  const [accessLog, accessLogStream, debugLog, debugLogPath] = [false, undefined, false, undefined];
  const [anyHeaders, anyApiVersion] = [true, true];
  const lenient = [anyHeaders, anyApiVersion];
  return {
    blob: create('blob/Blob', [
      ...listen('blob'),
      ...extents('blob', 8),
      accessLog,
      accessLogStream,
      debugLog,
      debugLogPath,
      ...lenient,
    ]),
    queue: create('queue/Queue', [
      ...listen('queue'),
      ...extents('queue', 1),
      accessLog,
      accessLogStream,
      debugLog,
      debugLogPath,
      ...lenient,
    ]),
    table: create('table/Table', [
      ...listen('table'),
      database('table'),
      debugLog,
      accessLog,
      accessLogStream,
      debugLogPath,
      ...lenient,
    ]),
  };
}

/** Azurite has no types: what is loaded has the shape stated here because its version was checked. */
function create(name: string, options: readonly unknown[]): AzuriteServer {
  const Configuration = (
    requireInAzurite(`./dist/src/${name}Configuration.js`) as { readonly default: Constructor<object> }
  ).default;
  const Server = (requireInAzurite(`./dist/src/${name}Server.js`) as { readonly default: Constructor<AzuriteServer> })
    .default;
  return new Server(new Configuration(...options));
}
