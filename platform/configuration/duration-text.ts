import { z } from 'zod';
import { parseDuration } from '../duration.ts';

/** A span of time as people write it, `15m`; gives milliseconds. */
export const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'expected a span such as 30s, 15m, 1h or 2d')
  .transform((text) => parseDuration(text) ?? 0);
