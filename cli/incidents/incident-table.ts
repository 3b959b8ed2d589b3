import type { KeptIncident } from '../../pipeline/incidents/incident-store.ts';
import { shownTime, styledLevel, table } from '../terminal.ts';

/** Incidents, a line each. */
export const incidentTable = (incidents: readonly KeptIncident[]): string =>
  table(incidents, [
    {
      title: 'LEVEL',
      cell: ({ incident }) => incident.severity,
      style: ({ incident }, text) => styledLevel(incident.severity, text),
    },
    { title: 'SCORE', cell: ({ incident }) => String(incident.score), right: true },
    { title: 'DECISION', cell: ({ incident }) => incident.decision },
    { title: 'STATE', cell: shownState },
    { title: 'LAST SEEN (UTC)', cell: ({ incident }) => shownTime(incident.lastSeen), whole: true },
    { title: 'ID', cell: ({ incident }) => shortId(incident.id), whole: true },
    { title: 'INCIDENT', cell: ({ incident }) => incident.title, max: 140 },
    { title: 'CLOUDS', cell: ({ incident }) => incident.clouds.join(', '), max: 40 },
  ]);

/** Enough of an id for a person to name the incident by. */
const shortId = (id: string): string => id.replace(/^incident-/, '').slice(0, 8);

/** Where an incident stands, in few words. */
export function shownState({ state, verdict, reopened, withdrawn }: KeptIncident): string {
  if (withdrawn) return 'withdrawn';
  if (reopened !== undefined) return `${state}, again`;
  return verdict === undefined ? state : `${state}: ${verdict}`;
}
