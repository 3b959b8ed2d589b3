import type { IncidentStore, KeptIncident } from '../../pipeline/incidents/incident-store.ts';
import { UnusableInputError } from '../scan/files.ts';
import { printable } from '../terminal.ts';

const PREFIX = 'incident-';
const MOST_NAMED = 5;

/**
 * The incident that a person means: by its id or the beginning of it, with or without `incident-`. One that went into another leads there.
 * @throws UnusableInputError where there is none, or several begin so
 */
export async function findIncident(store: IncidentStore, text: string): Promise<KeptIncident> {
  const wanted = text.trim().toLowerCase();
  const prefix = wanted.startsWith(PREFIX) ? wanted : `${PREFIX}${wanted}`;
  const ids = await store.find(prefix, MOST_NAMED + 1);
  const id = ids.includes(prefix) ? prefix : ids[0];
  const shown = printable(text).slice(0, 100);
  if (ids.length > 1 && id !== prefix) {
    const more = ids.length > MOST_NAMED ? ', …' : '';
    throw new UnusableInputError(
      `several incidents begin with ${shown}: ${ids.slice(0, MOST_NAMED).join(', ')}${more}; say more of the id`,
    );
  }
  const kept = id === undefined ? undefined : await store.get(id);
  if (kept === undefined) {
    throw new UnusableInputError(`there is no incident ${shown}; crosstrail incidents list shows what there is`);
  }
  return kept;
}
