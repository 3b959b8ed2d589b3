import { arrayOf, textOf, type JsonObject } from '../../../platform/json.ts';
import { githubRepositoryKey } from '../../timeline/entity-keys.ts';
import type { OcsfEvent } from '../../timeline/ocsf/types.ts';
import { applicationFinding, exposureTag, vulnerabilityFinding, type FindingBase } from '../shared/finding-event.ts';
import { secretFinding } from '../shared/secret-in-code.ts';
import { UNSTATED_WEAKNESS } from '../shared/weakness-ids.ts';
import { alertUid } from './alert.ts';
import { ALERT_ENTRIES, resolvedState, type EntryMeaning } from './alert-state.ts';
import type { Named } from './audit.ts';
import { isAlertNumber, type CheckedEntry } from './check.ts';
import { cloudOf, idOf, repositoryResource } from './parties.ts';
import { secretSeverity, titleOfSecret } from './secret-scanning.ts';

/** A finding that an entry tells of. */
interface EntryFinding {
  readonly ocsf: OcsfEvent;
  readonly principal: string;
}

/**
 * The finding whose standing an entry changes, under the id that its alert has. Undefined for entries that change none, that are about several alerts at
 * once (code scanning writes one entry for all that a commit closes), that name no alert, or that tell of a pull request: what is there, or is
 * gone, in the code of a pull request says nothing of the repository.
 */
export function alertEntry({ record, action, time }: CheckedEntry, named: Named): EntryFinding | undefined {
  const meaning = ALERT_ENTRIES.get(action);
  const number = numberOf(record);
  const { repository } = named;
  if (meaning === undefined || number === undefined || repository === undefined) return undefined;
  if (textOf(record['ref'])?.startsWith('refs/pull/') === true) return undefined;
  const { kind } = meaning;
  const isPublic = record['publicly_leaked'] === true || record['public_repo'] === true;
  const isSecret = kind === 'secret-scanning';
  const base: FindingBase = {
    state: meaning.state === 'resolved' ? resolvedState(textOf(record['resolution'])) : meaning.state,
    severity: isSecret ? secretSeverity(isPublic, record['current_validity']) : 0,
    time,
    metadata: named.metadata,
    cloud: cloudOf(named.organization, idOf(record['org_id'])),
    finding_info: {
      uid: alertUid(repository, kind, number),
      title: titleOf(meaning, record, number),
      types: [kind],
      src_url: `https://github.com/${repository}/security/${kind}/${number}`,
      tags: isSecret && isPublic ? [exposureTag('internet')] : undefined,
    },
    resources: [repositoryResource(repository, idOf(record['repo_id']))],
    status_detail: textOf(record['dismiss_reason']) ?? textOf(record['resolution']),
    unmapped: named.unmapped,
  };
  return { ocsf: findingOf(meaning, record, base), principal: githubRepositoryKey(repository) };
}

function findingOf({ kind }: EntryMeaning, record: JsonObject, base: FindingBase): OcsfEvent {
  const { title } = base.finding_info;
  if (kind === 'dependabot') return vulnerabilityFinding(base, [{ title, advisory: { uid: advisoryOf(record) } }]);
  if (kind === 'code-scanning') return applicationFinding(base, [{ title, cwe: { uid: UNSTATED_WEAKNESS } }]);
  return secretFinding(base, undefined);
}

function titleOf({ kind }: EntryMeaning, record: JsonObject, number: number): string {
  if (kind === 'dependabot') return `Vulnerable dependency: ${advisoryOf(record)}`;
  return kind === 'code-scanning' ? `Code scanning alert ${number}` : titleOfSecret(record);
}

const advisoryOf = (record: JsonObject): string =>
  textOf(record['ghsa_id'])?.slice(0, 100) ?? 'an advisory without an id';

/** The alert that an entry is about, where it is one alone. */
function numberOf(record: JsonObject): number | undefined {
  const [first, ...more] = arrayOf(record['alert_numbers']) ?? [];
  const stated = first ?? record['alert_number'] ?? record['number'];
  return more.length === 0 && isAlertNumber(stated) ? stated : undefined;
}
