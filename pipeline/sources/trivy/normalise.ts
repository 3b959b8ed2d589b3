import { objectOf, textOf, type Json } from '../../../platform/json.ts';
import type { Event } from '../../timeline/event.ts';
import { OCSF_VERSION, type Metadata } from '../../timeline/ocsf/types.ts';
import { EntityList } from '../shared/entity-list.ts';
import { digest, eventId } from '../shared/event-id.ts';
import type { FindingBase } from '../shared/finding-event.ts';
import { NEW, RESOLVED, severityIdOf, SUPPRESSED, type FindingState } from '../shared/finding-state.ts';
import { cutText } from '../shared/pick.ts';
import { vulnerabilityEntity } from '../shared/vulnerability.ts';
import { assetOf, resourceOf } from './asset.ts';
import type { CheckedFinding } from './check.ts';
import { misconfigurationEvent, secretEvent, vulnerabilityEvent } from './kinds.ts';

const DESCRIBE = {
  Vulnerability: vulnerabilityEvent,
  Misconfiguration: misconfigurationEvent,
  Secret: secretEvent,
} as const;

/** A finding that passed its check, as an event. */
export function normalise(checked: CheckedFinding): Event {
  const { record, artifact, kind, finding, result, time } = checked;
  const asset = assetOf(artifact, record);
  const described = DESCRIBE[kind](finding, result);
  const target = textOf(result['Target']);
  const place = [textOf(result['Class']) ?? '', target ?? '', ...described.identity];
  const uid = `${cutText(described.id, 100)}/${digest(JSON.stringify([asset.key, kind, described.id, ...place]))}`;
  const state = stateOf(checked);
  const base: FindingBase = {
    state,
    severity: severityIdOf(finding['Severity']),
    time,
    metadata: metadataOf(checked),
    finding_info: {
      uid,
      title: described.title,
      desc: textOf(finding['Description']),
      types: typesOf(kind, result['Class']),
      src_url: textOf(finding['PrimaryURL']),
      data_sources: target === undefined ? undefined : [target],
    },
    resources: [resourceOf(asset, record)],
    message: textOf(finding['Message']),
    status_code: textOf(finding['Status']),
    status_detail: textOf(objectOf(record['Modified'])?.['Statement']),
    unmapped: { Result: result, [kind]: finding },
  };
  const entities = new EntityList();
  entities.add({ kind: 'resource', key: asset.key, part: 'target', label: asset.name });
  for (const cve of described.cves) entities.add(vulnerabilityEntity(cve));
  return {
    id: eventId('trivy', uid, String(time), state.status.status),
    source: 'trivy',
    recordId: uid,
    time,
    ocsf: described.event(base),
    entities: entities.entities,
    principal: asset.key,
  };
}

/** A report shows what is there; beside it, on request, what passed a check, and what somebody decided to ignore. */
function stateOf({ record, finding, kind }: CheckedFinding): FindingState {
  const modified = objectOf(record['Modified']);
  if (modified !== undefined) return modified['Status'] === 'fixed' ? RESOLVED : SUPPRESSED;
  if (kind !== 'Misconfiguration') return NEW;
  if (finding['Status'] === 'EXCEPTION') return SUPPRESSED;
  return finding['Status'] === 'PASS' ? RESOLVED : NEW;
}

const typesOf = (kind: string, group: Json | undefined): string[] =>
  [kind, textOf(group)].filter((text) => text !== undefined);

function metadataOf({ record, result, time, written }: CheckedFinding): Metadata {
  return {
    version: OCSF_VERSION,
    product: {
      name: 'Trivy',
      vendor_name: 'Aqua Security',
      version: textOf(objectOf(record['Trivy'])?.['Version']),
    },
    log_name: textOf(result['Class']),
    log_version: '2',
    event_code: textOf(result['Type']),
    correlation_uid: textOf(record['ReportID']),
    original_time: written,
    logged_time: written === undefined ? time : undefined,
  };
}
