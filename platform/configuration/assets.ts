import { z } from 'zod';

/** The configuration's `assets`: where it says what there is, who owns it and how important it is. */
export const assetsSection = z
  .strictObject({
    /** Inventories in JSON or CSV; relative paths count from the configuration. */
    files: z.array(z.string()).max(100).default([]),
  })
  .prefault({});
