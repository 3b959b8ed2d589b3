import type { Exposure } from '../../timeline/asset.ts';
import type { Finding, WeighedFinding } from '../../timeline/finding.ts';
import { exposureOf, type StandingConditions } from '../assets/exposure.ts';
import type { Knowledge } from '../knowledge.ts';
import { byRank, weigh, type FindingContext } from './weigh.ts';

/** What is known of where a finding is. */
type Place = Pick<FindingContext, 'asset' | 'exposure'>;

const OPENNESS: Readonly<Record<Exposure, number>> = { internet: 2, unknown: 1, internal: 0 };

/**
 * The findings, weighed by what is known at one moment; the one to look at first first. What is weak in an image counts as in the workload
 * that runs it, and of several in the one that is most open, then most important.
 * @param standing what is weak now, as logs have shown
 * @param now milliseconds since 1970-01-01T00:00:00Z
 */
export function weighAll(
  findings: Iterable<Finding>,
  knowledge: Pick<Knowledge, 'assets' | 'vulnerability' | 'missing'>,
  standing: StandingConditions,
  now: number,
): WeighedFinding[] {
  const { assets, vulnerability, missing } = knowledge;
  const places = new Map<string, Place>();
  const placed = (key: string): Place => {
    const running = key.startsWith('image:') ? assets.behind(key) : [];
    if (running.length === 0) return { asset: assets.find(key), exposure: exposureOf(key, assets, standing) };
    return running
      .map((asset) => ({ asset, exposure: exposureOf(asset.key, assets, standing) }))
      .reduce((first, other) => (isMoreUrgent(other, first) ? other : first));
  };
  const weighed: WeighedFinding[] = [];
  for (const finding of findings) {
    const place = places.get(finding.asset) ?? placed(finding.asset);
    places.set(finding.asset, place);
    weighed.push(weigh(finding, { vulnerabilities: vulnerability, missing: missing.vulnerabilities, now, ...place }));
  }
  return weighed.sort(byRank);
}

function isMoreUrgent(one: Place, other: Place): boolean {
  const openness = ({ exposure }: Place): number => OPENNESS[exposure?.exposure ?? 'unknown'];
  const difference = openness(one) - openness(other);
  return difference === 0 ? (one.asset?.importance ?? 0) > (other.asset?.importance ?? 0) : difference > 0;
}
