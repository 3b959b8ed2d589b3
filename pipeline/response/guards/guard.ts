import type { Action, Plan } from '../../../playbooks/contract/action.ts';
import type { ResponseSettings } from '../../../platform/configuration/response.ts';
import type { Decision } from '../../timeline/signal.ts';
import type { GuardVerdict, Mode } from '../response.ts';

/** What was done lately, as far as guards ask. */
export interface RecentWork {
  /** When changes of an action were made: milliseconds since 1970-01-01T00:00:00Z, any order. */
  readonly made: readonly number[];
  /** When steps of the action failed. */
  readonly failed: readonly number[];
}

/** What is asked of a guard. */
export interface GuardQuestion {
  readonly action: Action;
  readonly plan: Plan;
  readonly mode: Mode;
  /** What is to be done about the incident; undefined where there is none. */
  readonly decision?: Decision | undefined;
  /** Whether people approved this very plan. */
  readonly approved: boolean;
  /** Whether a person asked for it at the command. */
  readonly byPerson: boolean;
  readonly settings: ResponseSettings;
  /** One's own egress: the configuration's networks that say so, in CIDR notation. */
  readonly ownEgress: readonly string[];
  readonly recent: RecentWork;
  /** The present: milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
}

/** One guard: pure, asked when a plan is made and again right before it is executed. */
export interface Guard {
  readonly name: string;
  /** For documentation: what it keeps from happening, and who may override it how. */
  readonly description: string;
  /** Undefined where it has nothing to say of the plan. */
  readonly ask: (question: GuardQuestion) => Omit<GuardVerdict, 'guard'> | undefined;
}
