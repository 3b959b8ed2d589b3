import { compareTexts } from '../../../platform/compare-texts.ts';
import type { Asset, Exposure } from '../../timeline/asset.ts';
import type { Finding, Priority, VulnerabilityContext, WeighedFinding } from '../../timeline/finding.ts';
import { assetWeights } from './asset-weights.ts';
import { exploitationOf } from './exploitation.ts';
import { severityWeight, type Weight } from './weight.ts';

/** What makes a finding more or less urgent, beside itself. */
export interface FindingContext {
  /** What the feeds say of a CVE, by its id in upper case. */
  readonly vulnerabilities: (cve: string) => VulnerabilityContext;
  /** The closest asset that an inventory knows, itself or around it. */
  readonly asset?: Asset | undefined;
  /** From where it can be reached, as inventory and standing conditions say together; without it, what `asset` says. */
  readonly exposure?: { readonly exposure: Exposure; readonly by?: string | undefined } | undefined;
  /** What there was nothing to ask of: `KEV catalogue`, `EPSS scores`. */
  readonly missing?: readonly string[] | undefined;
  /** Milliseconds since 1970-01-01T00:00:00Z: whether a date is past. */
  readonly now: number;
}

/** From so many points on a finding is of a priority. Below the lowest it is `track`. */
const PRIORITY_FROM = [
  { from: 70, priority: 'act' },
  { from: 40, priority: 'attend' },
] as const satisfies readonly { from: number; priority: Priority }[];

/** All that is not open ranks below all that is. */
const CLOSED = -1000;

/**
 * What to do about a finding, and why. Pure. Points add up, from: exploitation (KEV, or EPSS), exposure, severity, and what the asset is worth; no
 * single one can be outweighed the wrong way: what is neither listed nor reachable never amounts to `act`, and what is listed and reachable from
 * the internet always does. Ranks are points, and among equal points the CVSS score.
 *
 * EPSS counts by bands of its probability, so scores of different models are never compared.
 */
export function weigh(finding: Finding, context: FindingContext): WeighedFinding {
  const vulnerabilities = finding.cves.map((cve) => context.vulnerabilities(cve));
  const { exposure, weight } = exposureWeight(finding, context);
  const weights = [
    ...exploitationOf(vulnerabilities, context.now),
    weight,
    severityWeight(finding),
    ...assetWeights(context.asset),
  ];
  // To one decimal, so that the CVSS score orders only what has equal points.
  const points = Math.round(weights.reduce((sum, one) => sum + one.points, 0) * 10) / 10;
  const closed = finding.status === 'open' ? [] : [closedReason(finding)];
  return {
    finding,
    priority: closed.length > 0 ? 'track' : priorityOf(points),
    rank: points + (finding.cvss ?? 0) / 1000 + (closed.length > 0 ? CLOSED : 0),
    reasons: [...closed, ...weights.toSorted((one, other) => other.points - one.points).map(({ reason }) => reason)],
    vulnerabilities,
    exposure,
    missing: missingOf(finding, exposure, context),
  };
}

const priorityOf = (points: number): Priority => PRIORITY_FROM.find(({ from }) => points >= from)?.priority ?? 'track';

const closedReason = ({ status }: Finding): string =>
  status === 'fixed' ? 'it is fixed' : 'its source has put it aside';

const EXPOSURE_POINTS: Readonly<Record<Exposure, number>> = { internet: 25, unknown: 10, internal: 0 };

/**
 * The asset is held to be exposed where anybody says so: inventory, standing conditions, or the scanner; and not to be where one says so and none
 * the contrary.
 */
function exposureWeight(
  finding: Finding,
  { asset, exposure: joined }: FindingContext,
): { exposure: Exposure; weight: Weight } {
  const said = joined ?? { exposure: asset?.exposure ?? 'unknown', by: asset?.exposedBy };
  const byScanner = { exposure: finding.exposure ?? 'unknown', by: `as ${finding.source} says` } as const;
  const { exposure, by } = said.exposure === 'internet' || byScanner.exposure === 'unknown' ? said : byScanner;
  const reasons: Readonly<Record<Exposure, string>> = {
    internet: `reachable from the internet${by === undefined ? '' : `: ${by}`}`,
    unknown: 'not known whether it can be reached from the internet',
    internal: 'not reachable from the internet',
  };
  return { exposure, weight: { points: EXPOSURE_POINTS[exposure], reason: reasons[exposure] } };
}

function missingOf(finding: Finding, exposure: Exposure, { asset, missing = [] }: FindingContext): string[] {
  return [
    ...(finding.cves.length > 0 ? missing : []),
    ...(asset === undefined ? ['asset'] : []),
    ...(exposure === 'unknown' ? ['exposure'] : []),
  ];
}

/** For `sort`: the one to look at first comes first; those of equal rank by id. */
export const byRank = (one: WeighedFinding, other: WeighedFinding): number =>
  other.rank - one.rank || compareTexts(one.finding.id, other.finding.id);
