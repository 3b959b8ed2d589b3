import { RequestRates } from '../../platform/azure/request-rates.ts';
import type { Clock } from '../../platform/clock.ts';
import { parseConfiguration } from '../../platform/configuration.ts';
import { Metrics } from '../../platform/metrics.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Storage } from '../../platform/storage/ports.ts';
import type { Action } from '../../playbooks/contract/action.ts';
import { sampleIncident } from '../../pipeline/incidents/incident-samples.ts';
import type { ResponsePorts } from '../../pipeline/response/ports.ts';
import { leaseOf, newStep, responseIdOf } from '../../pipeline/response/responses.ts';
import type { ResponseStore } from '../../pipeline/response/response-store.ts';
import type { Mode, Response } from '../../pipeline/response/response.ts';
import type { JsonObject } from '../../platform/json.ts';
import { HurriedClock } from './hurried-clock.ts';

/** The text of a configuration that lets responses do as much as tests want. */
export const LENIENT = 'response: { guards: { rate: { changes: 10000, per: 1h }, breaker: { failures: 1000 } } }';

/** What responses stand on, in memory. */
export function responsePorts(
  actions: readonly Action[],
  {
    storage = memoryStorage(),
    clock = new HurriedClock(),
    configuration = LENIENT,
    ...other
  }: Partial<ResponsePorts> & { storage?: Storage; clock?: Clock; configuration?: string } = {},
): ResponsePorts {
  return {
    ...{ storage, clock, metrics: new Metrics() },
    actions: new Map(actions.map((action) => [action.name, action])),
    connections: {
      azure: () => Promise.reject(new Error('no test of responses calls Azure')),
      rates: new RequestRates(clock),
      settings: parseConfiguration(configuration, 'crosstrail.yaml').response,
      secret: () => undefined,
    },
    ownEgress: [],
    incidentOf: () => Promise.resolve(sampleIncident()),
    approvers: { approvers: ['local:ann', 'local:ben'], groups: [], quorum: 1 },
    ...other,
  };
}

/** Puts a response there, as a binding asks for it. */
export function proposed(
  store: ResponseStore,
  steps: readonly { readonly action: Action; readonly parameters: JsonObject; readonly lasts?: number }[],
  { mode = 'automatic', incident = 'incident-1', now = 0 }: { mode?: Mode; incident?: string; now?: number } = {},
): Promise<Response> {
  const made = steps.map(({ action, parameters, lasts }) =>
    newStep({ action: action.name, parameters: action.read(parameters), incident, lasts: leaseOf(action, lasts) }),
  );
  const response: Response = {
    ...{ incident, mode, title: 'an incident', playbook: 'contain', binding: 'always', requester: 'binding:always' },
    ...{ id: responseIdOf([incident, ...made.map(({ id }) => id)]), principals: [], state: 'new', steps: made },
    ...{ created: now, changed: now },
  };
  return store.insert(response, (draft) => draft.note('proposed', { actor: 'binding:always' }));
}
