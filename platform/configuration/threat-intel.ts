import { z } from 'zod';

/** The configuration's `threatIntel`: who tells of attackers' addresses and domains. */
export const threatIntelSection = z.strictObject({}).prefault({});
