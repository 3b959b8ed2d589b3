import { z } from 'zod';

/** The configuration's `response.clusters`. */
export const clustersSection = z.strictObject({}).prefault({});
