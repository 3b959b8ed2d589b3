import { z } from 'zod';

/** The configuration's `response.gcp`. */
export const gcpSection = z.strictObject({}).prefault({});
