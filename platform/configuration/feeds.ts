import { z } from 'zod';
import { duration } from './duration-text.ts';
import { webAddress } from './web-address.ts';

const feed = (url: string) =>
  z.strictObject({ enabled: z.boolean().default(true), url: webAddress.default(url) }).prefault({});

const MINUTE = 60_000;

/** The configuration's `feeds`: where what is known to the public is had from. */
export const feedsSection = z
  .strictObject({
    /** Whether they are had by themselves; otherwise `crosstrail feeds update` has them, or brings them from files. */
    automatic: z.boolean().default(true),
    /** From one look at what a publisher has to the next; after a failure sooner. */
    every: duration
      .refine((every) => every >= 15 * MINUTE, 'expected 15m or more: publishers turn away who asks more often')
      .prefault('6h'),
    /** CISA's catalogue of Known Exploited Vulnerabilities. */
    kev: feed('https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json'),
    /** FIRST's scores; the file of the day. */
    epss: feed('https://epss.empiricalsecurity.com/epss_scores-current.csv.gz'),
  })
  .prefault({});
