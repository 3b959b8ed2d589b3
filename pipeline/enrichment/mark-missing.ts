import type { Event } from '../timeline/event.ts';
import type { Enrichment } from '../timeline/ocsf/types.ts';
import type { Knowledge } from './knowledge.ts';

/**
 * The event with a mark for each thing that there was nothing to ask of when it was read, though it names what would be asked: so nobody takes
 * silence for an all-clear. What is known later is added to its incidents, and found by looking back. The same event where nothing is missing.
 */
export function markMissing(event: Event, { missing }: Pick<Knowledge, 'missing'>): Event {
  const { vulnerabilities, others } = missing;
  if (vulnerabilities.length === 0 && others.length === 0) return event;
  const marks = [
    ...(event.entities.some(({ kind }) => kind === 'vulnerability') ? vulnerabilities : []),
    ...(event.entities.some(({ kind }) => kind === 'ip') ? others : []),
  ].map((what): Enrichment => ({ name: 'missing', value: what, type: 'missing', data: {} }));
  if (marks.length === 0) return event;
  return { ...event, ocsf: { ...event.ocsf, enrichments: [...(event.ocsf.enrichments ?? []), ...marks] } };
}
