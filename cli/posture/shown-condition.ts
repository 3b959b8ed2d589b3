import type { Drift } from '../../pipeline/posture/drift.ts';
import type { ConditionEpisode } from '../../pipeline/posture/posture-conditions.ts';
import { byTime, type PostureMark } from '../../pipeline/posture/posture-mark.ts';

/** Who made a change. */
export interface Who {
  /** The key that stands for them. */
  readonly principal: string;
  /** A name for people, where a record has one. */
  readonly label: string | undefined;
}

/** One time that something was weak, with who made it so and who undid it. */
export interface ShownCondition {
  readonly episode: ConditionEpisode;
  readonly by: Who;
  readonly drift: Drift | undefined;
  readonly undoneBy: Who | undefined;
}

/** Conditions in order of time, the oldest first, with what is to be known of whoever changed them. */
export function shownConditions(
  episodes: readonly ConditionEpisode[],
  who: (mark: PostureMark) => Who,
  drift: (resource: string, mark: PostureMark) => Drift | undefined,
): ShownCondition[] {
  return episodes
    .toSorted((a, b) => byTime(a.since, b.since) || (a.id < b.id ? -1 : 1))
    .map((episode) => {
      const { resource, since, undone } = episode;
      return { episode, by: who(since), drift: drift(resource, since), undoneBy: undone && who(undone) };
    });
}
