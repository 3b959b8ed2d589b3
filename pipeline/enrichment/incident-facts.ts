import { systemClock, type Clock } from '../../platform/clock.ts';
import type { Asset } from '../timeline/asset.ts';
import { ASKED, type AttackPath, type IncidentFacts, type IndicatorHit } from '../timeline/context.ts';
import type { Finding } from '../timeline/finding.ts';
import type { Incident } from '../timeline/incident.ts';
import type { PostureCondition } from '../timeline/posture-change.ts';
import { LEVELS } from '../timeline/signal.ts';
import { inParallel } from '../timeline/store/parallel.ts';
import { exposureOf, standingConditions, type JoinedExposure } from './assets/exposure.ts';
import type { AttackPathSources } from './attack-paths/attack-path-sources.ts';
import { attackPaths } from './attack-paths/attack-paths.ts';
import type { FindingReader } from './findings/finding-reader.ts';
import { weighAll } from './findings/weigh-all.ts';
import type { Knowledge } from './knowledge.ts';
import type { UseReader } from './uses.ts';

/** Where facts are had from. */
export interface FactSources {
  readonly knowledge: () => Knowledge;
  readonly findings: FindingReader;
  readonly uses: UseReader;
  readonly clock?: Clock | undefined;
  /** For all that is not in memory, milliseconds; 0: only what is in memory is told. */
  readonly budget?: number | undefined;
}

/** What is asked of an incident: what it names, and when it was. */
export type Touching = Pick<Incident, 'graph' | 'principals' | 'firstSeen'>;

/** What is weak, until it is mended. */
export interface KnownCondition {
  readonly condition: PostureCondition;
  readonly resource: string;
  /** Set where it was mended. */
  readonly undone?: unknown;
}

const BUDGET = 5000;
/** So much of an incident is asked about, and so much of each is told; the weightiest first. */
const MOST_ASSETS = 40;
const MOST_ASKED = 80;
/** Of one incident: several are asked about at once, and connections are few. */
const ASKED_AT_ONCE = 8;
const MOST_IDENTITIES = 20;
const MOST_TOLD = 20;
/** Of more findings than this in all its places together, those of the highest severity are weighed. */
const MOST_WEIGHED = 10_000;
/** Before those that are the same under several names are one. */
const MOST_PATHS = 25;
const MOST_PATHS_TOLD = 5;

/**
 * What is known of what an incident touches: its assets and those whose identities acted in it, what scanners found there, indicators that its
 * addresses are, and the ways from the internet to data that it is on. Never throws; what cannot be asked within the budget is named as missing.
 */
export async function incidentFacts(
  incident: Touching,
  conditions: readonly KnownCondition[],
  { knowledge: current, findings: reader, uses: useReader, clock = systemClock, budget = BUDGET }: FactSources,
): Promise<IncidentFacts> {
  const knowledge = current();
  const missing = new Set(knowledge.missing.others);
  const deadline = new AbortController();
  let isLate = budget <= 0;
  const late = clock.wait(budget, deadline.signal).then(() => {
    isLate = true;
    return false;
  });
  /** What a reader says of each key; a part of it where it fails or takes too long. */
  const ask = async <T>(what: string, keys: readonly string[], read: (key: string) => Promise<readonly T[]>) => {
    const answers = new Map<string, readonly T[]>();
    if (keys.length === 0) return answers;
    const answered = async (): Promise<boolean> => {
      await inParallel(keys, ASKED_AT_ONCE, async (key) => {
        if (!isLate) answers.set(key, await read(key));
      });
      return !isLate;
    };
    const all = budget > 0 && (await Promise.race([answered().catch(() => false), late]));
    if (!all) missing.add(what);
    return new Map(answers);
  };

  const standing = standingConditions(conditions.filter(({ undone }) => undone === undefined));
  const exposure = (key: string): JoinedExposure => exposureOf(key, knowledge.assets, standing);
  const touched = touchedAssets(incident, knowledge).map((asset) => withExposure(asset, exposure(asset.key)));
  const identities = identitiesOf(incident, touched);
  const found = await ask(ASKED.findings, placesOf(incident, touched), (key) => reader.ofAsset(key));
  const seen = await ask(ASKED.uses, identities, (key) => useReader.of(key));
  deadline.abort();

  const weighed = weighAll(gravest([...found.values()].flat()), knowledge, standing, clock.now());
  if (weighed.some(({ vulnerabilities }) => vulnerabilities.length > 0))
    for (const what of knowledge.missing.vulnerabilities) missing.add(what);
  const byAsset = Map.groupBy(weighed, ({ finding }) => finding.asset);
  return {
    assets: touched.slice(0, MOST_TOLD).map((asset) => brief(asset, (key) => byAsset.has(key))),
    findings: weighed.slice(0, MOST_TOLD),
    hits: hitsOf(incident, knowledge).slice(0, MOST_TOLD),
    paths: byPrincipal(incident, {
      assets: knowledge.assets,
      findingsOf: (key) => byAsset.get(key) ?? [],
      exposureOf: exposure,
      uses: (principal) => seen.get(principal) ?? [],
    }),
    missing: [...missing].sort(),
  };
}

const nodesOf = ({ graph }: Touching, ...kinds: readonly Incident['graph']['nodes'][number]['kind'][]): string[] =>
  graph.nodes.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id);

const seedsOf = (incident: Touching): string[] => [
  ...new Set([...nodesOf(incident, 'resource', 'principal', 'session', 'credential'), ...namesOf(incident)]),
];

/** The attack paths that an incident is on or near; one that a principal is on under several of its names, once, under its own. */
function byPrincipal(incident: Touching, sources: AttackPathSources): AttackPath[] {
  const named = new Map(
    incident.principals.flatMap(({ id, label, aliases }) =>
      [id, ...aliases].map((key) => [key, { id, label }] as const),
    ),
  );
  const paths = attackPaths(seedsOf(incident), sources, { paths: MOST_PATHS }).map((path) => ({
    ...path,
    steps: path.steps.map((step) => {
      const principal = named.get(step.key);
      return principal === undefined ? step : { ...step, key: principal.id, label: principal.label };
    }),
  }));
  const once = new Map<string, AttackPath>();
  for (const path of paths) {
    const way = path.steps.map(({ key }) => key).join('\n');
    if (!once.has(way)) once.set(way, path);
  }
  return [...once.values()].slice(0, MOST_PATHS_TOLD);
}

/** All names of who is behind it. */
const namesOf = ({ principals }: Touching): string[] => principals.flatMap(({ id, aliases }) => [id, ...aliases]);

/** Assets that were acted upon, and those that can act as who acted; the most important first. */
function touchedAssets(incident: Touching, { assets }: Knowledge): Asset[] {
  const found = new Map<string, Asset>();
  const add = (asset: Asset | undefined) => asset && found.set(asset.key, asset);
  for (const key of nodesOf(incident, 'resource')) add(assets.find(key));
  for (const key of new Set([...nodesOf(incident, 'principal', 'session', 'credential'), ...namesOf(incident)])) {
    add(assets.get(key));
    for (const asset of assets.actingAs(key)) add(asset);
  }
  return [...found.values()]
    .sort((a, b) => (b.importance ?? 0) - (a.importance ?? 0) || (a.key < b.key ? -1 : 1))
    .slice(0, MOST_ASSETS);
}

const withExposure = (asset: Asset, { exposure, by }: JoinedExposure): Asset => ({
  ...asset,
  exposure,
  ...(by !== undefined && { exposedBy: by }),
});

function gravest(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= MOST_WEIGHED) return findings;
  const bySeverity = Map.groupBy(findings, ({ severity }) => severity);
  return LEVELS.toReversed()
    .flatMap((level) => bySeverity.get(level) ?? [])
    .slice(0, MOST_WEIGHED);
}

/** The asset with so much of what belongs to it as an incident's row has room for: an inventory may name hundreds. What is weak comes first. */
function brief(asset: Asset, isWeak: (key: string) => boolean): Asset {
  const [weak, others] = [asset.behind.filter(isWeak), asset.behind.filter((key) => !isWeak(key))];
  return {
    ...asset,
    identities: asset.identities.slice(0, MOST_TOLD),
    behind: [...weak, ...others].slice(0, MOST_TOLD),
  };
}

/** Where findings are looked for: in assets, in the images that they run, and in what was acted upon though no inventory names it. */
function placesOf(incident: Touching, touched: readonly Asset[]): string[] {
  const images = touched.flatMap(({ behind }) => behind.filter((key) => key.startsWith('image:')));
  const keys = [...touched.map(({ key }) => key), ...images, ...nodesOf(incident, 'resource')];
  return [...new Set(keys)].slice(0, MOST_ASKED);
}

const identitiesOf = (incident: Touching, touched: readonly Asset[]): string[] =>
  [...new Set([...touched.flatMap(({ identities }) => identities), ...namesOf(incident)])].slice(0, MOST_IDENTITIES);

/** Each indicator that an address of the incident is at the time when it was met. */
function hitsOf(incident: Touching, { intel }: Knowledge): IndicatorHit[] {
  const { edges } = incident.graph;
  const hits = new Map<string, IndicatorHit>();
  for (const key of nodesOf(incident, 'address')) {
    const times = edges.filter(({ from, to }) => from === key || to === key).map(({ time }) => time);
    for (const time of times.length === 0 ? [incident.firstSeen] : times) {
      for (const hit of intel.hits([key], time)) hits.set(`${key} ${hit.indicator.id}`, hit);
    }
  }
  return [...hits.values()].sort(
    (a, b) =>
      (b.indicator.confidence ?? 100) - (a.indicator.confidence ?? 100) || (a.indicator.id < b.indicator.id ? -1 : 1),
  );
}
