import { z } from 'zod';

/** The configuration's `network`: where addresses are and whose. */
export const networkSection = z.strictObject({}).prefault({});
