import type { Server } from 'node:http';
import { Module, createRequire } from 'node:module';
import { join } from 'node:path';

import type { LokiDatabase } from './loki.ts';

/** The three services of Azurite, by the name that a connection string gives their endpoints. */
export type ServiceName = 'blob' | 'queue' | 'table';

/** The port of each service on 127.0.0.1. */
export type ServicePorts = Readonly<Record<ServiceName, number>>;

/** Where Azurite keeps its data and listens. */
export interface AzuriteOptions {
  readonly folder: string;
  /** 0 is any free port. */
  readonly ports: ServicePorts;
  /** The least size of the journal at which it is compacted; 16 MiB unless stated. */
  readonly compactAtBytes?: number | undefined;
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

type Constructor = new (...options: readonly unknown[]) => unknown;

/** What of Azurite and of LokiJS the journal was verified with, by reading both and by the tests of this folder. */
const VERIFIED = { azurite: '3.36.0', lokijs: '1.5.12' };

/** Longer than clients keep an idle connection, so that none sends on one that is being closed. */
const KEEP_ALIVE_SECONDS = 60;

/** Azurite loads LokiJS and its own parts from where it is installed, and so do we. */
const requireInAzurite = createRequire(createRequire(import.meta.url).resolve('azurite/package.json'));

/**
 * Makes Azurite's servers, not yet started, which keep the bytes of blobs and messages below `folder` and log nothing.
 * @throws Error where another version of Azurite or LokiJS is installed than those that were verified.
 */
export function createServers({ folder, ports }: AzuriteOptions): Record<ServiceName, AzuriteServer> {
  for (const [name, manifest] of [
    ['azurite', './package.json'],
    ['lokijs', 'lokijs/package.json'],
  ] as const) {
    checkVersion(name, (requireInAzurite(manifest) as { readonly version: string }).version);
  }
  leaveOutTelemetry();
  const extents = (service: ServiceName, maxConcurrency: number) => ({
    extentDBPath: join(folder, `${service}-extents.unused`),
    persistencePathArray: [{ locationId: 'Default', locationPath: join(folder, `${service}-content`), maxConcurrency }],
  });
  const create = (service: ServiceName, settings: object): AzuriteServer => {
    const name = `./dist/src/${service}/${service.charAt(0).toUpperCase()}${service.slice(1)}`;
    const configuration = new (loadFromAzurite(`${name}Configuration.js`) as Constructor)(
      '127.0.0.1',
      ports[service],
      KEEP_ALIVE_SECONDS,
    );
    Object.assign(configuration as object, {
      // Nothing is ever at the path of a database: its place is the journal.
      metadataDBPath: join(folder, `${service}.unused`),
      enableAccessLog: false,
      enableDebugLog: false,
      // Headers and versions of the service that Azurite does not know are those of newer clients.
      loose: true,
      skipApiVersionCheck: true,
      ...settings,
    });
    return new (loadFromAzurite(`${name}Server.js`) as Constructor)(configuration) as AzuriteServer;
  };
  return {
    blob: create('blob', extents('blob', 8)),
    queue: create('queue', extents('queue', 1)),
    table: create('table', {}),
  };
}

/** @throws Error where `installed` is not the version that was verified. */
export function checkVersion(name: keyof typeof VERIFIED, installed: string): void {
  if (installed === VERIFIED[name]) return;
  throw new Error(
    `local storage was verified with ${name} ${VERIFIED[name]}, but ${installed} is installed: run "npm ci", or read ` +
      'what changed in how it keeps its data, run the tests of local/azurite, and name the version in azurite-servers.ts',
  );
}

/** Azurite only sends telemetry when its main module asks for it; without the library it cannot, and starts faster. */
function leaveOutTelemetry(): void {
  const path = requireInAzurite.resolve('applicationinsights');
  const nothing = Object.assign(new Module(path), { exports: {}, loaded: true });
  requireInAzurite.cache[path] = nothing;
}

/**
 * The default export of one of Azurite's own modules, by its path from the package.
 * Azurite has no types: what is loaded has the shape that the caller states, because its version was checked.
 */
export function loadFromAzurite(path: string): unknown {
  return (requireInAzurite(path) as { readonly default: unknown }).default;
}
