import { LEVELS, type Level } from '../timeline/signal.ts';

/** How bad an incident is, as Sentinel names it. */
export type SentinelSeverity = 'Informational' | 'Low' | 'Medium' | 'High';

/** What may become of the severity of incidents that are there: never changed, only raised, or set either way. */
export type SeverityPolicy = 'never' | 'raise' | 'set';

const SEVERITIES: Readonly<Record<Level, SentinelSeverity>> = {
  informational: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'High',
};

/** Sentinel's name of a level: it has none above `High`. */
export const severityOf = (level: Level): SentinelSeverity => SEVERITIES[level];

/**
 * The severity that an incident is to get.
 * @param current what it has
 * @param wanted what Crosstrail holds it to be
 * @returns undefined where it stays
 */
export function newSeverity(
  current: Level,
  wanted: Level | undefined,
  policy: SeverityPolicy,
): SentinelSeverity | undefined {
  if (wanted === undefined || policy === 'never' || severityOf(wanted) === severityOf(current)) return undefined;
  if (policy === 'raise' && LEVELS.indexOf(wanted) < LEVELS.indexOf(current)) return undefined;
  return severityOf(wanted);
}
