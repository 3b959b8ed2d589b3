import { z } from 'zod';

/** The configuration's `response.tickets`. */
export const ticketsSection = z.strictObject({}).prefault({});
