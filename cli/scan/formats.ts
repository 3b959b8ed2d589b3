import type { RuleSet } from '../../pipeline/detection/matching/rule-set.ts';
import { shownDate } from '../../pipeline/detection/exceptions/exception-dates.ts';
import { LEVELS, type Signal } from '../../pipeline/timeline/signal.ts';
import type { Alert } from '../../pipeline/timeline/alert.ts';
import { incidentFinding } from '../../pipeline/incidents/incident-finding.ts';
import type { Incident } from '../../pipeline/timeline/incident.ts';
import type { StoredEvent } from '../../pipeline/timeline/codec.ts';
import { printable, shownTime, styled, styledLevel, table, type Column } from '../terminal.ts';
import { rejectedRules } from '../rule-reports.ts';
import type { Place } from './read-file.ts';
import type { ScanListener, ScanResult } from './scan.ts';
import { alertFinding } from './alert-finding.ts';
import { findingLine, weaknessesText } from './weaknesses.ts';
import { counted, incidentLine, incidentText } from './incident-text.ts';

/** One way to tell of a scan: as it goes, and at its end. */
export interface Format {
  readonly listener: ScanListener;
  readonly finish: (result: ScanResult, rules: RuleSet) => void;
}

export type Write = (line: string) => void;

/** One JSON object a line, for machines: signals and rejections as they come, then signals of correlations, alerts, incidents, and one summary. */
export function ndjsonFormat(write: Write): Format {
  const line = (value: object) => write(JSON.stringify(value));
  return {
    listener: {
      signal: ({ rule, group, suppressed }: Signal, event: StoredEvent, origin: Place) =>
        line({
          type: 'signal',
          rule,
          eventIds: [event.recordId],
          origin: [origin],
          time: new Date(event.time).toISOString(),
          group,
          ...(suppressed && { suppressed }),
        }),
      correlated: ({ signal: { rule, group }, time, events }) =>
        line({
          type: 'signal',
          rule,
          eventIds: events.map(({ recordId }) => recordId),
          origin: events.map(({ place }) => place),
          time: new Date(time).toISOString(),
          group,
        }),
      rejected: (origin, reason) => line({ type: 'rejected', origin, reason }),
    },
    finish: ({ alerts, incidents, weaknesses, counts, seconds }, rules) => {
      for (const alert of alerts) {
        line({
          type: 'alert',
          id: alert.id,
          rule: alert.rule,
          severity: alert.severity,
          decision: alert.decision,
          principals: alert.principals,
          techniques: alert.techniques,
          eventIds: alert.eventIds,
          count: alert.count,
          firstSeen: new Date(alert.firstSeen).toISOString(),
          lastSeen: new Date(alert.lastSeen).toISOString(),
        });
      }
      for (const incident of incidents) line(incidentLine(incident));
      for (const weighed of weaknesses) line(findingLine(weighed));
      line({
        type: 'summary',
        ...counts,
        rules: { loaded: rules.rules.length + rules.correlations.length, rejected: rejectedRules(rules).length },
        seconds: Math.round(seconds * 1000) / 1000,
      });
    },
  };
}

/** OCSF 1.8.0, one event a line: every record normalised, then every alert as a Detection Finding, then every incident as an Incident Finding. */
export function ocsfFormat(write: Write): Format {
  return {
    listener: { event: (event) => write(JSON.stringify(event.ocsf)) },
    finish: ({ alerts, incidents }) => {
      for (const alert of alerts) write(JSON.stringify(alertFinding(alert)));
      for (const incident of incidents) write(JSON.stringify(incidentFinding(incident)));
    },
  };
}

const SHOWN_REASONS = 10;

/** A table for people. */
export function tableFormat(write: Write): Format {
  const reasons = new Map<string, { count: number; first: Place }>();
  return {
    listener: {
      rejected: (place, reason) => {
        const known = reasons.get(reason);
        if (known) known.count++;
        else if (reasons.size < 1000) reasons.set(reason, { count: 1, first: place });
      },
    },
    finish: (result, rules) => {
      const { counts, seconds } = result;
      if (result.alerts.length > 0) write(`${alertTable(result.alerts)}\n`);
      for (const incident of worstIncidents(result.incidents)) write(`${incidentText(incident)}\n`);
      if (result.weaknesses.length > 0) write(weaknessesText(result.weaknesses));
      if (reasons.size > 0) write(rejections(reasons));
      if (result.suppressed.size > 0) write(suppressions(result.suppressed, rules));
      const rate = Math.round(counts.records / Math.max(seconds, 0.001));
      write(
        `${counts.records} records, ${counts.events} events, ${counts.rejected} rejected; ` +
          `${rules.rules.length + rules.correlations.length} rules, ${counted(counts.signals, 'signal')}, ${counts.suppressed === 0 ? '' : `${counts.suppressed} suppressed, `}${styled('bold', counted(counts.alerts, 'alert'))}, ${styled('bold', counted(counts.incidents, 'incident'))}; ` +
          `${seconds.toFixed(1)} s, ${rate} records/s`,
      );
    },
  };
}

/** Worst first. */
const worstIncidents = (incidents: readonly Incident[]): Incident[] =>
  incidents.toSorted((a, b) => b.score - a.score || a.firstSeen - b.firstSeen);

/** Alerts, worst first. */
export const alertTable = (alerts: readonly Alert[]): string => table(worstFirst(alerts), ALERT_COLUMNS);

export const worstFirst = (alerts: readonly Alert[]): Alert[] =>
  alerts.toSorted((a, b) => LEVELS.indexOf(b.severity) - LEVELS.indexOf(a.severity) || a.firstSeen - b.firstSeen);

/** What is to be done, and of what is only counted from how many events on it is decided anew. */
const shownDecision = ({ decision, escalate }: Alert): string =>
  decision === 'monitor' && escalate !== undefined ? `monitor, ${escalate.decision} at ${escalate.count}` : decision;

/** What each exception suppressed, and who answers for it. */
function suppressions(suppressed: ReadonlyMap<string, number>, { exceptions }: RuleSet): string {
  const lines = [...suppressed].map(([id, count]) => {
    const known = exceptions.find((exception) => exception.id === id);
    const about = known && ` (${known.title}; ${known.owner}, until ${shownDate(known.expires)})`;
    return `  ${count} ${count === 1 ? 'signal' : 'signals'} by ${id}${printable(about ?? '')}`;
  });
  return `${styled('yellow', 'Suppressed:')}\n${lines.sort().join('\n')}\n`;
}

const WIDEST_PRINCIPAL = 70;

const shownPrincipals = ([first = '', ...others]: readonly string[]): string => {
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${withEnd(first, WIDEST_PRINCIPAL - more.length)}${more}`;
};

/** A key cut to `max` characters where it tells least: tenants and resource groups come first in it, and who it is comes last. */
function withEnd(key: string, max: number): string {
  if (key.length <= max) return key;
  const kind = key.slice(0, Math.min(key.indexOf(':') + 1, 20));
  return `${kind}…${key.slice(kind.length + 1 - max)}`;
}

export const ALERT_COLUMNS: readonly Column<Alert>[] = [
  { title: 'LEVEL', cell: ({ severity }) => severity, style: ({ severity }, text) => styledLevel(severity, text) },
  { title: 'FIRST SEEN (UTC)', cell: ({ firstSeen }) => shownTime(firstSeen), whole: true },
  { title: 'DECISION', cell: shownDecision },
  { title: 'EVENTS', cell: ({ count }) => String(count), right: true },
  { title: 'RULE', cell: ({ rule }) => rule.title },
  { title: 'PRINCIPAL', cell: ({ principals }) => shownPrincipals(principals), max: WIDEST_PRINCIPAL },
  { title: 'ATT&CK', cell: ({ techniques }) => techniques.join(' '), max: 24 },
];

function rejections(reasons: ReadonlyMap<string, { count: number; first: Place }>): string {
  const lines = [...reasons].slice(0, SHOWN_REASONS).map(([reason, { count, first }]) => {
    const times = count === 1 ? '' : `${count} times, first `;
    return `  ${printable(reason)} (${times}${printable(first.file)} record ${first.record})`;
  });
  if (reasons.size > SHOWN_REASONS)
    lines.push(`  and ${reasons.size - SHOWN_REASONS} more reasons (--format ndjson names each)`);
  return `${styled('yellow', 'Rejected:')}\n${lines.join('\n')}\n`;
}
