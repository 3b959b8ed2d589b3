import { z } from 'zod';
import { endpoint } from '../azure/endpoints.ts';

const feed = (url: string) =>
  z.strictObject({ enabled: z.boolean().default(true), url: endpoint.default(url) }).prefault({});

/** The configuration's `feeds`: where what is known to the public is had from. */
export const feedsSection = z
  .strictObject({
    /** CISA's catalogue of Known Exploited Vulnerabilities. */
    kev: feed('https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json'),
    /** FIRST's scores; the file of the day. */
    epss: feed('https://epss.empiricalsecurity.com/epss_scores-current.csv.gz'),
  })
  .prefault({});
