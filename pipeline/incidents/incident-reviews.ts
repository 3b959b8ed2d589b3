/** Reviews of incidents as rows. */
import { z } from 'zod';
import type { Cells, Row } from '../../platform/storage/ports.ts';
import { time } from '../timeline/codec-parts.ts';
import { LEVELS } from '../timeline/signal.ts';
import { INCIDENT_STATES, VERDICTS, type Review } from './incident-state.ts';
import { jsonCells, valueOfCells } from '../../platform/storage/json-cells.ts';

const texts = z.array(z.string());
const schema: z.ZodType<Review> = z.object({
  state: z.enum(INCIDENT_STATES),
  by: z.string(),
  at: time,
  note: z.string().optional(),
  revision: z.number(),
  closed: z
    .object({
      verdict: z.enum(VERDICTS),
      seen: z.object({ alerts: texts, rules: texts, severity: z.enum(LEVELS) }),
    })
    .optional(),
});

/** The cells that hold a review. */
export function reviewCells(review: Review): Cells {
  const cells = jsonCells(review);
  // An incident fits its row, and a review names no more than its alerts.
  if (cells === undefined)
    throw new Error(`The review by ${review.by} does not fit a row: the incident has too many alerts.`);
  return cells;
}

/** The review that {@link reviewCells} wrote. @throws where the row holds something else */
export const reviewOf = ({ cells }: Row): Review => schema.parse(valueOfCells(cells));
