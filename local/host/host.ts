import { join } from 'node:path';
import type { Clock } from '../../platform/clock.ts';
import { Checkpoints } from './checkpoints.ts';
import { startEventHubTrigger, type RunningTrigger } from './event-hub-trigger.ts';
import type { HostJson } from './host-json.ts';
import { startHttpTriggers } from './http-triggers.ts';
import { triggerOf, type Log } from './invoke.ts';
import { startQueueTrigger } from './queue-trigger.ts';
import type { FunctionApp, Registration } from './registrations.ts';
import { startTimerTrigger } from './timer-trigger.ts';

export interface HostOptions {
  readonly app: FunctionApp;
  readonly hostJson: HostJson;
  /** Connection strings by the setting that triggers name. */
  readonly connections: Readonly<Record<string, string>>;
  /** Where checkpoints are kept. */
  readonly folder: string;
  /** For HTTP triggers; 0 for any. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Host {
  /** Where HTTP triggers are served. */
  readonly url: string;
  /** Takes no more work, finishes what is in hand, and ends. */
  stop(): Promise<void>;
}

/** Runs a function app in this process: starts every trigger that was registered. */
export async function startHost(options: HostOptions): Promise<Host> {
  const { app, hostJson, log } = options;
  const http = app.functions.filter((registration) => triggerOf(registration).type === 'httpTrigger');
  const { routePrefix } = hostJson.extensions.http;
  const server = await startHttpTriggers(app, http, { port: options.port, routePrefix, log });
  const running: RunningTrigger[] = [server];
  const checkpoints = new Checkpoints(join(options.folder, 'checkpoints'));
  const others = app.functions.filter((registration) => !http.includes(registration));
  running.push(...(await Promise.all(others.map((registration) => startTrigger(options, registration, checkpoints)))));
  return {
    url: `http://127.0.0.1:${server.port}/${routePrefix}`,
    stop: async () => {
      await Promise.all(running.map((trigger) => trigger.stop()));
      checkpoints.close();
    },
  };
}

async function startTrigger(
  options: HostOptions,
  registration: Registration,
  checkpoints: Checkpoints,
): Promise<RunningTrigger> {
  const { app, clock, log, hostJson } = options;
  const { type, settings } = triggerOf(registration);
  switch (type) {
    case 'eventHubTrigger':
      return startEventHubTrigger({
        app,
        registration,
        clock,
        log,
        connectionString: connection(options, registration, settings['connection']),
        checkpoints,
        maxEventBatchSize: hostJson.extensions.eventHubs.maxEventBatchSize,
      });
    case 'queueTrigger': {
      const { QueueServiceClient } = await import('@azure/storage-queue');
      const service = QueueServiceClient.fromConnectionString(
        connection(options, registration, settings['connection']),
      );
      return startQueueTrigger({ app, registration, clock, log, service, ...hostJson.extensions.queues });
    }
    case 'timerTrigger':
      return startTimerTrigger(app, registration, { clock, log });
    default:
      throw new Error(`function ${registration.name}: this host has no ${type}`);
  }
}

function connection({ connections }: HostOptions, { name }: Registration, setting: unknown): string {
  const value = connections[String(setting)];
  if (value === undefined)
    throw new Error(`function ${name}: no connection is given for its setting ${String(setting)}`);
  return value;
}
