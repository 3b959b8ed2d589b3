import { compareTexts } from '../../../platform/compare-texts.ts';
import { printable } from '../../../platform/printable.ts';
import type { Asset } from '../../timeline/asset.ts';
import type { AttackPath, PathStep } from '../../timeline/context.ts';
import type { WeighedFinding } from '../../timeline/finding.ts';
import { lastNameOf } from '../assets/asset-key.ts';
import { byRank } from '../findings/weigh.ts';
import { ATTACK_PATH_BOUNDS, type AttackPathBounds, type AttackPathSources } from './attack-path-sources.ts';
import { blastRadius, holdsData, Reaches, type Reach, type ReachedData } from './reach.ts';

const MOST_FINDINGS = 10;
const LONGEST_LABEL = 120;
const NAMED = 'the incident names it';

/** A thing from which a path may begin, because the internet reaches it or an attacker was seen there. */
interface Start {
  readonly asset: Asset;
  readonly exposed: boolean;
  readonly by: string | undefined;
  readonly seen: boolean;
  /** Open ones that are more than to be tracked, of the asset and of the image it runs; first things first. */
  readonly findings: readonly WeighedFinding[];
}

/** An identity, by whatever roles it was taken from another. */
interface Taken {
  readonly key: string;
  readonly how: string;
  readonly from: Taken | undefined;
}

/** A path before it is written out. */
interface Candidate {
  readonly start: Start | undefined;
  readonly identity: Taken | undefined;
  readonly end: ReachedData;
  readonly reaches: number;
  readonly blastRadius: number;
  /** How many workloads more lead to the same identity. */
  readonly others: number;
}

/**
 * The ways from the internet over workloads and their identities to data that an incident is on, by how much lies at their ends. Begins from
 * what the incident names, from what stands behind that and from what can act as it; follows rights that were given and roles and resources that
 * were seen in use. A path begins at the internet where its workload is exposed, at the workload where the incident names it, and at the
 * identity where the incident names that alone. One path for each identity at its end. Pure, in the same order for the same input in whatever
 * order, and within the bounds, however large the inventory is.
 * @param seeds keys that the incident names
 */
export function attackPaths(
  seeds: readonly string[],
  sources: AttackPathSources,
  bounds: Partial<AttackPathBounds> = {},
): AttackPath[] {
  const limits = { ...ATTACK_PATH_BOUNDS, ...bounds };
  const named = [...new Set(seeds)].sort(compareTexts).slice(0, limits.seeds);
  const seen = new Set(named.flatMap((key) => [key, sources.assets.find(key)?.key ?? key]));
  const starts = startsOf(seen, sources, limits);
  const reaches = new Reaches(sources, limits);
  const candidates = starts.flatMap((start) => [
    ...exposedData(start),
    ...chainsFrom(start.asset.identities, 'is an identity that it can act as', reaches, limits).flatMap((taken) =>
      candidate(start, taken, reaches.of(taken.key), seen),
    ),
  ]);
  for (const taken of chainsFrom(named, NAMED, reaches, limits))
    candidates.push(...candidate(undefined, taken, reaches.of(taken.key), seen));
  return bestOfEach(candidates)
    .slice(0, limits.paths)
    .map((one) => pathOf(one, seen, sources));
}

/** The workloads that the incident is about: named, behind what is named, or acting as who is named. */
function startsOf(
  seen: ReadonlySet<string>,
  { assets, exposureOf, findingsOf }: AttackPathSources,
  { workloads }: AttackPathBounds,
): Start[] {
  const itself = [...seen].flatMap((key) => assets.get(key) ?? []);
  const around = [...seen].flatMap((key) => [
    ...assets.behind(key).slice(0, workloads),
    ...assets.actingAs(key).slice(0, workloads),
  ]);
  const found = new Map<string, Asset>();
  for (const asset of [...itself, ...around.slice(0, workloads * 10)])
    if (asset.kind !== 'identity' && asset.kind !== 'network') found.set(asset.key, asset);
  return [...found.values()]
    .map((asset) => {
      const { exposure, by } = exposureOf(asset.key);
      const images = asset.behind.filter((key) => key.startsWith('image:'));
      const findings = [asset.key, ...images]
        .flatMap((key) => findingsOf(key).filter(opens))
        .toSorted(byRank)
        .slice(0, MOST_FINDINGS);
      return { asset, exposed: exposure === 'internet', by, seen: seen.has(asset.key), findings };
    })
    .filter((start) => start.exposed || start.seen)
    .sort(byUrgency)
    .slice(0, workloads);
}

const opens = ({ finding, priority }: WeighedFinding): boolean => finding.status === 'open' && priority !== 'track';

const byUrgency = (one: Start, other: Start): number =>
  Number(other.seen) - Number(one.seen) ||
  Number(other.exposed) - Number(one.exposed) ||
  (other.findings[0]?.rank ?? 0) - (one.findings[0]?.rank ?? 0) ||
  (other.asset.importance ?? 0) - (one.asset.importance ?? 0) ||
  compareTexts(one.asset.key, other.asset.key);

/** Identities that get at anything and those whose roles they take, one after the other; the closest first, each once. */
function chainsFrom(
  keys: readonly string[],
  how: string,
  reaches: Reaches,
  { hops, identities }: AttackPathBounds,
): Taken[] {
  const found = new Map<string, Taken>();
  const add = (taken: Taken): boolean => {
    if (found.has(taken.key)) return false;
    const { data, roles } = reaches.of(taken.key);
    if (data.size + roles.length === 0) return false;
    found.set(taken.key, taken);
    return true;
  };
  let last = keys.toSorted(compareTexts).map((key): Taken => ({ key, how, from: undefined }));
  for (let hop = 0; hop <= hops && last.length > 0; hop++) {
    const next: Taken[] = [];
    for (const from of last) {
      if (found.size >= identities) return [...found.values()];
      if (add(from)) next.push(from);
    }
    last = next.flatMap((from) => reaches.of(from.key).roles.map((role) => ({ ...role, from })));
  }
  return [...found.values()];
}

function candidate(start: Start | undefined, identity: Taken, reach: Reach, seen: ReadonlySet<string>): Candidate[] {
  const within = start !== undefined && reach.data.has(start.asset.key);
  // A workload that its own identity may change is no further than itself.
  const reached = within ? reach.ranked.filter(({ key }) => key !== start.asset.key) : reach.ranked;
  const end = reached.find(({ key }) => seen.has(key)) ?? reached[0];
  if (end === undefined) return [];
  const radius = within ? blastRadius(reached) : reach.blastRadius;
  return [{ start, identity, end, reaches: reached.length, blastRadius: radius, others: 0 }];
}

/** What holds data and can be reached itself. */
function exposedData({ asset, ...start }: Start): Candidate[] {
  if (!start.exposed || !holdsData(asset)) return [];
  const end = { key: asset.key, asset, how: reachable(start.by) };
  return [
    { start: { asset, ...start }, identity: undefined, end, reaches: 1, blastRadius: blastRadius([end]), others: 0 },
  ];
}

/** Of the paths with one identity at their end only the most urgent; these by what lies at their end. */
function bestOfEach(candidates: readonly Candidate[]): Candidate[] {
  const groups = Map.groupBy(candidates, ({ identity, end }) => identity?.key ?? end.key);
  return [...groups.values()]
    .flatMap((group) => {
      const [best] = group.toSorted(byStart);
      const starts = new Set(group.flatMap(({ start }) => (start === undefined ? [] : [start.asset.key])));
      return best === undefined ? [] : [{ ...best, others: Math.max(0, starts.size - 1) }];
    })
    .sort((one, other) => other.blastRadius - one.blastRadius || byStart(one, other));
}

function byStart(one: Candidate, other: Candidate): number {
  if (one.start === undefined || other.start === undefined)
    return Number(one.start === undefined) - Number(other.start === undefined) || byChain(one, other);
  return byUrgency(one.start, other.start) || byChain(one, other);
}

const byChain = (one: Candidate, other: Candidate): number =>
  chainOf(one.identity).length - chainOf(other.identity).length ||
  compareTexts(keysOf(one).join(' '), keysOf(other).join(' '));

const keysOf = ({ identity, end }: Candidate): string[] => [...chainOf(identity).map(({ key }) => key), end.key];

/** First the identity that began. */
function chainOf(identity: Taken | undefined): Taken[] {
  const chain: Taken[] = [];
  for (let one = identity; one !== undefined; one = one.from) chain.unshift(one);
  return chain;
}

const reachable = (by: string | undefined): string =>
  `is reachable from the internet${by === undefined ? '' : `: ${by}`}`;

function pathOf(found: Candidate, seen: ReadonlySet<string>, { assets }: AttackPathSources): AttackPath {
  const { start, identity, end, others } = found;
  const label = (key: string): string =>
    printable((assets.get(key)?.name ?? lastNameOf(key)).slice(0, LONGEST_LABEL).toWellFormed());
  const step = (is: PathStep['is'], key: string, how: string): PathStep => ({ key, label: label(key), is, how });
  const steps: PathStep[] = [];
  if (start?.exposed === true) steps.push({ key: 'internet', label: 'internet', is: 'exposure', how: 'anybody' });
  if (start !== undefined && identity !== undefined) steps.push(step('workload', start.asset.key, entered(start)));
  for (const [at, { key, how }] of chainOf(identity).entries())
    steps.push(
      step('identity', key, at === 0 && others > 0 ? `${how}, as ${others} more of these workloads can` : how),
    );
  steps.push(step('data', end.key, end.how));
  return {
    steps,
    blastRadius: found.blastRadius,
    reaches: found.reaches,
    findings: (start?.findings ?? []).map(({ finding }) => finding.id),
    seen: steps.some(({ key }) => seen.has(key)),
  };
}

/** How an attacker gets into the workload of a path. */
function entered({ exposed, by, findings }: Start): string {
  const way = exposed ? reachable(by) : NAMED;
  const [worst] = findings;
  if (worst === undefined) return way;
  const { finding, priority } = worst;
  const more = findings.length > 1 ? ` and ${findings.length - 1} more` : '';
  return `${way}; ${finding.cves[0] ?? finding.title} (${priority})${more}`;
}
