import type { Clock } from '../platform/clock.ts';
import type { Action } from '../playbooks/contract/action.ts';
import type { ResponseSettings } from '../platform/configuration/response.ts';
import type { AlertStore } from './incidents/alert-store.ts';
import type { IncidentStore } from './incidents/incident-store.ts';
import { decideResponses } from './response/decide-responses.ts';
import type { Responses } from './response/responses.ts';

export interface RespondPorts {
  readonly settings: ResponseSettings;
  readonly actions: ReadonlyMap<string, Action>;
  readonly clock: Clock;
  readonly incidents: IncidentStore;
  readonly alerts: AlertStore;
  readonly responses: Responses;
}

/**
 * Does what bindings ask for an incident: makes the responses, and works on each until it waits for people or is over. Safe to call again with the same incident.
 * @param id as it came from the queue; of one that stands no more, or that people have closed, nothing more is begun
 */
export async function respondToIncident(id: string, ports: RespondPorts): Promise<void> {
  const { settings, actions, clock, incidents, alerts, responses } = ports;
  const kept = await incidents.get(id);
  if (kept === undefined) return;
  const { incident, merged } = kept;
  if (kept.withdrawn || kept.state === 'closed') {
    for (const one of [incident.id, ...merged])
      for await (const response of responses.list({ incident: one, open: true, limit: Infinity }))
        await responses.advance(response.id);
    return;
  }
  const rules = new Set<string>();
  // Only where a binding asks for rules: an incident may have many alerts.
  if (settings.bindings.some(({ when }) => when.rules !== undefined)) {
    for (const alert of incident.alertIds) {
      const rule = (await alerts.get(alert))?.rule.id;
      if (rule !== undefined) rules.add(rule);
    }
  }
  const options = { settings, actions, merged, store: responses.store, now: clock.now() };
  for (const response of await decideResponses(incident, { rules: [...rules] }, options))
    await responses.advance(response);
}
