import { ASKED, type IncidentFacts } from '../timeline/context.ts';
import type { WeighedFinding } from '../timeline/finding.ts';

const MOST_FACTS = 20;
const MOST_PATHS = 5;

/**
 * What is known of an incident where not all that was asked answered: of what did not, what was said before still counts; what answered counts as it
 * answers now.
 * @param told what was said before; undefined where nothing was
 */
export function stillKnown(told: IncidentFacts | undefined, facts: IncidentFacts): IncidentFacts {
  const { missing } = facts;
  if (told === undefined || missing.length === 0) return facts;
  const silent = (...what: readonly string[]): boolean => what.some((each) => missing.includes(each));
  const asked: readonly string[] = Object.values(ASKED);
  const lacksKnowledge = missing.some((what) => !asked.includes(what));
  const lacksAssets = lacksKnowledge && !told.assets.every(({ key }) => facts.assets.some((one) => one.key === key));
  return {
    assets: lacksKnowledge ? both(told.assets, facts.assets, ({ key }) => key, importance) : facts.assets,
    findings: findingsStillKnown(told.findings, facts.findings, silent(ASKED.findings)),
    hits: lacksKnowledge
      ? both(told.hits, facts.hits, ({ key, indicator }) => `${key} ${indicator.id}`, confidence)
      : facts.hits,
    paths:
      silent(ASKED.findings, ASKED.uses) || lacksAssets
        ? both(told.paths, facts.paths, ({ steps }) => steps.map(({ key }) => key).join('\n'), blastRadius, MOST_PATHS)
        : facts.paths,
    missing,
  };
}

/** @param silent whether those that are not among the present ones may only not have been asked */
function findingsStillKnown(
  before: readonly WeighedFinding[],
  now: readonly WeighedFinding[],
  silent: boolean,
): readonly WeighedFinding[] {
  const known = new Map(before.map((one) => [one.finding.id, one]));
  const present = now.map((one) => {
    const told = known.get(one.finding.id);
    // What makes one weigh less only because a feed or inventory is not there yet.
    const knewMore = told !== undefined && one.missing.some((what) => !told.missing.includes(what));
    return knewMore && told.rank > one.rank ? told : one;
  });
  return both(silent ? before : [], present, ({ finding }) => finding.id, rank);
}

const importance = ({ importance: of = 0 }: IncidentFacts['assets'][number]): number => of;
const confidence = ({ indicator }: IncidentFacts['hits'][number]): number => indicator.confidence ?? 100;
const blastRadius = ({ blastRadius: of }: IncidentFacts['paths'][number]): number => of;
const rank = ({ rank: of }: WeighedFinding): number => of;

/** Those of before and of now, each once and as of now, the weightiest first. */
function both<T>(
  before: readonly T[],
  now: readonly T[],
  idOf: (one: T) => string,
  weightOf: (one: T) => number,
  most = MOST_FACTS,
): readonly T[] {
  const all = new Map([...before, ...now].map((one) => [idOf(one), one]));
  return [...all.values()].sort((a, b) => weightOf(b) - weightOf(a)).slice(0, most);
}
