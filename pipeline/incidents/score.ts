import { TACTICS } from '../timeline/attack/tactics.ts';
import type { Grounds, IncidentAlert, ScoreReason } from '../timeline/incident.ts';
import { kubernetesUsernameOf } from '../timeline/identity/key-traits.ts';
import { LEVELS, type Level } from '../timeline/signal.ts';
import { cloudsOf } from './clouds.ts';
import { tacticChain } from './tactic-chain.ts';

export interface Score {
  /** 0 to 100. */
  readonly score: number;
  readonly severity: Level;
  /** What the score is the sum of. */
  readonly reasons: readonly ScoreReason[];
  readonly grounds: Grounds;
}

/** The points at which an incident is of a severity. Below the lowest it is low. */
const SEVERITIES = [
  { from: 85, severity: 'critical' },
  { from: 60, severity: 'high' },
  { from: 30, severity: 'medium' },
] as const satisfies readonly { from: number; severity: Level }[];

/** Points of an incident of medium severity. */
export const MEDIUM = 30;
const HIGH = 60;
const FULL = 100;

/** How sure it is that an alert of a level, by itself, is an attack. Rules are taken for independent witnesses of it. */
const WITNESS: Readonly<Record<Level, number>> = {
  informational: 0.02,
  low: 0.07,
  medium: 0.25,
  high: 0.5,
  critical: 0.85,
};
/** The most that alerts by themselves amount to. */
const ALERTS = 60;
/**
 * The rest counts in full only beside alerts that amount to this, one of level high, and beside others in proportion to the square: several
 * trifles in several places remain trifles.
 */
const GRAVE = 30;

const PER_TACTIC = 4;
const MOST_TACTICS = 24;
const PER_CLOUD = 5;
/** From Microsoft's clouds to AWS or back is further than from Entra to Azure. */
const ACROSS_VENDORS = 5;
const PRIVILEGE = 5;

/**
 * What alerts that belong together amount to: how grave they are by themselves, how far they lead through ATT&CK's tactics, over how many
 * clouds, and whether they touch privilege. A function of the alerts alone, in whatever order.
 *
 * An alert alone is one severity below its level, for one rule may be wrong; but a critical one makes at least high. What its rules only
 * count (`monitor`) never makes high.
 */
export function scoreOf(alerts: readonly IncidentAlert[]): Score {
  const parts: ScoreReason[] = [];
  const add = (what: string, points: number) => {
    if (Math.round(points) !== 0) parts.push({ what, points: Math.round(points) });
  };
  const grounds: Grounds = {
    points: addAlerts(alerts, add),
    critical: alerts.some(({ alert }) => alert.severity === 'critical'),
    counted: alerts.every(({ alert }) => alert.decision === 'monitor'),
  };
  const share = shareOf(grounds);

  const chain = tacticChain(alerts.flatMap(({ alert }) => alert.techniques));
  const steps = `${chain.length} tactics: ${chain.map(tacticName).join(', ')}`;
  if (chain.length > 1) add(steps, share * Math.min(MOST_TACTICS, PER_TACTIC * (chain.length - 1)));

  const clouds = cloudsOf(alerts.flatMap(({ events }) => events.map(({ source }) => source)));
  const across = clouds.includes('AWS') ? ACROSS_VENDORS : 0;
  if (clouds.length > 1)
    add(`${clouds.length} clouds: ${clouds.toSorted().join(', ')}`, share * (PER_CLOUD * (clouds.length - 1) + across));

  if (alerts.some(touchesPrivilege))
    add('rights, roles or the ways to sign in were changed or abused', share * PRIVILEGE);
  return scored(parts, grounds);
}

/** How much of what is known beside the alerts counts: all of it beside grave ones, next to nothing beside trifles. 0 to 1. */
export const shareOf = ({ points }: Grounds): number => Math.min(1, points / GRAVE) ** 2;

/** The sum of the parts of a score, held to its bounds. @param parts those that are bounds are left out and worked out anew */
export function scored(parts: readonly ScoreReason[], grounds: Grounds): Score {
  const reasons = parts.filter(({ bound }) => bound === undefined);
  const sum = () => reasons.reduce((total, { points }) => total + points, 0);
  const hold = (what: string, points: number) => {
    if (points !== 0) reasons.push({ what, points, bound: true });
  };
  if (grounds.critical) hold('a critical alert is never less than high', Math.max(0, HIGH - sum()));
  if (grounds.counted) hold('all of it is only counted by its rules', -Math.max(0, sum() - HIGH + 1));
  hold('there is no more than 100', -Math.max(0, sum() - FULL));
  return { score: sum(), severity: severityOf(sum()), reasons, grounds };
}

const severityOf = (score: number): Level => SEVERITIES.find(({ from }) => score >= from)?.severity ?? 'low';

const tacticName = (shortName: string): string =>
  TACTICS.find((tactic) => tactic.shortName === shortName)?.name ?? shortName;

/** Each rule counts once, by the gravest of its alerts. */
function addAlerts(alerts: readonly IncidentAlert[], add: (what: string, points: number) => void): number {
  const levels = new Map<string, Level>();
  for (const { alert } of alerts) {
    const known = levels.get(alert.rule.id);
    if (known === undefined || LEVELS.indexOf(known) < LEVELS.indexOf(alert.severity))
      levels.set(alert.rule.id, alert.severity);
  }
  const counts = LEVELS.toReversed().flatMap((level) => {
    const count = [...levels.values()].filter((one) => one === level).length;
    return count === 0 ? [] : [`${count} ${level}`];
  });
  const doubt = [...levels.values()].reduce((product, level) => product * (1 - WITNESS[level]), 1);
  const points = Math.round(ALERTS * (1 - doubt));
  add(`${levels.size === 1 ? 'one rule' : `${levels.size} rules`} fired: ${counts.join(', ')}`, points);
  return points;
}

/**
 * Techniques by which somebody gains or keeps rights: account manipulation (roles, credentials), changed trust of a domain or tenant, abused
 * elevation, changed authentication, access token manipulation.
 */
const PRIVILEGE_TECHNIQUES: ReadonlySet<string> = new Set(['T1098', 'T1484', 'T1548', 'T1556', 'T1134']);

function touchesPrivilege({ alert, events }: IncidentAlert): boolean {
  return (
    alert.techniques.some((id) => PRIVILEGE_TECHNIQUES.has(id.split('.', 1)[0] ?? '')) ||
    events.some(({ principal }) => isAlmighty(principal))
  );
}

/** Root of an AWS account, and whoever holds the administrator certificate of a cluster. */
const isAlmighty = (key: string): boolean =>
  /^aws:arn:[^:]*:iam::\d*:root$/.test(key) || kubernetesUsernameOf(key) === 'masterclient';
