import { z } from 'zod';

/** The configuration's `response.aws`. */
export const awsSection = z.strictObject({}).prefault({});
