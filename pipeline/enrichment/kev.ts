import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../../platform/json.ts';
import { FeedError, problemsOf } from './feed-error.ts';
import { unpacked } from './feed/unpacked.ts';

/** What is published has some 1.6 MB and 1,700 entries. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_ENTRIES = 100_000;

/** Fields that are absent, null or empty are the same: not said. */
const optional = <T extends z.ZodType>(schema: T) => schema.or(z.literal('')).nullish();
const text = z.string().max(4000).nullish();
const date = optional(z.iso.date('expected a date such as 2026-01-22'));

/** `known_exploited_vulnerabilities_schema.json` of CISA requires more; only the id is needed to find an entry. */
const schema = z.object({
  catalogVersion: z.string().min(1).max(100),
  dateReleased: z.string().max(40).nullish(),
  count: z.int().nonnegative().nullish(),
  vulnerabilities: z
    .array(
      z.object({
        cveID: z.string().regex(/^CVE-\d{4}-\d{4,19}$/, 'expected a CVE id'),
        vulnerabilityName: z.string().max(500).nullish(),
        dateAdded: date,
        dueDate: date,
        knownRansomwareCampaignUse: z.string().max(40).nullish(),
        vendorProject: text,
        product: text,
        shortDescription: text,
        requiredAction: text,
        notes: text,
        cwes: z.array(z.string().max(40)).max(100).nullish(),
      }),
    )
    .min(1, 'expected at least one entry')
    .max(MAX_ENTRIES, `expected at most ${MAX_ENTRIES} entries`),
});

/** What CISA's catalogue of Known Exploited Vulnerabilities says of one. Dates are `YYYY-MM-DD`; what it does not say is empty. */
export interface KevEntry {
  readonly name: string;
  readonly dateAdded: string;
  readonly dueDate: string;
  readonly ransomware: boolean;
}

export interface Kev {
  readonly version: string;
  /** When CISA published it, ISO 8601; undefined where it does not say. */
  readonly released: string | undefined;
  /** By CVE id in upper case. */
  readonly entries: ReadonlyMap<string, KevEntry>;
  /** Of each entry, what the rest of its text comes to, by which it is seen that it was edited. */
  readonly digests: ReadonlyMap<string, string>;
}

/**
 * Reads the catalogue as CISA publishes it (known_exploited_vulnerabilities.json, plain or gzip).
 * https://www.cisa.gov/known-exploited-vulnerabilities-catalog
 * @throws FeedError where it is anything else, or one entry is
 */
export function parseKev(body: Uint8Array): Kev {
  const { catalogVersion, dateReleased, count, vulnerabilities } = checked(body);
  if (count !== undefined && count !== null && count !== vulnerabilities.length) {
    throw new FeedError(
      `not the KEV catalogue: it says that it has ${count} entries, and has ${vulnerabilities.length}`,
    );
  }
  const entries = new Map<string, KevEntry>();
  const digests = new Map<string, string>();
  for (const entry of vulnerabilities) {
    if (entries.has(entry.cveID)) throw new FeedError(`not the KEV catalogue: it names ${entry.cveID} twice`);
    const { vendorProject, product, shortDescription, requiredAction, notes, cwes } = entry;
    entries.set(entry.cveID, {
      name: entry.vulnerabilityName ?? '',
      dateAdded: entry.dateAdded ?? '',
      dueDate: entry.dueDate ?? '',
      ransomware: entry.knownRansomwareCampaignUse?.toLowerCase() === 'known',
    });
    const rest = JSON.stringify([vendorProject, product, shortDescription, requiredAction, notes, cwes]);
    digests.set(entry.cveID, createHash('sha256').update(rest).digest('base64').slice(0, 12));
  }
  return { version: catalogVersion, released: dateReleased ?? undefined, entries, digests };
}

function checked(body: Uint8Array): z.infer<typeof schema> {
  let value: unknown;
  try {
    value = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(unpacked(body, MAX_BYTES)));
  } catch (error) {
    const why = error instanceof FeedError ? error.message : 'it is no JSON in UTF-8';
    throw new FeedError(`not the KEV catalogue: ${why}`);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new FeedError(`not the KEV catalogue: ${problemsOf(result.error)}`);
  return result.data;
}
