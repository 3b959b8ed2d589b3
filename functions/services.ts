import { systemClock, type Clock } from '../platform/clock.ts';
import { loadConfiguration, type Configuration } from '../platform/configuration.ts';
import { AzureHubs, hubSettings, type Hubs } from '../platform/hubs.ts';
import { Metrics } from '../platform/metrics.ts';
import { azureStorage } from '../platform/storage/azure.ts';
import type { Storage } from '../platform/storage/ports.ts';
import { storageSettings } from '../platform/storage/settings.ts';
import { builtinRules } from '../pipeline/detection/builtin.ts';
import { loadRules } from '../pipeline/detection/load.ts';
import type { RuleSet } from '../pipeline/detection/rule-set.ts';
import { AlertStore } from '../pipeline/incidents/alert-store.ts';
import { SuppressedStore } from '../pipeline/incidents/suppressed-store.ts';
import { logNotifier } from '../pipeline/routing/notifiers/log.ts';
import type { Notifier } from '../pipeline/routing/notify.ts';
import { timelineStore, type TimelineStore } from '../pipeline/timeline/store.ts';

/** What the functions stand on, made once for each process. */
export interface Services {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly rules: RuleSet;
  readonly storage: Storage;
  readonly hubs: Hubs;
  readonly alerts: AlertStore;
  readonly suppressed: SuppressedStore;
  readonly timeline: TimelineStore;
  readonly notifier: Notifier;
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
  const configuration = others.configuration ?? (await loadConfiguration(environment['CROSSTRAIL_CONFIG']));
  const clock = others.clock ?? systemClock;
  const { builtin, directories, typescript, placeholders } = configuration.rules;
  const exceptions = configuration.exceptions.directories;
  const storage = others.storage ?? azureStorage(storageSettings(environment));
  return {
    configuration,
    storage,
    clock,
    metrics: new Metrics(),
    rules:
      others.rules ??
      (await loadRules([...(builtin ? [builtinRules()] : []), ...directories], {
        typescript,
        placeholders,
        exceptions,
        clock,
      })),
    hubs: others.hubs ?? new AzureHubs(hubSettings(HUB_CONNECTION, environment)),
    alerts: new AlertStore(storage.tables),
    suppressed: new SuppressedStore(storage.tables),
    timeline: timelineStore(storage.tables),
    notifier: logNotifier(),
    ...others,
  };
}
