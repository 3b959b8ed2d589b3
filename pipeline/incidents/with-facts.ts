import type { Asset, DataClass } from '../timeline/asset.ts';
import type { AttackPath, Indicator, IncidentContext, IncidentFacts, IndicatorHit } from '../timeline/context.ts';
import type { WeighedFinding } from '../timeline/finding.ts';
import type { Incident, ScoreReason } from '../timeline/incident.ts';
import type { Decision, Level } from '../timeline/signal.ts';
import { stronger } from './alert.ts';
import { scored, shareOf } from './score.ts';
import { bounded } from './story/quoted.ts';

/** Somebody exploits it somewhere, and everybody can reach it here. */
const EXPLOITED_AND_PUBLIC = 15;
const RANSOMWARE = 3;
const TO_ACT = 8;
const TO_ATTEND = 4;
const IMPORTANT = 10;
const EXPOSED = 3;
const PATH = 10;
const DATA: Readonly<Partial<Record<DataClass, number>>> = { restricted: 4, confidential: 2 };
/** Of indicators, by how sure their source is; one that does not say is taken for sure. */
const INDICATORS = [
  { from: 75, points: 10 },
  { from: 50, points: 5 },
  { from: 0, points: 2 },
] as const;
const SURE = 75;

/** Characters. */
const LONGEST_REASONS = 200;

const GRAVE: readonly Level[] = ['high', 'critical'];

/**
 * An incident with what is known of what it touches: each fact that matters is a part of its score, in proportion to what its alerts amount to by
 * themselves, and may raise what is to be done. A function of both alone.
 * @param incident as its alerts make it, without facts
 */
export function withFacts(incident: Incident, facts: IncidentFacts): Incident {
  const share = shareOf(incident.grounds);
  const added = contributions(facts)
    .map(({ what, points }): ScoreReason => ({ what, points: Math.round(points * share) }))
    .filter(({ points }) => points > 0);
  const { score, severity, reasons } = scored([...incident.reasons, ...added], incident.grounds);
  const urgent = urgencyOf(facts);
  const decision = decisionOf(incident.decision, severity, urgent);
  const context: IncidentContext = {
    ...facts,
    ...(urgent !== undefined && { headline: urgent }),
    ...(decision !== incident.decision && { decidedBy: `${SAYS[decision]}, because ${urgent ?? ''}` }),
  };
  return { ...incident, score, severity, reasons, decision, context };
}

const SAYS: Readonly<Record<Decision, string>> = {
  monitor: 'it is only counted',
  warn: 'somebody is to be told, though its rules only count',
  block: 'it is to be contained, though its rules only warn',
};

/** What is exploited and public, or a known attacker, makes of counting a warning, and of a grave warning a call to contain. */
function decisionOf(decision: Decision, severity: Level, urgent: string | undefined): Decision {
  if (urgent === undefined) return decision;
  return stronger(decision, decision === 'monitor' || !GRAVE.includes(severity) ? 'warn' : 'block');
}

/** What is to be said before all else, if there is any such thing. */
export function urgencyOf({ findings, hits, assets }: IncidentFacts): string | undefined {
  const exploited = weightiest(findings);
  if (exploited !== undefined && isExploitedAndPublic(exploited)) {
    const asset = placeOf(exploited, assets);
    return `${nameOf(exploited, asset)} can be reached from the internet${by(asset)} and has ${exploitedText(exploited, asset)}`;
  }
  const hit = hits.find(({ indicator }) => confidenceOf(indicator) >= SURE);
  return hit && hitText(hit);
}

/** Each fact that counts, with its points beside grave alerts. */
function contributions({ findings, hits, assets, paths }: IncidentFacts): ScoreReason[] {
  return [
    ...findingReasons(findings, assets),
    ...hitReasons(hits),
    ...assetReasons(assets),
    ...paths
      .filter(({ seen }) => seen)
      .slice(0, 1)
      .map((path) => ({ what: `it is on an attack path: ${pathText(path)}`, points: (PATH * path.blastRadius) / 100 })),
  ];
}

const isOfRansomware = ({ vulnerabilities }: WeighedFinding): boolean =>
  vulnerabilities.some(({ kev }) => kev?.ransomware === true);

function findingPoints(finding: WeighedFinding): number {
  if (isExploitedAndPublic(finding)) return EXPLOITED_AND_PUBLIC + (isOfRansomware(finding) ? RANSOMWARE : 0);
  return { act: TO_ACT, attend: TO_ATTEND, track: 0 }[finding.priority];
}

/** The finding that counts for most; of several, the one to look at first. */
const weightiest = (findings: readonly WeighedFinding[]): WeighedFinding | undefined =>
  findings.reduce<WeighedFinding | undefined>(
    (best, one) => (best === undefined || findingPoints(one) > findingPoints(best) ? one : best),
    undefined,
  );

/** The weightiest counts; how many more there are is said. */
function findingReasons(findings: readonly WeighedFinding[], assets: readonly Asset[]): ScoreReason[] {
  const first = weightiest(findings);
  const points = first === undefined ? 0 : findingPoints(first);
  if (first === undefined || points === 0) return [];
  const others = findings.filter(({ priority }) => priority === first.priority).length - 1;
  const more = others > 0 ? `, and ${others} more to ${first.priority}${first.priority === 'attend' ? ' to' : ''}` : '';
  const asset = placeOf(first, assets);
  const name = nameOf(first, asset);
  if (isExploitedAndPublic(first))
    return [{ what: `${name}, reachable from the internet, has ${exploitedText(first, asset)}${more}`, points }];
  const what = `${name} has ${first.finding.cves[0] ?? bounded(first.finding.title)}: ${first.priority} (${bounded(first.reasons.slice(0, 2).join('; '), LONGEST_REASONS)})${more}`;
  return [{ what, points }];
}

function hitReasons(hits: readonly IndicatorHit[]): ScoreReason[] {
  const [first, ...others] = hits.toSorted((a, b) => confidenceOf(b.indicator) - confidenceOf(a.indicator));
  if (first === undefined) return [];
  const { points = 0 } = INDICATORS.find(({ from }) => confidenceOf(first.indicator) >= from) ?? {};
  return [{ what: `${hitText(first)}${others.length > 0 ? `, and ${others.length} more such` : ''}`, points }];
}

function assetReasons(assets: readonly Asset[]): ScoreReason[] {
  const best = <T>(value: (asset: Asset) => number, text: (asset: Asset) => T): T[] => {
    const found = assets.reduce<Asset | undefined>(
      (known, asset) => (value(asset) > (known === undefined ? 0 : value(known)) ? asset : known),
      undefined,
    );
    return found === undefined ? [] : [text(found)];
  };
  const importance = ({ importance = 0 }: Asset): number => Math.min(1, Math.max(0, importance));
  const data = ({ dataClass }: Asset): number => (dataClass === undefined ? 0 : (DATA[dataClass] ?? 0));
  const exposed = ({ exposure }: Asset): number => (exposure === 'internet' ? EXPOSED : 0);
  return [
    ...best(importance, (one) => ({
      what: `an important asset: ${described(one)}`,
      points: IMPORTANT * importance(one),
    })),
    ...best(data, (one) => ({ what: `${labelOf(one)} holds ${one.dataClass ?? ''} data`, points: data(one) })),
    ...best(exposed, (one) => ({
      what: `${labelOf(one)} can be reached from the internet${by(one)}`,
      points: EXPOSED,
    })),
  ];
}

/** A way from the internet to data in one line. */
export const pathText = ({ steps, reaches }: AttackPath): string =>
  `${steps.map(({ label }) => bounded(label)).join(' → ')}${reaches > 1 ? ` and ${reaches - 1} more` : ''}`;

/** An indicator that was met: what it is, who says so, and until when. */
export function hitText({ indicator, key }: IndicatorHit): string {
  const value = key.slice(key.indexOf(':') + 1);
  const within = value === indicator.value ? '' : ` (${bounded(indicator.value)})`;
  const until =
    indicator.validUntil === undefined ? '' : ` until ${new Date(indicator.validUntil).toISOString().slice(0, 10)}`;
  const about = indicator.description === undefined ? '' : `: ${bounded(indicator.description)}`;
  return `${bounded(value)}${within} is an indicator of ${bounded(indicator.source)}${until}${about}`;
}

const isExploitedAndPublic = ({ finding, exposure, vulnerabilities }: WeighedFinding): boolean =>
  finding.status === 'open' && exposure === 'internet' && vulnerabilities.some(({ kev }) => kev !== undefined);

/** What it was found in, or what runs the image that it was found in. */
const placeOf = ({ finding }: WeighedFinding, assets: readonly Asset[]): Asset | undefined =>
  assets.find(({ key, behind }) => key === finding.asset || behind.includes(finding.asset));

function exploitedText({ vulnerabilities, finding }: WeighedFinding, asset: Asset | undefined): string {
  const listed = vulnerabilities.find(({ kev }) => kev?.ransomware) ?? vulnerabilities.find(({ kev }) => kev);
  if (listed?.kev === undefined) return '';
  const { ransomware, dueDate } = listed.kev;
  const campaigns = ransomware ? ', also by ransomware campaigns' : '';
  const due = dueDate === '' ? '' : ` (to be mended by ${bounded(dueDate)})`;
  const within =
    asset === undefined || asset.key === finding.asset ? '' : ` in ${bounded(finding.assetLabel ?? finding.asset)}`;
  return `${listed.cve}${within}, which CISA knows to be exploited${campaigns}${due}`;
}

const confidenceOf = ({ confidence = 100 }: Indicator): number => confidence;

const labelOf = ({ name, key }: Asset): string => bounded(name ?? key);

const by = (asset: Asset | undefined): string =>
  asset?.exposedBy === undefined ? '' : ` by ${bounded(asset.exposedBy)}`;

const nameOf = ({ finding }: WeighedFinding, asset: Asset | undefined): string =>
  asset === undefined ? bounded(finding.assetLabel ?? finding.asset) : described(asset);

/** An asset by name, with what tells how much it matters. */
function described(asset: Asset): string {
  const facts = [asset.environment, asset.owner === undefined ? undefined : `owned by ${asset.owner}`]
    .filter((fact) => fact !== undefined)
    .map((fact) => bounded(fact));
  return `${labelOf(asset)}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
}
