import { createHash } from 'node:crypto';
import { loadConfiguration } from '../../platform/configuration.ts';
import { systemClock } from '../../platform/clock.ts';
import { standingConditions } from '../../pipeline/enrichment/assets/exposure.ts';
import { FindingStore } from '../../pipeline/enrichment/findings/finding-store.ts';
import { weighAll } from '../../pipeline/enrichment/findings/weigh-all.ts';
import { PostureStore } from '../../pipeline/posture/posture-store.ts';
import type { Finding, WeighedFinding } from '../../pipeline/timeline/finding.ts';
import { connectStorage } from '../connection.ts';
import { deployedKnowledge } from '../deployed-knowledge.ts';

/** Where a deployment is, and what it is told of its surroundings. */
export interface DeploymentOptions {
  readonly data: string;
  readonly config?: string;
}

/**
 * The findings that a deployment keeps, weighed by what it knows now; the one to look at first first.
 * @param wanted of all that is kept, those to weigh
 */
export async function weighedFindings(
  { data, config }: DeploymentOptions,
  wanted: (finding: Finding) => boolean,
): Promise<WeighedFinding[]> {
  const configuration = await loadConfiguration(config);
  const storage = await connectStorage(data);
  const findings: Finding[] = [];
  for await (const finding of new FindingStore(storage.tables).list()) if (wanted(finding)) findings.push(finding);
  if (findings.length === 0) return [];
  const conditions = await Array.fromAsync(new PostureStore(storage.tables).list());
  const standing = standingConditions(conditions.filter(({ undone }) => undone === undefined));
  const knowledge = await deployedKnowledge(configuration, storage);
  return weighAll(findings, knowledge, standing, systemClock.now());
}

/** By this people name a finding: what scanners call theirs is long. The beginning of a hash of its id and its asset. */
export const shortIdOf = ({ id, asset }: Finding): string =>
  createHash('sha256')
    .update(JSON.stringify([id, asset]))
    .digest('hex')
    .slice(0, SHORT_ID);

const SHORT_ID = 10;
