import { textOf, type JsonObject } from '../../../platform/json.ts';
import { DELETED, NEW, RESOLVED, STILL_NEW, SUPPRESSED, type FindingState } from '../shared/finding-state.ts';
import type { AlertKind } from './forms.ts';

/**
 * Reasons for closing a secret that are no end of it: only one that was revoked is harmless.
 * https://docs.github.com/rest/secret-scanning/secret-scanning (`resolution`)
 */
const NOT_REVOKED: ReadonlySet<string> = new Set([
  'false_positive',
  'pattern_deleted',
  'pattern_edited',
  'used_in_tests',
  'wont_fix',
]);

/**
 * The states of alerts that are closed, and what webhooks call their closing. `closed` is what older versions call a dismissed alert of code scanning.
 */
const CLOSED: ReadonlyMap<string, FindingState> = new Map([
  ['fixed', RESOLVED],
  ['dismissed', SUPPRESSED],
  ['auto_dismissed', SUPPRESSED],
  ['closed', SUPPRESSED],
  ['closed_by_user', SUPPRESSED],
]);

/** Where an alert stands, by its state, and where it has none by whether it was resolved (older alerts over secrets), or by what was done to it. */
export function alertState(alert: JsonObject, action: string | undefined): FindingState {
  const state = textOf(alert['state']);
  const resolution = textOf(alert['resolution']);
  if (state === 'resolved' || (state === undefined && resolution !== undefined)) return resolvedState(resolution);
  return CLOSED.get(state ?? action ?? '') ?? (action === undefined || action === 'created' ? NEW : STILL_NEW);
}

/** A secret that was resolved. */
export const resolvedState = (resolution: string | undefined): FindingState =>
  resolution !== undefined && NOT_REVOKED.has(resolution) ? SUPPRESSED : RESOLVED;

/** What an entry of the audit log says of an alert: whose it is, and where it stands from then on. */
export interface EntryMeaning {
  readonly kind: AlertKind;
  /** Of an alert that is resolved its entry says how. */
  readonly state: FindingState | 'resolved';
}

const of = (kind: AlertKind, states: Readonly<Record<string, EntryMeaning['state']>>): [string, EntryMeaning][] =>
  Object.entries(states).map(([action, state]) => [action, { kind, state }]);

/**
 * The entries of the audit log that change where an alert stands; others about alerts (who is to look at one, a request to close one) are
 * what somebody did, and no more.
 * https://docs.github.com/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization
 */
export const ALERT_ENTRIES: ReadonlyMap<string, EntryMeaning> = new Map([
  ...of('dependabot', {
    'repository_vulnerability_alert.create': NEW,
    'repository_vulnerability_alert.reintroduce': STILL_NEW,
    'repository_vulnerability_alert.reopen': STILL_NEW,
    'repository_vulnerability_alert.auto_reopen': STILL_NEW,
    'repository_vulnerability_alert.dismiss': SUPPRESSED,
    'repository_vulnerability_alert.auto_dismiss': SUPPRESSED,
    'repository_vulnerability_alert.resolve': RESOLVED,
    'repository_vulnerability_alert.withdraw': RESOLVED,
  }),
  ...of('code-scanning', {
    'code_scanning.alert_created': NEW,
    'code_scanning.alert_appeared_in_branch': STILL_NEW,
    'code_scanning.alert_reappeared': STILL_NEW,
    'code_scanning.alert_reopened_by_user': STILL_NEW,
    'code_scanning.alert_closed_by_user': SUPPRESSED,
    'code_scanning.alert_closed_became_fixed': RESOLVED,
    'code_scanning.alert_closed_became_outdated': RESOLVED,
    'code_scanning.alert_deleted_by_user': DELETED,
  }),
  ...of('secret-scanning', {
    'secret_scanning_alert.create': NEW,
    'secret_scanning_alert.reopen': STILL_NEW,
    'secret_scanning_alert.public_leak': STILL_NEW,
    'secret_scanning_alert.validate': STILL_NEW,
    'secret_scanning_alert.resolve': 'resolved',
    'secret_scanning_alert.revoke': RESOLVED,
    'secret_scanning_alert.delete': DELETED,
  }),
]);
