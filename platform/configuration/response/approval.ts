import { z } from 'zod';

/** The configuration's `response.approval`. */
export const approvalSection = z.strictObject({}).prefault({});
