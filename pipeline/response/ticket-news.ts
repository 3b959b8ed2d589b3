import { createHash } from 'node:crypto';
import { newSteps, standOf } from '../../playbooks/tickets/stand.ts';
import { TICKET_SYSTEMS } from '../../playbooks/tickets/ticket-change.ts';
import type { Closing, TicketNews } from '../../playbooks/tickets/ticket-system.ts';
import { stepLine, timeText } from '../../playbooks/tickets/ticket-text.ts';
import { foreign, type Block, type Line } from '../../playbooks/tickets/words.ts';
import type { Incident } from '../timeline/incident.ts';
import type { Response, Step, StepState } from './response.ts';
import type { Told } from './ticket-store.ts';

/** An incident, and how far people are with it. */
export interface TicketIncident {
  readonly incident: Incident;
  readonly state: 'open' | 'acknowledged' | 'contained' | 'closed';
  /** Of a closed one. */
  readonly verdict?: 'true-positive' | 'benign' | 'false-positive' | undefined;
  /** What opened it again after it was closed. */
  readonly reopened?: string | undefined;
  /** Whether it stands no more: its alerts were withdrawn. */
  readonly withdrawn: boolean;
}

/** All that a ticket is to tell. */
export interface Tellable {
  readonly kept: TicketIncident;
  /** What was done about it. */
  readonly responses: readonly Response[];
  /** The name of the ticket that goes on with it, where it went into another incident that has one; empty otherwise. */
  readonly other: string;
}

/** Steps of the story, and actions, that one comment tells one by one. */
const MOST_LISTED = 10;
const MARK_DIGITS = 8;

/** In words, what became of a step of a response; of other states nothing is told. */
const DONE: Partial<Readonly<Record<StepState, string>>> = {
  verified: 'Done, and seen to have effect',
  unverified: 'Done, and not seen to have effect',
  undone: 'Taken back',
  'undo-refused': 'Not taken back, because somebody changed it since',
  failed: 'Could not be done',
  refused: 'Refused by a guard',
  dropped: 'Not allowed by anybody',
};

/**
 * How an incident stands, as a ticket is to tell it.
 * @param id of the incident that the ticket is of: another than it is now where it went into that
 */
export const tellableStand = (id: string, { kept, responses, other }: Tellable): Told => ({
  ...standOf(kept.incident),
  state: kept.state,
  verdict: kept.state === 'closed' ? (kept.verdict ?? '') : '',
  withdrawn: kept.withdrawn,
  into: kept.incident.id === id ? '' : kept.incident.id,
  other,
  done: doneSteps(responses).map(doneMark).join(''),
});

/**
 * What a ticket does not tell yet; undefined where that is nothing.
 * @param told what it tells
 * @param now what it is to tell
 */
export function newsOf(
  told: Told,
  now: Told,
  { kept, responses }: Tellable,
): (Pick<TicketNews, 'blocks' | 'severity'> & { readonly isUrgent: boolean }) | undefined {
  const lines = [...mergedLines(told, now), ...changedLines(told, now), ...stateLines(told, now, kept)];
  const done = newlyDone(told, responses);
  // What goes on in another ticket is told there.
  const steps = now.other === '' ? newSteps(kept.incident, told.steps) : [];
  if (lines.length + done.length + steps.length === 0) return undefined;
  const blocks: Block[] = [
    ...(lines.length === 0 ? [] : [{ lines }]),
    ...listed('What was done about it', done.map(doneLine)),
    ...listed('What happened since', steps.map(stepLine)),
  ];
  const severity = { from: told.severity, to: now.severity };
  return { blocks, severity, isUrgent: lines.length + done.length > 0 };
}

/** As what a ticket is to be closed; undefined where it is not. */
export function closingOf({ other, withdrawn, state, verdict }: Told, close: boolean): Closing | undefined {
  if (other !== '') return 'merged';
  if (!close) return undefined;
  if (withdrawn) return 'withdrawn';
  return state === 'closed' && verdict !== '' ? verdict : undefined;
}

function mergedLines(told: Told, now: Told): Line[] {
  if (now.into === told.into && now.other === told.other) return [];
  if (now.into === '') return [['It is an incident of its own again.']];
  const goesOn: Line = now.other === '' ? [] : [' Its ticket is ', foreign(now.other, 80), ': that goes on.'];
  return [['It is part of incident ', foreign(now.into, 100), ' now.', ...goesOn]];
}

function changedLines(told: Told, now: Told): Line[] {
  return [
    ...(now.severity === told.severity ? [] : [[`Its severity is ${now.severity} now; it was ${told.severity}.`]]),
    ...(now.decision === told.decision ? [] : [[`The decision is ${now.decision} now; it was ${told.decision}.`]]),
    ...(now.headline === told.headline || now.headline === '' ? [] : [[foreign(now.headline)]]),
  ];
}

function stateLines(told: Told, now: Told, { reopened }: TicketIncident): Line[] {
  if (now.withdrawn) return told.withdrawn ? [] : [['Crosstrail withdrew its alerts.']];
  if (now.state === told.state && now.verdict === told.verdict && !told.withdrawn) return [];
  if (now.state === 'closed')
    return [[`It was closed in Crosstrail${now.verdict === '' ? '' : ` as ${now.verdict}`}.`]];
  if (now.state !== 'open') return [[`It is ${now.state} in Crosstrail.`]];
  const why: Line = reopened === undefined ? [] : [': ', foreign(reopened)];
  return [['It is open again in Crosstrail', ...why]];
}

const listed = (heading: string, items: readonly Line[]): Block[] => {
  const first = items.slice(0, MOST_LISTED);
  return first.length === 0 ? [] : [{ heading, items: first, more: items.length - first.length }];
};

const doneSteps = (responses: readonly Response[]): Step[] =>
  responses
    .flatMap(({ steps }) => steps)
    .filter(({ action, state }) => DONE[state] !== undefined && !TICKET_SYSTEMS.some((name) => name === action));

function newlyDone({ done }: Told, responses: readonly Response[]): Step[] {
  const known = new Set<string>();
  for (let at = 0; at < done.length; at += MARK_DIGITS) known.add(done.slice(at, at + MARK_DIGITS));
  return doneSteps(responses).filter((step) => !known.has(doneMark(step)));
}

const doneMark = ({ id, state }: Step): string =>
  createHash('sha256').update(`${id} ${state}`).digest('hex').slice(0, MARK_DIGITS);

function doneLine({ action, plan, state, lease }: Step): Line {
  const until = state === 'verified' && lease !== undefined ? `, until ${timeText(lease.until)} (UTC)` : '';
  return [`${DONE[state] ?? state}: ${action} on `, foreign(plan?.target.label ?? 'what was asked', 200), until];
}
