import type { ActionContext } from '../../playbooks/contract/action.ts';
import { azureConnection } from '../../platform/azure/connection.ts';
import { azureEndpoints } from '../../platform/azure/endpoints.ts';
import { RequestRates } from '../../platform/azure/request-rates.ts';
import { systemClock, type Clock } from '../../platform/clock.ts';
import { parseConfiguration, type Configuration } from '../../platform/configuration.ts';
import type { Incident } from '../../pipeline/timeline/incident.ts';

export interface ContextOptions {
  /** The text of `crosstrail.yaml`, which names the fakes' addresses. */
  readonly configuration?: string;
  readonly clock?: Clock;
  readonly incident?: Incident;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** What actions are given to work with, as the runner gives it: from a configuration. */
export function actionContext({
  configuration = '',
  clock = systemClock,
  incident,
  secrets = {},
}: ContextOptions = {}): ActionContext {
  const parsed: Configuration = parseConfiguration(configuration, 'crosstrail.yaml');
  return {
    clock,
    deadline: clock.now() + 60_000,
    step: '0123456789abcdef0123456789abcdef',
    incident,
    connections: {
      azure: () => azureConnection(azureEndpoints(parsed.azure)),
      rates: new RequestRates(clock),
      settings: parsed.response,
      secret: (name) => secrets[name],
    },
  };
}
