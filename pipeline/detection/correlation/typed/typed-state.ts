import type { CorrelationRule, TypedCondition } from '../correlation-rule.ts';
import type { GroupState } from '../group-state.ts';
import type { CorrelatedEvent } from '../point.ts';
import { absence } from './absence.ts';
import { firstSeen } from './first-seen.ts';
import type { FoldedRule } from './fold.ts';
import { impossibleTravel } from './impossible-travel.ts';
import { placesOf, type KnownNetwork } from './known-networks.ts';
import { rate } from './rate.ts';
import { ReplayedState } from './replayed-state.ts';
import { sequence } from './sequence.ts';

/** What rules of the project's own types know of the world. */
export interface TypedOptions {
  /** The first that holds an address counts. */
  readonly networks?: readonly KnownNetwork[] | undefined;
}

/** Makes the state of each group of a rule of the project's own types; undefined where the rule is of one of Sigma's. */
export function typedStates<E extends CorrelatedEvent>(
  correlation: CorrelationRule,
  options: TypedOptions = {},
): (() => GroupState<E>) | undefined {
  const { condition, window } = correlation;
  if (condition.kind === 'bounds' || condition.kind === 'expression') return undefined;
  const rule = foldedRule<E>(correlation, condition, options);
  return () => new ReplayedState(rule, window);
}

function foldedRule<E extends CorrelatedEvent>(
  correlation: CorrelationRule,
  condition: TypedCondition,
  { networks = [] }: TypedOptions,
): FoldedRule<E> {
  switch (condition.kind) {
    case 'first_seen':
      return firstSeen(correlation, condition);
    case 'impossible_travel':
      return impossibleTravel(correlation, condition, placesOf(networks));
    case 'rate':
      return rate(correlation, condition);
    case 'absence':
      return absence(correlation, condition);
    case 'sequence':
      return sequence(correlation, condition);
  }
}
