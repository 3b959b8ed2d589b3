/** An incident as the cells of its row, cut to what a row can hold. */
import { z } from 'zod';
import type { Cells } from '../../platform/storage/ports.ts';
import { source, time } from '../timeline/codec-parts.ts';
import type { Incident } from '../timeline/incident.ts';
import { context, shortenedContext } from './context-body.ts';
import { LEVELS } from '../timeline/signal.ts';
import { jsonCells, valueOfCells } from '../../platform/storage/json-cells.ts';
import { StorageLimitError } from '../../platform/storage/limits.ts';

/** Where an incident is too large for a row, its lists are cut to the first of these lengths at which it fits. */
const LENGTHS = [10_000, 1000, 100, 10];

const texts = z.array(z.string());
const schema: z.ZodType<Incident> = z.object({
  id: z.string(),
  title: z.string(),
  severity: z.enum(LEVELS),
  score: z.number(),
  reasons: z.array(z.object({ what: z.string(), points: z.number(), bound: z.literal(true).optional() })),
  decision: z.enum(['monitor', 'warn', 'block']).default('warn'),
  grounds: z
    .object({ points: z.number(), critical: z.boolean(), counted: z.boolean() })
    .default({ points: 0, critical: false, counted: false }),
  context: context.optional(),
  principals: z.array(
    z.object({ id: z.string(), label: z.string(), kind: z.enum(['person', 'workload', 'unknown']), aliases: texts }),
  ),
  clouds: texts,
  sources: z.array(source),
  techniques: texts,
  tactics: texts,
  firstSeen: time,
  lastSeen: time,
  steps: z.array(
    z.object({
      time,
      last: time,
      count: z.number(),
      source,
      principal: z.string(),
      text: z.string(),
      eventIds: texts,
      alertIds: texts,
      techniques: texts,
    }),
  ),
  story: texts,
  graph: z.object({
    nodes: z.array(
      z.object({
        id: z.string(),
        label: z.string(),
        kind: z.enum(['principal', 'session', 'credential', 'address', 'resource']),
      }),
    ),
    edges: z.array(z.object({ from: z.string(), to: z.string(), label: z.string(), time })),
  }),
  joins: z.array(
    z.object({
      alerts: z.tuple([z.string(), z.string()]),
      by: z.enum(['principal', 'session', 'resource', 'link']),
      key: z.string(),
    }),
  ),
  alertIds: texts,
  eventIds: texts,
});

/**
 * The cells that hold an incident. One that is too large for a row keeps the first members of its lists; `cut` says so.
 * @throws StorageLimitError where even so it is too large
 */
export function incidentCells(incident: Incident): Cells {
  const whole = jsonCells(incident);
  if (whole !== undefined) return { ...whole, cut: false };
  for (const length of LENGTHS) {
    const cells = jsonCells(shortened(incident, length));
    if (cells !== undefined) return { ...cells, cut: true };
  }
  throw new StorageLimitError(
    `The incident ${incident.id} does not fit a row with ten members in each list: its texts are too long.`,
  );
}

/**
 * The incident that {@link incidentCells} wrote; undefined where the cells hold none.
 * @throws where they hold something else
 */
export function incidentOfCells(cells: Cells): Incident | undefined {
  const value = valueOfCells(cells);
  return value === undefined ? undefined : schema.parse(value);
}

/** The incident with no more than so many members in each of its lists, and in the lists within. */
function shortened(incident: Incident, length: number): Incident {
  const cut = <T>(list: readonly T[]): readonly T[] => list.slice(0, length);
  return {
    ...incident,
    reasons: cut(incident.reasons),
    principals: cut(incident.principals).map((principal) => ({ ...principal, aliases: cut(principal.aliases) })),
    techniques: cut(incident.techniques),
    steps: cut(incident.steps).map((step) => ({
      ...step,
      eventIds: cut(step.eventIds),
      alertIds: cut(step.alertIds),
      techniques: cut(step.techniques),
    })),
    story: cut(incident.story),
    graph: { nodes: cut(incident.graph.nodes), edges: cut(incident.graph.edges) },
    ...(incident.context && { context: shortenedContext(incident.context, length) }),
    joins: cut(incident.joins),
    alertIds: cut(incident.alertIds),
    eventIds: cut(incident.eventIds),
  };
}
