import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { NEW, RESOLVED, STILL_NEW, SUPPRESSED, type FindingState, type SeverityId } from '../shared/finding-state.ts';

/**
 * Where a result stands. It is suppressed where it has suppressions and none of them is in review or refused (3.27.23), gone where it is there no more
 * since the baseline (3.27.24), and no fault at all where it passed or does not apply (3.27.9).
 */
export function stateOf(result: JsonObject): FindingState {
  const { kind, baselineState } = result;
  if (baselineState === 'absent' || kind === 'pass' || kind === 'notApplicable') return RESOLVED;
  const suppressions = arrayOf(result['suppressions']) ?? [];
  const stands = (suppression: Json): boolean => {
    const status = objectOf(suppression)?.['status'];
    return status !== 'underReview' && status !== 'rejected';
  };
  if (suppressions.length > 0 && suppressions.every(stands)) return SUPPRESSED;
  return baselineState === 'unchanged' || baselineState === 'updated' ? STILL_NEW : NEW;
}

const LEVELS: ReadonlyMap<string | undefined, SeverityId> = new Map<string | undefined, SeverityId>([
  ['error', 4],
  ['warning', 3],
  ['note', 2],
  ['none', 1],
]);

/**
 * How bad a result is: by the score that GitHub asks scanners for, in its steps (docs.github.com, "SARIF support for code scanning":
 * `security-severity`), otherwise by its level or that of its rule, which is `warning` where neither says (3.27.10).
 * @param unstated how bad it is where nothing says
 */
export function severityOf(rule: JsonObject | undefined, result: JsonObject, unstated: SeverityId = 3): SeverityId {
  const score = scoreOf(result) ?? scoreOf(rule);
  if (score !== undefined) return score >= 9 ? 5 : score >= 7 ? 4 : score >= 4 ? 3 : score > 0 ? 2 : 1;
  if (result['kind'] === 'informational') return 1;
  const level = textOf(result['level']) ?? textOf(objectOf(rule?.['defaultConfiguration'])?.['level']);
  return LEVELS.get(level) ?? unstated;
}

function scoreOf(holder: JsonObject | undefined): number | undefined {
  const text = textOf(objectOf(holder?.['properties'])?.['security-severity']);
  if (text === undefined || !/^\d{1,2}(?:\.\d{1,3})?$/.test(text)) return undefined;
  const score = Number(text);
  return score <= 10 ? score : undefined;
}
