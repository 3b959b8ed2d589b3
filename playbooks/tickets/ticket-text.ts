import type { Incident, IncidentStep } from '../../pipeline/timeline/incident.ts';
import { standOf, standWords, ticketKey } from './stand.ts';
import { foreign, tame, type Line, type TicketText } from './words.ts';

const MAX_TITLE = 200;
const MOST_NAMED = 8;
const MOST_TECHNIQUES = 20;

/** What a ticket says of an incident, the most important first; what does not fit is left out from the end. */
export function ticketText(incident: Incident): TicketText {
  const { id, title, severity, score, decision, reasons, context, clouds, principals, techniques, steps } = incident;
  const names = principals.slice(0, MOST_NAMED).map(({ label }) => label);
  const more = principals.length - names.length;
  const head: Line[] = [
    [`Severity ${severity}, score ${score}, decision ${decision}.`],
    ...(context?.headline === undefined ? [] : [[foreign(context.headline)]]),
    ['Who: ', ...names.flatMap((name, at) => [...(at === 0 ? [] : [', ']), foreign(name, 120)]), moreText(more)],
    ['Clouds: ', foreign(clouds.join(', '), 200)],
    ['ATT&CK: ', foreign(techniques.slice(0, MOST_TECHNIQUES).join(' '), 300)],
    [`From ${timeText(incident.firstSeen)} to ${timeText(incident.lastSeen)} (UTC).`],
    ['Score: ', foreign(reasons.map(({ what, points }) => `${what} (${points})`).join(', '))],
    ['All of it: crosstrail incidents show ', foreign(id, 100)],
    [`Made by Crosstrail: ${ticketKey(id)}, ${standWords(standOf(incident))}.`],
  ];
  return {
    title: tame(`[${severity}] ${title}`, MAX_TITLE),
    blocks: [{ lines: head }, { heading: 'What happened', items: steps.map(stepLine) }],
  };
}

const moreText = (more: number): string => (more > 0 ? ` and ${more} more` : '');

/** A step, with its time in UTC. */
export const stepLine = ({ time, text }: IncidentStep): Line => [`${timeText(time)} `, foreign(text)];

/** `2026-11-21 09:00:00`, in UTC; of a time that no calendar has, its number. */
export function timeText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString().slice(0, 19).replace('T', ' ');
}
