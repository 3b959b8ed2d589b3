/** Incidents of Microsoft Sentinel and what belongs to them, as its REST API (2025-09-01) gives them, parsed. */
import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import type { Level } from '../timeline/signal.ts';
import { parseIncidentId, type IncidentAddress } from './incident-address.ts';

export const SENTINEL_API = '2025-09-01';

/** Thrown where the service answered with something that is no incident. */
export class SentinelError extends Error {
  override readonly name = 'SentinelError';
}

export type SentinelStatus = 'New' | 'Active' | 'Closed';

export interface SentinelIncident {
  readonly address: IncidentAddress;
  /** Goes along with what is written, so that nothing is overwritten that was not read. */
  readonly etag: string | undefined;
  /** By which people call it. */
  readonly number: number | undefined;
  readonly title: string;
  readonly description: string;
  readonly severity: Level;
  readonly status: SentinelStatus;
  /** Names of its labels, those that people gave and those that the service gave. */
  readonly labels: readonly string[];
  /** Event times of its alerts, milliseconds since 1970-01-01T00:00:00Z. */
  readonly firstActivity: number | undefined;
  readonly lastActivity: number | undefined;
  /** Milliseconds since 1970-01-01T00:00:00Z; changes with comments too. */
  readonly created: number | undefined;
  readonly modified: number | undefined;
  /** Page in the portal. */
  readonly url: string | undefined;
  /** `Azure Sentinel`, or `Microsoft XDR` where the Defender portal makes the incidents. */
  readonly provider: string | undefined;
  readonly providerId: string | undefined;
  /** As Sentinel writes them: `InitialAccess`. */
  readonly tactics: readonly string[];
  /** ATT&CK ids, upper case. */
  readonly techniques: readonly string[];
  /** Whether another incident took it in: what is written to it nobody reads. The number of that one, where the service says it. */
  readonly mergedInto: { readonly number: string | undefined; readonly url: string | undefined } | undefined;
  /** All as the service gave it: what is written is the same with changes, for the service replaces all. */
  readonly properties: JsonObject;
}

/** An alert of an incident. */
export interface SentinelAlert {
  /** Its `systemAlertId`. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly severity: Level;
  readonly product: string | undefined;
  readonly vendor: string | undefined;
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly tactics: readonly string[];
  /** As the service gave it, `additionalData` included. */
  readonly properties: JsonObject;
}

/** An entity of an incident, not resolved to anything yet. */
export interface SentinelEntity {
  /** `Account`, `Host`, `Ip`, `AzureResource` and so on. */
  readonly kind: string;
  /** Name of the entity in Sentinel: a GUID. */
  readonly name: string;
  /** A name for people. */
  readonly label: string | undefined;
  /** As the service gave it: `properties.accountName`, `properties.address`. */
  readonly properties: JsonObject;
}

const LEVELS: Readonly<Record<string, Level>> = {
  informational: 'informational',
  low: 'low',
  medium: 'medium',
  high: 'high',
};

/** The level that a severity means: Sentinel has no `critical`. What is not known is the lowest. */
export const levelOf = (value: Json | undefined): Level =>
  LEVELS[(textOf(value) ?? '').toLowerCase()] ?? 'informational';

/**
 * Reads an incident. What it does not need may be absent.
 * @throws SentinelError where it has no id of an incident, no title or no status
 */
export function parseIncident(body: Json): SentinelIncident {
  const incident = objectOf(body);
  const properties = objectOf(incident?.['properties']);
  const id = textOf(incident?.['id']);
  const address = id === undefined ? undefined : parseIncidentId(id);
  const title = textOf(properties?.['title']);
  const status = statusOf(properties?.['status']);
  if (properties === undefined || address === undefined || title === undefined || status === undefined) {
    throw new SentinelError('the service answered with something that is no incident: id, title or status is missing');
  }
  const additional = objectOf(properties['additionalData']);
  return {
    address,
    etag: textOf(incident?.['etag']),
    number: numberOf(properties['incidentNumber']),
    title,
    description: textOf(properties['description']) ?? '',
    severity: levelOf(properties['severity']),
    status,
    labels: labelsOf(properties),
    firstActivity: timeOf(properties['firstActivityTimeUtc']),
    lastActivity: timeOf(properties['lastActivityTimeUtc']),
    created: timeOf(properties['createdTimeUtc']),
    modified: timeOf(properties['lastModifiedTimeUtc']),
    url: textOf(properties['incidentUrl']),
    provider: textOf(properties['providerName']),
    providerId: textOf(properties['providerIncidentId']),
    tactics: textsOf(additional?.['tactics']),
    techniques: textsOf(additional?.['techniques']).map((id) => id.toUpperCase()),
    mergedInto: mergedIntoOf(properties),
    properties,
  };
}

/** Reads the answer of `…/incidents/{id}/alerts`; members that are no alerts are passed over. */
export function parseAlerts(body: Json): SentinelAlert[] {
  return (arrayOf(objectOf(body)?.['value']) ?? []).flatMap((member) => {
    const properties = objectOf(objectOf(member)?.['properties']);
    const id = textOf(properties?.['systemAlertId']) ?? textOf(objectOf(member)?.['name']);
    if (properties === undefined || id === undefined) return [];
    return [
      {
        id,
        name: textOf(properties['alertDisplayName']) ?? textOf(properties['friendlyName']) ?? id,
        description: textOf(properties['description']) ?? '',
        severity: levelOf(properties['severity']),
        product: textOf(properties['productName']),
        vendor: textOf(properties['vendorName']),
        start: timeOf(properties['startTimeUtc']),
        end: timeOf(properties['endTimeUtc']),
        tactics: textsOf(properties['tactics']),
        properties,
      },
    ];
  });
}

/** Reads the answer of `…/incidents/{id}/entities`; members that are no entities are passed over. */
export function parseEntities(body: Json): SentinelEntity[] {
  return (arrayOf(objectOf(body)?.['entities']) ?? []).flatMap((member) => {
    const entity = objectOf(member);
    const kind = textOf(entity?.['kind']);
    const properties = objectOf(entity?.['properties']);
    if (kind === undefined || properties === undefined) return [];
    return [{ kind, name: textOf(entity?.['name']) ?? '', label: textOf(properties['friendlyName']), properties }];
  });
}

/** The label of incidents that Crosstrail itself made in Sentinel: there is nothing to add to them. */
export const OWN_LABEL = 'crosstrail-incident';

/** Whether Crosstrail made the incident. */
export const isOwn = ({ labels }: SentinelIncident): boolean => labels.includes(OWN_LABEL);

/** The Defender portal empties an incident that it merged, closes it and gives it this label. */
const REDIRECTED = 'redirected';

/** What took an incident in, as its properties say; undefined where it stands by itself. */
export function mergedIntoOf(properties: JsonObject): SentinelIncident['mergedInto'] {
  const additional = objectOf(properties['additionalData']);
  const merged = additional?.['mergedIncidentNumber'];
  const number = typeof merged === 'number' ? String(merged) : textOf(merged);
  const url = textOf(additional?.['mergedIncidentUrl']);
  const redirected = labelsOf(properties).some((label) => label.toLowerCase() === REDIRECTED);
  return number === undefined && url === undefined && !redirected ? undefined : { number, url };
}

function labelsOf(properties: JsonObject): string[] {
  const labels = arrayOf(properties['labels']) ?? [];
  return labels.map((label) => textOf(objectOf(label)?.['labelName'])).filter((name) => name !== undefined);
}

const STATUSES: readonly SentinelStatus[] = ['New', 'Active', 'Closed'];

const statusOf = (value: Json | undefined): SentinelStatus | undefined => STATUSES.find((status) => status === value);

const numberOf = (value: Json | undefined): number | undefined => (typeof value === 'number' ? value : undefined);

const textsOf = (value: Json | undefined): string[] =>
  (arrayOf(value) ?? []).map(textOf).filter((text) => text !== undefined);

function timeOf(value: Json | undefined): number | undefined {
  const time = Date.parse(textOf(value) ?? '');
  return Number.isNaN(time) ? undefined : time;
}
