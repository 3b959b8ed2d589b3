/** Responses made up for tests of tickets. */
import { ticketKey } from '../../playbooks/tickets/stand.ts';
import type { TicketSystemName } from '../../playbooks/tickets/ticket-change.ts';
import type { Response, Step } from './response.ts';

const TARGET = { kind: 'network security group', id: 'nsg-web', label: 'nsg-web' };

/** A step that denied an address, as far as it got. */
export const sampleStep = (other: Partial<Step> = {}): Step => ({
  id: '0123456789abcdef0123456789abcdef',
  action: 'nsg-deny',
  parameters: {},
  lasts: undefined,
  state: 'verified',
  plan: { target: TARGET, changes: [], affects: [], residual: [], subjects: [] },
  guards: [],
  changes: [],
  ...other,
});

/** A step that opened a ticket for an incident. */
export function ticketStep(system: TicketSystemName, place: string, incident: string): Step {
  const key = ticketKey(incident);
  const target = { kind: 'ticket', id: `${place}|${key}`, label: 'ticket' };
  const after = { ticket: key, incident, in: place };
  const change = { id: key, holds: key, summary: 'Open a ticket', target, before: null, after, undo: undefined };
  return sampleStep({ id: key.slice(-32), action: system, changes: [{ change, state: 'made' }] });
}

/** A response that did some steps about an incident. */
export const sampleResponse = (incident: string, created: number, steps: readonly Step[]): Response => ({
  id: `response-${ticketKey(incident).slice(-32)}`,
  incident,
  title: 'Contain',
  playbook: 'contain',
  binding: 'critical',
  mode: 'automatic',
  requester: 'binding:critical',
  principals: [],
  state: 'ended',
  steps,
  created,
  changed: created,
});
