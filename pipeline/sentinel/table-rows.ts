/** Events and findings as rows of tables in Log Analytics; `infra/sentinel/tables.json` declares the same columns for the tables. */
import { printable } from '../../platform/printable.ts';
import { actionOf } from '../timeline/action-of.ts';
import type { StoredEvent } from '../timeline/codec.ts';
import type { Finding } from '../timeline/finding.ts';

/** Streams of the data collection rule: each leads to the table that its name ends in. */
export const EVENTS_STREAM = 'Custom-CrosstrailEvents_CL';
export const FINDINGS_STREAM = 'Custom-CrosstrailFindings_CL';

/** One row: values by column. Times are ISO 8601 in UTC; what is not known is left out. */
export type TableRow = Record<string, unknown>;

const MAX_TEXT = 2000;
const MOST_SIGNALS = 50;
/** Log Analytics cuts fields off at 64 KB, and JSON that is cut off cannot be read. */
const MAX_OCSF = 60_000;

/** The row of an event. Its size is bounded: at most 100 KB and some. */
export function eventRow(event: StoredEvent): TableRow {
  const { ocsf, signals, entities } = event;
  const { operation, outcome, account, from } = actionOf(ocsf);
  const time = new Date(event.time).toISOString();
  const body = JSON.stringify(ocsf);
  const fits = Buffer.byteLength(body) <= MAX_OCSF;
  return withoutUndefined({
    TimeGenerated: time,
    EventTime: time,
    EventId: event.id,
    Source: event.source,
    RecordId: text(event.recordId),
    ClassUid: ocsf.class_uid,
    ActivityId: ocsf.activity_id,
    SeverityId: ocsf.severity_id,
    Operation: text(operation),
    Outcome: outcome,
    Principal: text(event.principal),
    PrincipalName: text(entities.find(({ key }) => key === event.principal)?.label),
    SourceAddress: text(from?.ip),
    SourceCountry: text(from?.country),
    Account: text(account),
    Entities: entities.map(({ key, kind, part }) => ({ key: text(key), kind, part })),
    Signals: signals.slice(0, MOST_SIGNALS).map(({ rule, decision, techniques, suppressed }) => ({
      rule: rule.id,
      title: text(rule.title),
      level: rule.level,
      decision,
      techniques,
      ...(suppressed !== undefined && { suppressedBy: suppressed.exception }),
    })),
    Ocsf: fits ? ocsf : undefined,
    OcsfLeftOut: !fits,
  });
}

/** The row of a finding, as one of its events says that it stands: of several with one id the one with the latest `EventTime` counts. */
export function findingRow(finding: Finding): TableRow {
  const time = new Date(finding.time).toISOString();
  return withoutUndefined({
    TimeGenerated: time,
    EventTime: time,
    EventId: finding.eventId,
    FindingId: text(finding.id),
    Source: finding.source,
    Title: text(finding.title),
    Asset: text(finding.asset),
    AssetName: text(finding.assetLabel),
    Cves: finding.cves,
    Severity: finding.severity,
    Status: finding.status,
    Cvss: finding.cvss,
    Subject: text(finding.subject),
    Fix: text(finding.fix),
    Exposure: finding.exposure,
  });
}

const text = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : printable(value.slice(0, MAX_TEXT));

const withoutUndefined = (row: TableRow): TableRow =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
