import type { Action } from '../playbooks/contract/action.ts';
import type { Connections } from '../playbooks/contract/connections.ts';
import type { AzureConnection } from '../platform/azure/connection.ts';
import type { RequestRates } from '../platform/azure/request-rates.ts';
import type { Clock } from '../platform/clock.ts';
import type { Configuration } from '../platform/configuration.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Storage } from '../platform/storage/ports.ts';
import { IncidentStore } from './incidents/incident-store.ts';
import type { ApprovalRules } from './response/approval/decide.ts';
import { Footprints } from './response/own-actions/footprints.ts';
import type { ResponsePorts } from './response/ports.ts';
import { noteTickets } from './response/ticket-sync.ts';

export interface ResponseSources extends Pick<ResponsePorts, 'ask' | 'show' | 'tell' | 'remote'> {
  readonly configuration: Configuration;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly actions: ReadonlyMap<string, Action>;
  readonly connections: Connections;
  readonly approvers: ApprovalRules;
}

/** One's own egress, in CIDR notation, as the configuration says it. */
export const ownEgressOf = ({ correlation }: Configuration): string[] =>
  correlation.networks.filter(({ egress }) => egress).map(({ cidr }) => cidr);

/** What responses of a deployment stand on: all that it keeps. */
export function responsePortsOf({ configuration, ...sources }: ResponseSources): ResponsePorts {
  const { tables } = sources.storage;
  const incidents = new IncidentStore(tables);
  const footprints = new Footprints(tables, configuration.response.identities);
  return {
    ...sources,
    ownEgress: ownEgressOf(configuration),
    incidentOf: async (id) => (await incidents.get(id))?.incident,
    whyOver: async (id) => {
      const { withdrawn, state } = (await incidents.get(id)) ?? {};
      if (withdrawn === true) return 'the alerts of the incident were withdrawn';
      return state === 'closed' ? 'the incident was closed' : undefined;
    },
    noteFootprint: (action, plan, at) => footprints.note(action, plan, at),
    worked: (response) => noteTickets({ tables, clock: sources.clock }, response),
  };
}

/** How actions reach services: over one connection to Azure, with secrets from the environment. */
export const connectionsOf = (
  { response }: Configuration,
  azure: () => Promise<AzureConnection>,
  rates: RequestRates,
): Connections => ({ azure, rates, settings: response, secret: (name) => process.env[name] });
