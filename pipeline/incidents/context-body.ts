/** What is known of what an incident touches, as it is kept in the incident's row. */
import { z } from 'zod';
import { source, time } from '../timeline/codec-parts.ts';
import { ASSET_KINDS } from '../timeline/asset.ts';
import type { IncidentContext } from '../timeline/context.ts';
import { LEVELS } from '../timeline/signal.ts';

const texts = z.array(z.string());
const text = z.string().optional();
const number = z.number().optional();
const exposure = z.enum(['internet', 'internal', 'unknown']);

const asset = z.object({
  key: z.string(),
  kind: z.enum(ASSET_KINDS),
  name: text,
  owner: text,
  environment: text,
  importance: number,
  dataClass: z.enum(['public', 'internal', 'confidential', 'restricted']).optional(),
  exposure,
  exposedBy: text,
  identities: texts,
  behind: texts,
  sources: texts,
});

const finding = z.object({
  id: z.string(),
  source,
  title: z.string(),
  asset: z.string(),
  assetLabel: text,
  cves: texts,
  severity: z.enum(LEVELS),
  status: z.enum(['open', 'fixed', 'suppressed']),
  time,
  eventId: z.string(),
  cvss: number,
  subject: text,
  fix: text,
  exposure: exposure.optional(),
});

const vulnerability = z.object({
  cve: z.string(),
  kev: z.object({ name: z.string(), dateAdded: z.string(), dueDate: z.string(), ransomware: z.boolean() }).optional(),
  epss: z.object({ probability: z.number(), percentile: z.number(), model: z.string() }).optional(),
});

const weighed = z.object({
  finding,
  priority: z.enum(['act', 'attend', 'track']),
  rank: z.number(),
  reasons: texts,
  vulnerabilities: z.array(vulnerability),
  exposure,
  missing: texts,
});

const indicator = z.object({
  id: z.string(),
  kind: z.enum(['address', 'network', 'domain']),
  value: z.string(),
  source: z.string(),
  description: text,
  confidence: number,
  labels: texts,
  validFrom: number,
  validUntil: number,
});

const path = z.object({
  steps: z.array(
    z.object({
      key: z.string(),
      label: z.string(),
      is: z.enum(['exposure', 'workload', 'identity', 'data']),
      how: z.string(),
    }),
  ),
  blastRadius: z.number(),
  reaches: z.number(),
  findings: texts,
  seen: z.boolean(),
});

export const context: z.ZodType<IncidentContext> = z.object({
  headline: text,
  decidedBy: text,
  assets: z.array(asset),
  findings: z.array(weighed),
  hits: z.array(z.object({ indicator, key: z.string() })),
  paths: z.array(path),
  missing: texts,
});

/** The same with no more than so many members in each of its lists. */
export const shortenedContext = (whole: IncidentContext, length: number): IncidentContext => ({
  ...whole,
  assets: whole.assets.slice(0, length),
  findings: whole.findings.slice(0, length),
  hits: whole.hits.slice(0, length),
  paths: whole.paths.slice(0, length),
  missing: whole.missing.slice(0, length),
});
