import type { ActionOrigin } from '../../../timeline/observation.ts';
import type { SourceId } from '../../../timeline/event.ts';
import { correlationOf } from '../correlation-samples.ts';
import type { GroupState } from '../group-state.ts';
import { pointOfMatch, type CorrelatedEvent, type Point } from '../point.ts';
import { typedStates, type TypedOptions } from './typed-state.ts';

/** What the tests of this folder build groups from. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Midnight, at which windows of deduplication begin. */
export const START = Date.UTC(2026, 2, 2);

export interface Sample {
  readonly id: string;
  /** Milliseconds after {@link START}. */
  readonly at: number;
  readonly rule?: string;
  readonly v?: string | readonly string[];
  readonly from?: ActionOrigin;
  readonly source?: SourceId;
}

/** A point at so many milliseconds after the start; `v` are the values of the field of that name. */
export function pointOf({ id, at, rule = 'r', v = [], from, source }: Sample): Point<CorrelatedEvent> {
  const event = { id, time: START + at, principal: 'user:ada', source, action: { from } };
  return pointOfMatch({ rule, event, values: { v: typeof v === 'string' ? [v] : v }, principal: 'user:ada' });
}

/** Makes groups of a correlation from its section. */
export function statesOf(section: unknown, options: TypedOptions & { readonly window?: string } = {}): () => Group {
  const correlation = correlationOf(section, { crosstrail: { window: options.window ?? '1h' } });
  const make = typedStates<CorrelatedEvent>(correlation, options);
  if (make === undefined) throw new Error('the rule is of a type of Sigma');
  return make;
}

export type Group = GroupState<CorrelatedEvent>;

/** What was found: milliseconds after {@link START}, and the ids of the events. */
export function shownOf(group: Group, decided = Infinity): [number, string][] {
  return group
    .found(decided === Infinity ? Infinity : START + decided)
    .map(({ time, points }) => [time - START, points.map(({ event }) => event.id).join('')]);
}

/** What is found in a group that holds all samples. */
export function foundIn(make: () => Group, samples: readonly Sample[]): [number, string][] {
  const group = make();
  for (const sample of samples) group.add(pointOf(sample));
  return shownOf(group);
}
