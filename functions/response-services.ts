import type { Action } from '../playbooks/contract/action.ts';
import type { Connections } from '../playbooks/contract/connections.ts';
import { ACTIONS } from '../playbooks/registry.ts';
import type { Configuration } from '../platform/configuration.ts';
import { checkPlaybooks } from '../pipeline/response/check-playbooks.ts';
import { entraRules } from '../pipeline/response/approval/entra-approver.ts';
import { localRules } from '../pipeline/response/approval/local-approver.ts';
import { ResponseStore } from '../pipeline/response/response-store.ts';
import { Responses } from '../pipeline/response/responses.ts';
import { connectionsOf, responsePortsOf, type ResponseSources } from '../pipeline/response-ports.ts';
import { timelineTeller } from '../pipeline/tell-timeline.ts';
import type { Services } from './services.ts';

export interface ResponseServices {
  /** What responses can do. */
  readonly actions: ReadonlyMap<string, Action>;
  readonly responses: Responses;
  /** How these reach services. */
  readonly connections: Connections;
}

interface Parts
  extends
    Pick<ResponseSources, 'storage' | 'clock' | 'metrics' | 'ask' | 'show'>,
    Pick<Services, 'azure' | 'rates' | 'hubs'> {
  readonly configuration: Configuration;
  readonly actions?: ReadonlyMap<string, Action> | undefined;
  /** The account at this machine, whose user approves; undefined where people are known by Entra. */
  readonly localUser?: string | undefined;
}

/** Responses of this deployment. @throws ConfigurationError where playbooks cannot be used */
export function responseServices({
  actions = ACTIONS,
  localUser,
  azure,
  rates,
  hubs,
  ...parts
}: Parts): ResponseServices {
  const { response } = parts.configuration;
  checkPlaybooks(response, actions);
  const { approval } = response;
  const connections = connectionsOf(parts.configuration, azure, rates);
  const store = new ResponseStore(parts.storage.tables, parts.clock);
  const ports = responsePortsOf({
    ...parts,
    tell: timelineTeller({ hubs, responseOf: (id) => store.get(id) }),
    actions,
    connections,
    approvers: localUser === undefined ? entraRules(approval) : localRules(localUser, approval.quorum),
  });
  return { actions, connections, responses: new Responses(ports) };
}
