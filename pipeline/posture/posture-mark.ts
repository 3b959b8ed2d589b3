import type { Entity } from '../timeline/entity.ts';
import type { SourceId } from '../timeline/event.ts';
import type { Observation } from '../timeline/observation.ts';

/** Who changed something, and when. Plain data; enough to ask later who is behind it. */
export interface PostureMark {
  /** Id of the event. */
  readonly event: string;
  readonly source: SourceId;
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  /** Key of the entity that acted, as the event itself says. */
  readonly principal: string;
  /** Those that acted and their credentials; at most {@link MOST_ENTITIES}. */
  readonly entities: readonly Entity[];
  /** The operation as its source names it. */
  readonly operation: string;
  /** AWS account, Azure subscription or Entra tenant. */
  readonly account?: string | undefined;
}

const MOST_ENTITIES = 8;

/** Who did what an observation tells, and when. */
export function markOf({ id, source, time, principal, entities, action }: Observation): PostureMark {
  const acted = entities.filter(({ part }) => part === 'actor' || part === 'credential').slice(0, MOST_ENTITIES);
  return {
    ...{ event: id, source, time, principal, entities: acted, operation: action.operation },
    ...(action.account !== undefined && { account: action.account }),
  };
}

/** When an event happened, and which. */
export type Moment = Pick<PostureMark, 'time' | 'event'>;

/** In order of time, then of id. */
export const byTime = (a: Moment, b: Moment): number =>
  a.time - b.time || (a.event < b.event ? -1 : a.event > b.event ? 1 : 0);
