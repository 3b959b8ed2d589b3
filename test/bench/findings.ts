import { AssetInventory } from '../../pipeline/enrichment/assets/asset-inventory.ts';
import { attackPaths } from '../../pipeline/enrichment/attack-paths/attack-paths.ts';
import { assetOf, finding } from '../../pipeline/enrichment/findings/finding-samples.ts';
import { weighAll } from '../../pipeline/enrichment/findings/weigh-all.ts';
import { knowledgeOf } from '../../pipeline/enrichment/knowledge.ts';
import { median } from './rates.ts';

export interface FindingsBench {
  readonly findings: number;
  readonly assets: number;
  readonly weighedPerSecond: number;
  /** Of one incident that names a hundred assets. */
  readonly attackPathsMilliseconds: number;
}

const FINDINGS = 100_000;
const ASSETS = 5000;
const ROUNDS = 5;
const NOW = Date.UTC(2026, 10, 21);

const bucket = (at: number): string => `aws:arn:aws:s3:::bucket-${at}`;
const role = (at: number): string => `aws:arn:aws:iam::111122223333:role/role-${at}`;
const instance = (at: number): string => `aws:arn:aws:ec2:eu-central-1:111122223333:instance/i-${at}`;

/** Measures weighing what scanners found in a large estate, and following the attack paths of an incident in it. */
export function benchFindings(): FindingsBench {
  const at = Array.from({ length: ASSETS }, (_, place) => place);
  const machines = at.map((place) =>
    assetOf(instance(place), { exposure: place % 10 === 0 ? 'internet' : 'internal', identities: [role(place % 500)] }),
  );
  const stores = at.map((place) =>
    assetOf(bucket(place), { kind: 'storage', importance: (place % 10) / 10, dataClass: 'internal' }),
  );
  const grants = at.map((place) => ({
    principal: role(place % 500),
    scope: bucket(place),
    role: 'AmazonS3FullAccess',
  }));
  const assets = new AssetInventory([
    { source: 'aws', by: 'cloud', assets: [...machines, ...stores], grants, missing: [] },
  ]);
  const knowledge = knowledgeOf({ assets });
  const findings = Array.from({ length: FINDINGS }, (_, place) =>
    finding({ id: `trivy/${place}`, asset: instance(place % ASSETS), cves: [`CVE-2026-${10_000 + (place % 30_000)}`] }),
  );
  const nothing = new Map<string, never>();
  const seeds = at.slice(0, 100).map(instance);
  const sources = {
    assets,
    findingsOf: () => [],
    exposureOf: (key: string) => ({ exposure: assets.get(key)?.exposure ?? ('unknown' as const) }),
    uses: () => [],
  };
  const weighing = timeOf(() => weighAll(findings, knowledge, nothing, NOW));
  return {
    findings: FINDINGS,
    assets: 2 * ASSETS,
    weighedPerSecond: Math.round((FINDINGS / weighing) * 1000),
    attackPathsMilliseconds: Math.round(timeOf(() => attackPaths(seeds, sources)) * 10) / 10,
  };
}

/** Milliseconds, the middle of some rounds. */
function timeOf(work: () => unknown): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    work();
    times.push(performance.now() - started);
  }
  return median(times);
}
