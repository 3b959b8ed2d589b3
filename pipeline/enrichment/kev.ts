import { z } from 'zod';
import { parseJson } from '../../platform/json.ts';
import { FeedError, problemsOf } from './feed-error.ts';

const cve = z.string().regex(/^CVE-\d{4}-\d{4,}$/);

const schema = z.object({
  catalogVersion: z.string(),
  vulnerabilities: z
    .array(
      z.object({
        cveID: cve,
        vulnerabilityName: z.string().default(''),
        dateAdded: z.string().default(''),
        dueDate: z.string().default(''),
        knownRansomwareCampaignUse: z.string().default('Unknown'),
      }),
    )
    .min(1, 'expected at least one entry'),
});

/** What CISA's catalogue of Known Exploited Vulnerabilities says of one. Dates are `YYYY-MM-DD`. */
export interface KevEntry {
  readonly name: string;
  readonly dateAdded: string;
  readonly dueDate: string;
  readonly ransomware: boolean;
}

export interface Kev {
  readonly version: string;
  readonly entries: ReadonlyMap<string, KevEntry>;
}

/**
 * Reads the catalogue as CISA publishes it (known_exploited_vulnerabilities.json).
 * @throws FeedError where it is anything else
 */
export function parseKev(text: string): Kev {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw new FeedError('not the KEV catalogue: not JSON');
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new FeedError(`not the KEV catalogue: ${problemsOf(result.error)}`);
  const entries = result.data.vulnerabilities.map((entry): [string, KevEntry] => [
    entry.cveID,
    {
      name: entry.vulnerabilityName,
      dateAdded: entry.dateAdded,
      dueDate: entry.dueDate,
      ransomware: entry.knownRansomwareCampaignUse === 'Known',
    },
  ]);
  return { version: result.data.catalogVersion, entries: new Map(entries) };
}
