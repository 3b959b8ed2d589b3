import { userInfo } from 'node:os';
import type { Action } from '../../playbooks/contract/action.ts';
import type { Connections } from '../../playbooks/contract/connections.ts';
import { entraRules } from '../../pipeline/response/approval/entra-approver.ts';
import { localPerson, localRules } from '../../pipeline/response/approval/local-approver.ts';
import type { Approver } from '../../pipeline/response/response.ts';
import { Responses } from '../../pipeline/response/responses.ts';
import { responsePortsOf } from '../../pipeline/response-ports.ts';
import { systemClock, type Clock } from '../../platform/clock.ts';
import type { Configuration } from '../../platform/configuration.ts';
import { Metrics } from '../../platform/metrics.ts';
import { responseConfiguration } from './response-configuration.ts';
import { inAzure, responseStorage, type ResponseStorage } from './response-storage.ts';

/** Where commands find responses, and what they work with. */
export interface ResponseOptions {
  readonly data: string;
  readonly config?: string;
}

/** Responses as a command works with them. */
export interface ConnectedResponses extends ResponseStorage {
  readonly responses: Responses;
  readonly actions: ReadonlyMap<string, Action>;
  readonly configuration: Configuration;
  readonly connections: Connections;
  readonly clock: Clock;
}

/** Who is at this machine. */
export const thisPerson = (): Approver => localPerson(userInfo().username);

/**
 * The responses of the deployment, which works on them by its own identity; or of the folder where there is none, and then actions are done as whoever is signed in at this machine.
 * @param others in place of what there is, for tests
 * @throws UnusableInputError, ConfigurationError
 */
export async function connectResponses(
  { data, config }: ResponseOptions,
  others: { readonly actions?: ReadonlyMap<string, Action>; readonly clock?: Clock } = {},
): Promise<ConnectedResponses> {
  // Clients of services take time to load, which other commands need not pay.
  const { localConnections } = await import('./connections.ts');
  const actions = others.actions ?? (await import('../../playbooks/registry.ts')).ACTIONS;
  const { clock = systemClock } = others;
  const configuration = await responseConfiguration(data, config);
  const kept = await responseStorage(data);
  const { approval } = configuration.response;
  const connections = localConnections(configuration, clock);
  const ports = responsePortsOf({
    ...{ configuration, storage: kept.storage, clock, actions, connections, metrics: new Metrics() },
    remote: kept.folder === undefined,
    approvers: inAzure() ? entraRules(approval) : localRules(userInfo().username, approval.quorum),
  });
  const responses = new Responses(ports);
  return { ...kept, responses, actions, configuration, connections, clock };
}
