import { z } from 'zod';

/** The configuration's `sentinel`: workspaces whose incidents are enriched, and what may be written into them. */
export const sentinelSection = z.strictObject({}).prefault({});
