import { defineAction, type Action, type ActionContext, type Change, type Plan } from '../contract/action.ts';
import { ActionError } from '../contract/action-error.ts';
import type { Permissions } from '../contract/permissions.ts';
import type { Incident } from '../../pipeline/timeline/incident.ts';
import { printable } from '../../platform/printable.ts';
import { z } from 'zod';
import { ticketKey } from './stand.ts';
import { ticketText } from './ticket-text.ts';
import type { TicketConnections, TicketSystem } from './ticket-system.ts';
import type { TicketSystemName } from './ticket-change.ts';

/** What differs from one service to another. */
export interface TicketAction {
  readonly name: TicketSystemName;
  /** `Open an issue in Jira`. */
  readonly title: string;
  /** What to know of this service, in a few sentences. */
  readonly description: string;
  readonly permissions: Permissions;
  /** @throws ActionError of kind `input` where it is not configured */
  readonly system: (connections: TicketConnections) => TicketSystem;
}

/** From one look for a new ticket to the next. */
const LOOK_AGAIN = 5000;
/** Even where the service tells at once, a new ticket is not called missing before so long. */
const SEEN_WITHIN = 30_000;

const DESCRIPTION = [
  'Opens one ticket for the incident and leaves it alone where there is one; looks for it by a key first.',
  'The ticket says what the incident is when it is opened, and is kept in step with it afterwards.',
  'It takes nothing from anybody, so it needs no approval; a ticket is never deleted by Crosstrail.',
].join(' ');

/** Makes the action that opens a ticket in a service. */
export function ticketAction({ name, title, description, permissions, system }: TicketAction): Action {
  return defineAction({
    name,
    group: 'tickets',
    title,
    description: `${DESCRIPTION} ${description}`,
    parameters: z.strictObject({}),
    permissions,
    reversibility: 'partly',
    lease: undefined,
    from: () => [{}],
    operations: [],
    plan: async (_parameters, context) => planOf(name, system(context), incidentOf(context)),
    execute: async (change, context) => {
      await open(system(context), keyOf(change), incidentOf(context), context);
    },
    verify: async (change, context) => {
      const found = await system(context).find(keyOf(change));
      if (found === 'deleted') return { is: 'changed', why: 'somebody deleted the ticket' };
      return found === undefined ? { is: 'absent' } : { is: 'held', note: printable(found.name.slice(0, 80)) };
    },
  });
}

/** @throws ActionError of kind `input` */
function incidentOf({ incident }: ActionContext): Incident {
  if (incident !== undefined) return incident;
  throw new ActionError('input', 'a ticket is opened for an incident: name one with --incident');
}

/** @throws ActionError of kind `input` where the change is not one of these actions */
function keyOf({ id }: Change): string {
  if (/^crosstrail-[0-9a-f]{32}$/.test(id)) return id;
  throw new ActionError('input', 'this change is not the opening of a ticket');
}

async function planOf(name: TicketSystemName, system: TicketSystem, incident: Incident): Promise<Plan> {
  const key = ticketKey(incident.id);
  const found = await system.find(key);
  if (found === undefined) await system.check?.(key, ticketText(incident), incident.severity);
  const target = { kind: 'ticket', id: `${system.id}|${key}`, label: `ticket in ${system.label}` };
  const there = found === undefined ? '' : found === 'deleted' ? ', which was deleted' : ', which is there already';
  const change: Change = {
    id: key,
    holds: `${name}|${system.id}|${key}`,
    summary: `Open a ticket in ${system.label} for incident ${printable(incident.id.slice(0, 80))}${there}`,
    target,
    before: null,
    // Not its text: that is of the incident as it stands when the ticket is opened, and an incident that goes on needs no new approval for it.
    after: { ticket: key, incident: incident.id, in: system.id },
    undo: undefined,
  };
  return {
    target,
    changes: [change],
    affects: [`Everybody who follows ${system.label} is told of the incident`],
    residual: [],
    subjects: [],
  };
}

/**
 * Opens a ticket once. Where the search of the service lags, the service keeps when it was begun, and within the lag nothing is made anew: the answer to a first
 * attempt may be what was lost.
 */
async function open(system: TicketSystem, key: string, incident: Incident, context: ActionContext): Promise<void> {
  const { clock } = context;
  if ((await system.find(key)) !== undefined) return;
  const begun = await system.attempts?.begun(key);
  if (begun !== undefined && system.attempts !== undefined) {
    if (await isSeen(system, key, begun + system.attempts.lag, context)) return;
  }
  await system.attempts?.begin(key, clock.now());
  try {
    await system.create(key, ticketText(incident), incident.severity);
  } catch (error) {
    // A refusal is no attempt. Where that cannot be noted, the next attempt waits for the lag.
    if (error instanceof ActionError && error.kind !== 'busy')
      await system.attempts?.forget(key).catch(() => undefined);
    throw error;
  }
  const until = clock.now() + Math.max(system.attempts?.lag ?? 0, SEEN_WITHIN);
  if (await isSeen(system, key, until, context)) return;
  // To make another would only make more of them.
  throw new ActionError('failed', `a ticket was made in ${system.label} and is not found there: look for ${key}`);
}

/**
 * Looks for a ticket until a time.
 * @returns false where it is not there then
 * @throws ActionError of kind `busy` where there is no time left to wait for that
 */
async function isSeen(
  system: TicketSystem,
  key: string,
  until: number,
  { clock, deadline }: ActionContext,
): Promise<boolean> {
  for (;;) {
    if ((await system.find(key)) !== undefined) return true;
    const now = clock.now();
    if (now >= until) return false;
    if (now + LOOK_AGAIN >= deadline) {
      const why = `a ticket was begun in ${system.label}, and its search may not show it yet`;
      throw new ActionError('busy', why, Math.max(until - now, LOOK_AGAIN));
    }
    await clock.wait(LOOK_AGAIN);
  }
}
