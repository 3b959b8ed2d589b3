import { z } from 'zod';
import { duration } from './duration-text.ts';
import { webAddress } from './web-address.ts';

const feed = (url: string) =>
  z.strictObject({ enabled: z.boolean().default(true), url: webAddress.default(url) }).prefault({});

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The configuration's `feeds`: where what is known to the public is had from. */
export const feedsSection = z
  .strictObject({
    /** Whether they are had by themselves; otherwise `crosstrail feeds update` has them, or brings them from files. */
    automatic: z.boolean().default(true),
    /** From one look at what a publisher has to the next; after a failure sooner. Publishers turn away who asks all the time, and a feed is stale after two days. */
    every: duration.refine((every) => every >= 15 * MINUTE && every <= DAY, 'expected 15m to 1d').prefault('6h'),
    /** CISA's catalogue of Known Exploited Vulnerabilities. */
    kev: feed('https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json'),
    /** FIRST's scores; the file of the day. */
    epss: feed('https://epss.empiricalsecurity.com/epss_scores-current.csv.gz'),
  })
  .prefault({});
