import { z } from 'zod';
import { entities, eventId, postureCondition, source, time } from '../timeline/codec-parts.ts';
import type { PostureCondition } from '../timeline/posture-change.ts';
import type { Episode, Standing } from './episodes.ts';
import type { Moment } from './posture-mark.ts';

/** What is kept of one condition of one resource when its events are forgotten. Plain data: its JSON gives it again. */
export interface PostureSummary {
  readonly key: string;
  readonly condition: PostureCondition;
  readonly resource: string;
  /** The last change that it holds. Without one it is void: nothing need be kept under its key any more. */
  readonly settled?: Moment | undefined;
  /** What stands. */
  readonly open: readonly Episode[];
  /** The parts that other names mean. */
  readonly names: readonly (readonly [name: string, parts: readonly string[]])[];
}

/** What is to be kept of a condition of one resource: what its forgotten changes left behind. */
export function summaryOf(group: {
  readonly key: string;
  readonly condition: PostureCondition;
  readonly resource: string;
  readonly base: Standing;
  readonly settled: Moment | undefined;
}): PostureSummary {
  const { key, condition, resource, base, settled } = group;
  const names = [...base.names].map(([name, parts]) => [name, [...parts]] as const);
  return { key, condition, resource, ...(settled && { settled }), open: [...base.open.values()], names };
}

/** Says that nothing is known any more. */
export const voidSummary = ({ key, condition, resource }: Omit<PostureSummary, 'open' | 'names'>): PostureSummary => ({
  ...{ key, condition, resource },
  ...{ open: [], names: [] },
});

export const postureMark = z.object({
  event: eventId,
  source,
  time,
  principal: z.string(),
  entities,
  operation: z.string(),
  account: z.string().optional(),
});

/** Of an episode that stands. */
export const episodeFields = {
  part: z.string().optional(),
  what: z.string(),
  since: postureMark,
  again: postureMark.optional(),
};

const schema: z.ZodType<PostureSummary> = z.object({
  key: z.string(),
  condition: postureCondition,
  resource: z.string(),
  settled: postureMark.pick({ time: true, event: true }).optional(),
  open: z.array(z.object(episodeFields)),
  names: z.array(z.tuple([z.string(), z.array(z.string())])),
});

/**
 * Reads a summary that was kept as JSON.
 * @throws z.ZodError where it is none
 */
export const parsePostureSummary = (value: unknown): PostureSummary => schema.parse(value);
