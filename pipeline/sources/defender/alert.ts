import { arrayOf, isObject, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { scanTargetKey } from '../../timeline/entity-keys.ts';
import { UNKNOWN_PRINCIPAL, type Event } from '../../timeline/event.ts';
import { OCSF_VERSION, type Attack, type FindingInfo, type Remediation } from '../../timeline/ocsf/types.ts';
import { EntityList } from '../shared/entity-list.ts';
import { guidOf } from '../shared/entra-names.ts';
import { eventId } from '../shared/event-id.ts';
import { detectionFinding, FINDING_PROFILES } from '../shared/finding-event.ts';
import { IN_PROGRESS, NEW, RESOLVED, severityIdOf, SUPPRESSED, type FindingState } from '../shared/finding-state.ts';
import { remainder } from '../shared/remainder.ts';
import { parseTime } from '../shared/time.ts';
import { alertParties, type AlertParties } from './alert-entities.ts';
import type { CheckedRecord } from './check.ts';
import { azurePlace, type Place } from './place.ts';

/** `Entities`, `ExtendedProperties` and `ResourceIdentifiers` stay as a whole, for only parts of them have a place. */
const MAPPED: ReadonlySet<string> = new Set([
  'AlertDisplayName',
  'AlertType',
  'AlertUri',
  'AzureResourceId',
  'Description',
  'EndTimeUtc',
  'Intent',
  'ProductName',
  'RemediationSteps',
  'Severity',
  'StartTimeUtc',
  'Status',
  'SystemAlertId',
  'TimeGenerated',
  'VendorName',
]);
const MAX_LOOKED_AT = 20;

/**
 * An alert as an event, of the class Detection Finding. Its principal is who is said to have acted, where that is one identity of Entra; otherwise
 * the resource that it happened to.
 * https://learn.microsoft.com/azure/defender-for-cloud/alerts-schemas?tabs=schema-continuousexport
 */
export function alertEvent(checked: CheckedRecord): Event {
  const { record, id, time, originalTime } = checked;
  const identifiers = identifiersOf(record);
  const entities = new EntityList();
  const parties = alertParties(record.Entities, identifiers.tenant, identifiers.place, entities);
  const asset = assetOf(record, parties, entities);
  const state = stateOf(record.Status);
  const type = textOf(record.AlertType);
  const { places } = parties;
  return {
    id: eventId('defender', id, textOf(record.Status) ?? '', textOf(record.ProcessingEndTime) ?? originalTime),
    source: 'defender',
    recordId: id,
    time,
    ocsf: detectionFinding(
      {
        state,
        severity: severityIdOf(record.Severity),
        time,
        metadata: {
          version: OCSF_VERSION,
          product: {
            name: textOf(record.ProductName) ?? 'Microsoft Defender for Cloud',
            vendor_name: textOf(record.VendorName) ?? 'Microsoft',
          },
          profiles: FINDING_PROFILES,
          uid: id,
          event_code: type,
          original_time: originalTime,
          tenant_uid: identifiers.tenant,
        },
        cloud: places[0]?.cloud ?? { provider: 'Azure' },
        finding_info: findingOf(checked, type),
        resources: places.length === 0 ? undefined : places.slice(0, MAX_LOOKED_AT).map(({ resource }) => resource),
        message: textOf(record.CompromisedEntity),
        status_code: textOf(record.Status),
        unmapped: remainder(record, MAPPED),
      },
      parties.evidences.length === 0 ? undefined : parties.evidences,
      remediationOf(record.RemediationSteps),
    ),
    entities: entities.entities,
    principal: onlyOne(parties.actors) ?? asset ?? UNKNOWN_PRINCIPAL,
  };
}

function onlyOne(keys: readonly string[]): string | undefined {
  const [first, second] = new Set(keys);
  return second === undefined ? first : undefined;
}

/** What an alert says of itself beside its entities: the resource that it happened to, and the tenant. */
function identifiersOf(record: JsonObject): { place: Place | undefined; tenant: string | undefined } {
  const identifiers = (arrayOf(record.ResourceIdentifiers) ?? []).slice(0, MAX_LOOKED_AT).filter(isObject);
  let place = azurePlace(record.AzureResourceId);
  let tenant: string | undefined;
  for (const { AzureResourceId, AadTenantId, AzureResourceTenantId } of identifiers) {
    place ??= azurePlace(AzureResourceId);
    tenant ??= guidOf(AadTenantId) ?? guidOf(AzureResourceTenantId);
  }
  return { place, tenant };
}

/** The key of what it happened to. What is in no cloud, as a machine on premises, is known by the name that the alert gives it. */
function assetOf(record: JsonObject, { places }: AlertParties, entities: EntityList): string | undefined {
  const [first] = places;
  // What Defender for Cloud watches in AWS has an id in Azure too, which nothing else knows it by.
  const asset = isStandIn(first) ? (places.find(({ cloud }) => cloud.provider === 'AWS') ?? first) : first;
  if (asset !== undefined) return asset.entity.key;
  const name = textOf(record.CompromisedEntity);
  if (name === undefined) return undefined;
  const key = scanTargetKey(name);
  entities.add({ kind: 'resource', key, part: 'target', label: name.slice(0, 256) });
  return key;
}

const isStandIn = (place: Place | undefined): boolean =>
  place?.entity.key.includes('/providers/microsoft.security/securityconnectors/') === true;

function stateOf(status: Json | undefined): FindingState {
  switch (textOf(status)?.toLowerCase()) {
    case 'inprogress':
      return IN_PROGRESS;
    case 'resolved':
      return RESOLVED;
    case 'dismissed':
      return SUPPRESSED;
    default:
      return NEW;
  }
}

function findingOf({ record, id, title }: CheckedRecord, type: string | undefined): FindingInfo {
  const attacks = attacksOf(record);
  return {
    uid: id,
    title,
    desc: textOf(record.Description),
    types: type === undefined ? undefined : [type],
    analytic: type === undefined ? undefined : { uid: type, name: title, type_id: 0, type: 'Unknown' },
    attacks: attacks.length === 0 ? undefined : attacks,
    created_time: parseTime(record.TimeGenerated),
    modified_time: parseTime(record.ProcessingEndTime),
    first_seen_time: parseTime(record.StartTimeUtc),
    last_seen_time: parseTime(record.EndTimeUtc),
    src_url: textOf(record.AlertUri),
  };
}

const TECHNIQUE = /^T\d{4}(?:\.\d{3})?$/;
/** What `Intent` says beside tactics: https://learn.microsoft.com/azure/defender-for-cloud/alerts-reference#intentions */
const NO_TACTICS: ReadonlySet<string> = new Set(['', 'Unknown', 'PreAttack', 'Probing', 'Exploitation']);

/** Tactics as `Intent` lists them (`Persistence, CredentialAccess`), and techniques where the alert names some. */
function attacksOf(record: JsonObject): Attack[] {
  const intents = (textOf(record.Intent) ?? '').slice(0, 512).split(',', MAX_LOOKED_AT);
  const tactics = intents
    .map((intent) => intent.trim())
    .filter((intent) => !NO_TACTICS.has(intent))
    .map((intent): Attack => ({ tactic: { name: intent.replace(/([a-z])(?=[A-Z])/g, '$1 ') } }));
  const techniques = [record.Techniques, record.SubTechniques]
    .flatMap((list) => (arrayOf(list) ?? []).slice(0, MAX_LOOKED_AT))
    .map(textOf)
    .filter((technique) => technique !== undefined && TECHNIQUE.test(technique))
    .map((uid): Attack => ({ technique: { uid } }));
  return [...tactics, ...techniques];
}

function remediationOf(steps: Json | undefined): Remediation | undefined {
  const listed = typeof steps === 'string' ? [steps] : (arrayOf(steps) ?? []).slice(0, MAX_LOOKED_AT);
  const texts = listed.map(textOf).filter((step) => step !== undefined);
  return texts.length === 0 ? undefined : { desc: texts.join('\n') };
}
