import type { Action } from '../../playbooks/contract/action.ts';
import { ActionError } from '../../playbooks/contract/action-error.ts';
import type { Connections } from '../../playbooks/contract/connections.ts';
import { planHashOf, stepIdOf } from '../../playbooks/contract/hashes.ts';
import { askGuards } from '../../pipeline/response/guards/ask-guards.ts';
import { guardedPlan } from '../../pipeline/response/guards/guarded-plan.ts';
import type { RecentWork } from '../../pipeline/response/guards/guard.ts';
import type { Incident } from '../../pipeline/timeline/incident.ts';
import type { Clock } from '../../platform/clock.ts';
import type { JsonObject } from '../../platform/json.ts';
import { UnusableInputError } from '../scan/files.ts';
import type { PlanView } from './plan-page.ts';

/** Reading for a plan may take so long: milliseconds. */
const LONGEST = 2 * 60_000;

/** What is asked for, and what it is asked with. */
export interface PlanRequest {
  readonly action: Action;
  readonly parameters: JsonObject;
  readonly incident: Incident | undefined;
  /** How long it is to hold, milliseconds; the action's usual span unless told. */
  readonly lasts?: number | undefined;
  readonly connections: Connections;
  /** One's own egress, in CIDR notation. */
  readonly ownEgress: readonly string[];
  readonly recent: RecentWork;
  readonly clock: Clock;
}

/** A plan as it is shown, with the parameters in canonical form. */
export interface Planned extends PlanView {
  readonly parameters: JsonObject;
  /** What an approval would be bound to. */
  readonly hash: string;
}

/**
 * Plans an action, which only reads, and asks the guards as they would be asked of a person at the command.
 * @throws UnusableInputError where it cannot be planned; says why
 */
export async function planAction(request: PlanRequest): Promise<Planned> {
  const { action, incident, connections, ownEgress, recent, clock } = request;
  try {
    const parameters = action.read(request.parameters);
    const step = stepIdOf({ action: action.name, target: '', parameters, incident: incident?.id ?? '' });
    const reading = { ...{ clock, connections, incident, step }, deadline: clock.now() + LONGEST };
    const plan = await guardedPlan(action, parameters, reading, ownEgress);
    const now = clock.now();
    const guards = askGuards({
      ...{ action, plan, ownEgress, recent, now },
      ...{ mode: 'automatic', approved: false, byPerson: true },
      settings: connections.settings,
    });
    const hash = planHashOf([{ action: action.name, parameters, plan }]);
    return { action, plan, guards, now, parameters, hash, lasts: request.lasts ?? action.lease?.usual };
  } catch (error) {
    throw error instanceof ActionError ? new UnusableInputError(error.message) : error;
  }
}

/** The guard that refuses a plan, if one does. */
export const refusalOf = ({ guards }: Pick<PlanView, 'guards'>) => guards.find(({ says }) => says === 'refuse');
