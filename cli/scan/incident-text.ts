import type { Incident } from '../../pipeline/timeline/incident.ts';
import { printable, shownTime, styled, styledLevel } from '../terminal.ts';

/** More lines of a story than this are counted, not shown: most of its beginning, and its end. */
const MOST_TOLD = 30;
const LAST_TOLD = 5;

/** An incident for people: what it is, who is behind it, and what happened, a line each step. */
export function incidentText(incident: Incident): string {
  const { principals, clouds, story } = incident;
  const people = principals.map(({ label, id, kind }) => (kind === 'person' ? label : `${label} (${id})`));
  return [
    incidentHeading(incident),
    `  ${styled('dim', `${incident.id}, ${spanText(incident)}, ${countsText(incident)}`)}`,
    `  ${printable([clouds.join(', '), people.join(', '), incident.techniques.join(' ')].filter(Boolean).join('; '))}`,
    ...told(story).map((line) => `  ${line}`),
  ].join('\n');
}

/** How bad an incident is, and its title. */
export const incidentHeading = ({ severity, score, title }: Incident): string =>
  `${styledLevel(severity, severity.toUpperCase())} ${score}  ${styled('bold', printable(title))}`;

/** How much there is of an incident. */
export const countsText = ({ alertIds, eventIds }: Incident): string =>
  `${counted(alertIds.length, 'alert')}, ${counted(eventIds.length, 'event')}`;

/** When an incident began, and when it was last seen. */
export function spanText({ firstSeen, lastSeen }: Incident): string {
  const [first, last] = [shownTime(firstSeen), shownTime(lastSeen)];
  if (first === last) return `${first} UTC`;
  return `${first} to ${first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last} UTC`;
}

function told(story: readonly string[]): string[] {
  if (story.length <= MOST_TOLD) return story.map(printable);
  return [
    ...story.slice(0, MOST_TOLD - LAST_TOLD).map(printable),
    styled('dim', `… ${story.length - MOST_TOLD} more steps (--format ndjson has all)`),
    ...story.slice(-LAST_TOLD).map(printable),
  ];
}

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** An incident as one object of the ndjson format. */
export const incidentLine = (incident: Incident) => ({
  type: 'incident',
  id: incident.id,
  title: incident.title,
  severity: incident.severity,
  score: incident.score,
  principals: incident.principals,
  clouds: incident.clouds,
  sources: incident.sources,
  tactics: incident.tactics,
  techniques: incident.techniques,
  firstSeen: new Date(incident.firstSeen).toISOString(),
  lastSeen: new Date(incident.lastSeen).toISOString(),
  story: incident.story,
  alertIds: incident.alertIds,
  eventIds: incident.eventIds,
});
