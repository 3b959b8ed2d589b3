import type { KeptIncident } from '../../pipeline/incidents/incident-store.ts';
import type { Response } from '../../pipeline/response/response.ts';
import type { Alert } from '../../pipeline/timeline/alert.ts';
import type { IncidentStep, Join } from '../../pipeline/timeline/incident.ts';
import { counted, countsText, headlineLines, incidentHeading, spanText } from '../scan/incident-text.ts';
import { worstFirst } from '../scan/formats.ts';
import { printable, shownTime, styled, styledLevel, table } from '../terminal.ts';
import { MOST_SHOWN, section } from './section.ts';
import { contextSections } from './context-sections.ts';
import { responseSections } from './response-sections.ts';
import { shownState } from './incident-table.ts';

const MOST_ALIASES = 12;
const JOINED: Readonly<Record<Join['by'], string>> = {
  principal: 'by the same principal,',
  session: 'in the same session,',
  resource: 'on the same resource,',
  link: 'one acted with what the other gave out or made,',
};

/**
 * All that is kept of an incident, for people.
 * @param alerts those of the incident that are still kept
 * @param responses those to the incident and to those that went into it
 * @param now milliseconds since 1970-01-01T00:00:00Z
 */
export function incidentPage(
  kept: KeptIncident,
  alerts: readonly Alert[],
  responses: readonly Response[],
  now: number,
): string {
  const { incident } = kept;
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  return [
    incidentHeading(incident),
    ...headlineLines(incident),
    `${incident.id}, ${styled('bold', shownState(kept))}`,
    `${spanText(incident)}, ${countsText(incident)}, ${printable(incident.clouds.join(', '))}, decision: ${incident.decision}`,
    ...remarks(kept),
    ...contextSections(incident),
    ...section('who', incident.principals, ({ label, kind, id, aliases }) => {
      const shown = aliases.slice(0, MOST_ALIASES).map((alias) => `  also ${alias}`);
      const more = aliases.length > MOST_ALIASES ? [`  and ${aliases.length - MOST_ALIASES} more aliases`] : [];
      return [`${label} (${kind})  ${id}`, ...shown, ...more];
    }),
    ...section('what happened', incident.steps, (step) => stepLines(step, byId)),
    // What the story says beside its steps: how many are left out.
    ...incident.story.slice(incident.steps.length).map((line) => `  ${printable(line)}`),
    ...alertSection(incident.alertIds.length, alerts),
    ...responseSections(responses, now),
    ...section('why they are one incident', incident.joins, ({ alerts: [one, other], by, key }) => {
      const titles = [one, other].map((id) => byId.get(id)?.rule.title ?? id);
      const name = incident.principals.find(({ id }) => id === key)?.label ?? key;
      return [`${titles.join(' + ')}: ${JOINED[by]} ${name}`];
    }),
    ...section(`why the score is ${incident.score}`, incident.reasons, ({ what, points }) => [
      `${`${points > 0 ? '+' : ''}${points}`.padStart(4)}  ${what}`,
    ]),
    ...section(
      'ATT&CK',
      [incident.tactics, incident.techniques].filter(({ length }) => length > 0),
      (ids) => [ids.join(' ')],
    ),
    ...section('who decided what', kept.history, (review) => {
      const { state, by, at, note, closed } = review;
      const what = closed === undefined ? state : `${state}: ${closed.verdict}`;
      const of = review.incident === incident.id ? '' : ` (of ${review.incident})`;
      return [`${shownTime(at)}  ${by}  ${what}${of}${note === undefined ? '' : `  ${note}`}`];
    }),
  ].join('\n');
}

function remarks({ reopened, withdrawn, cut, merged }: KeptIncident): string[] {
  return [
    ...(reopened === undefined ? [] : [`${styled('yellow', 'opened again')}  ${printable(reopened)}`]),
    ...(withdrawn ? [`${styled('yellow', 'withdrawn')}  the alerts that it was made of are no more`] : []),
    ...(cut ? [`${styled('yellow', 'in part')}  it was too large to be kept whole; its alerts have all of it`] : []),
    ...(merged.length === 0 ? [] : [`took in ${merged.map(printable).join(', ')}`]),
  ];
}

/** A step in one line, and the alerts that it raised in one each beneath. */
function stepLines(step: IncidentStep, byId: ReadonlyMap<string, Alert>): string[] {
  const { time, source, text, alertIds } = step;
  const raised = alertIds.map((id) => {
    const alert = byId.get(id);
    return `${' '.repeat(21)}! ${alert === undefined ? id : `${alert.severity}: ${alert.rule.title}`}`;
  });
  return [`${shownTime(time)}  ${source.padEnd(14)}  ${text}`, ...raised];
}

function alertSection(total: number, alerts: readonly Alert[]): string[] {
  if (total === 0) return [];
  const missing = total - alerts.length;
  return [
    '',
    styled('bold', 'alerts'),
    ...(alerts.length === 0 ? [] : [indented(alertLines(alerts.slice(0, MOST_SHOWN)))]),
    ...(alerts.length > MOST_SHOWN ? [`  and ${alerts.length - MOST_SHOWN} more`] : []),
    ...(missing > 0 ? [`  ${counted(missing, 'alert')} not kept any more`] : []),
  ];
}

const alertLines = (alerts: readonly Alert[]): string =>
  table(worstFirst(alerts), [
    { title: 'LEVEL', cell: ({ severity }) => severity, style: ({ severity }, text) => styledLevel(severity, text) },
    { title: 'FIRST SEEN (UTC)', cell: ({ firstSeen }) => shownTime(firstSeen), whole: true },
    { title: 'EVENTS', cell: ({ count }) => String(count), right: true },
    { title: 'RULE', cell: ({ rule }) => rule.title },
    { title: 'ATT&CK', cell: ({ techniques }) => techniques.join(' '), max: 30 },
    { title: 'ALERT', cell: ({ id }) => id },
  ]);

const indented = (text: string): string => text.replace(/^/gm, '  ');
