/** An incident of Crosstrail as it is to stand in Microsoft Sentinel. */
import { objectOf, textOf, type JsonObject } from '../../platform/json.ts';
import { printable } from '../../platform/printable.ts';
import type { Incident } from '../timeline/incident.ts';
import { OWN_LABEL, type SentinelStatus } from './incident.ts';
import { mergedLabels } from './labels.ts';
import { severityOf, type SentinelSeverity } from './severity.ts';

/** An incident of Crosstrail, and how far people are with it. */
export interface OutwardIncident {
  readonly incident: Incident;
  readonly state: 'open' | 'acknowledged' | 'contained' | 'closed';
  /** Of a closed one. */
  readonly verdict?: 'true-positive' | 'benign' | 'false-positive' | undefined;
  /** Whether it stands no more: its alerts were withdrawn. */
  readonly withdrawn: boolean;
}

/** Why an incident is closed, in the words of Sentinel. */
interface Closing {
  readonly classification: 'TruePositive' | 'BenignPositive' | 'FalsePositive' | 'Undetermined';
  readonly classificationReason?: 'SuspiciousActivity' | 'SuspiciousButExpected' | 'IncorrectAlertLogic';
  readonly classificationComment: string;
}

/** How an incident is to stand in Sentinel. */
export interface Wanted {
  readonly title: string;
  readonly description: string;
  readonly severity: SentinelSeverity;
  readonly status: SentinelStatus;
  readonly labels: readonly string[];
  /** ISO 8601. */
  readonly first: string;
  readonly last: string;
  readonly closing?: Closing | undefined;
}

/** What was last written of it: what is other than this in Sentinel, a person changed. */
export type Written = Pick<Wanted, 'title' | 'severity' | 'status'>;

const MAX_TITLE = 200;
/** Sentinel takes descriptions of up to 5,000 characters: https://learn.microsoft.com/azure/sentinel/sentinel-service-limits */
const MAX_DESCRIPTION = 4900;
const MOST_TECHNIQUES = 12;
const MOST_NAMED = 5;

const VERDICTS = {
  'true-positive': { classification: 'TruePositive', classificationReason: 'SuspiciousActivity' },
  benign: { classification: 'BenignPositive', classificationReason: 'SuspiciousButExpected' },
  'false-positive': { classification: 'FalsePositive', classificationReason: 'IncorrectAlertLogic' },
} as const;

/**
 * How an incident is to stand in Sentinel.
 * @param id of the incident that was sent: another one than it is now where it went into that
 * @param close whether what is closed in Crosstrail is closed there; what went into another incident is in any case, or its story would stand there twice
 */
export function wantedIncident(id: string, kept: OutwardIncident, close: boolean): Wanted {
  const { incident, state } = kept;
  const closing = closingOf(id, kept, close);
  return {
    title: shown(incident.title).slice(0, MAX_TITLE) || 'Incident without a title',
    description: descriptionOf(incident),
    severity: severityOf(incident.severity),
    status: closing !== undefined ? 'Closed' : state === 'open' || state === 'closed' ? 'New' : 'Active',
    labels: [
      OWN_LABEL,
      ...(incident.severity === 'critical' ? ['critical'] : []),
      ...incident.techniques.slice(0, MOST_TECHNIQUES),
    ],
    first: new Date(incident.firstSeen).toISOString(),
    last: new Date(incident.lastSeen).toISOString(),
    closing,
  };
}

function closingOf(id: string, kept: OutwardIncident, close: boolean): Closing | undefined {
  const { incident, state, verdict, withdrawn } = kept;
  const undetermined = 'Undetermined' as const;
  if (incident.id !== id) {
    return {
      classification: undetermined,
      classificationComment: `It is part of Crosstrail's incident ${incident.id} now.`,
    };
  }
  if (!close) return undefined;
  if (withdrawn) return { classification: undetermined, classificationComment: 'Crosstrail withdrew its alerts.' };
  if (state !== 'closed' || verdict === undefined) return undefined;
  return { ...VERDICTS[verdict], classificationComment: `Closed in Crosstrail as ${verdict}.` };
}

/**
 * The properties that an incident gets in Sentinel: what a person changed there stays, and so does all that Crosstrail says nothing of.
 * @param there its properties as they are; undefined where it is made
 * @param written what was last written; undefined where that is not known
 * @returns undefined where nothing changes
 */
export function outwardProperties(
  there: JsonObject | undefined,
  wanted: Wanted,
  written: Written | undefined,
): JsonObject | undefined {
  const { title, description, severity, labels, first, last } = wanted;
  const told = { description, firstActivityTimeUtc: first, lastActivityTimeUtc: last };
  if (there === undefined) {
    const made = { title, severity, labels: mergedLabels([], labels) ?? [], ...told };
    return { ...made, ...statusProperties('New', wanted, undefined) };
  }
  const ours = (name: 'title' | 'severity'): JsonObject =>
    written === undefined || there[name] === written[name] ? { [name]: wanted[name] } : {};
  const merged = mergedLabels(there['labels'], labels);
  const status = statusProperties(textOf(there['status']) ?? 'New', wanted, written);
  const changed = { ...told, ...ours('title'), ...ours('severity'), ...(merged && { labels: merged }), ...status };
  const same = Object.entries(changed).every(([name, value]) => isSame(there[name], value));
  return same ? undefined : { ...there, ...changed };
}

/** Times are written back with other fractions of a second. */
function isSame(there: unknown, value: unknown): boolean {
  if (there === value) return true;
  return (
    typeof there === 'string' &&
    typeof value === 'string' &&
    /^\d{4}-.*Z$/.test(value) &&
    Date.parse(there) === Date.parse(value)
  );
}

/** Forward with Crosstrail; back only from a closing that was Crosstrail's own. */
function statusProperties(there: string, { status, closing }: Wanted, written: Written | undefined): JsonObject {
  if (closing !== undefined) return there === 'Closed' ? {} : { status, ...closing };
  if (there === 'Closed') return written?.status === 'Closed' ? { status: 'Active' } : {};
  return { status: there === 'New' ? status : there };
}

/** What there is to say, most important first, in plain lines. */
function descriptionOf(incident: Incident): string {
  const { principals, clouds, techniques, score, reasons, context, story } = incident;
  const names = principals.slice(0, MOST_NAMED).map(({ label }) => label);
  const more = principals.length - names.length;
  const head = [
    ...(context?.headline === undefined ? [] : [context.headline, '']),
    `Crosstrail incident ${incident.id}`,
    `Who: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    `Clouds: ${clouds.join(', ')}`,
    ...(techniques.length === 0 ? [] : [`ATT&CK: ${techniques.slice(0, MOST_TECHNIQUES).join(' ')}`]),
    `Score ${score}: ${reasons.map(({ what, points }) => `${what} (${points})`).join(', ')}`,
    '',
  ].map((line) => shown(line).slice(0, 600));
  const lines = [...head];
  let length = lines.join('\n').length;
  for (const [at, step] of story.entries()) {
    const line = shown(step).slice(0, 400);
    const left = `… and ${story.length - at} more; crosstrail incidents show ${incident.id}`;
    if (length + line.length + left.length + 2 > MAX_DESCRIPTION) {
      lines.push(left);
      break;
    }
    lines.push(line);
    length += line.length + 1;
  }
  return lines.join('\n').slice(0, MAX_DESCRIPTION);
}

/** Text of records, safe wherever the portal or another tool shows it: nothing in it is markup. */
const shown = (text: string): string => printable(text).replaceAll('<', '‹').replaceAll('>', '›');

/** Properties of an incident that the service gave, or undefined where there is none. */
export const propertiesOf = (resource: JsonObject | undefined): JsonObject | undefined =>
  resource === undefined ? undefined : (objectOf(resource['properties']) ?? {});
