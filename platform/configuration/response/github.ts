import { z } from 'zod';

/** The configuration's `response.github`. */
export const githubSection = z.strictObject({}).prefault({});
