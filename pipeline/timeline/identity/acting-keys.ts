import type { EntityPart } from '../entity.ts';
import type { Event } from '../event.ts';
import type { Evidence } from './link.ts';

/** Evidence of an event, before it is said what it shows. */
export const evidenceOf = ({ id, source, time }: Event, what: string): Evidence => ({
  eventId: id,
  source,
  time,
  what,
});

/** Keys of the entities of an event that have one part in it, of one kind of id. */
export function keysOf({ entities }: Event, part: EntityPart, prefix: string): string[] {
  const start = `${prefix}:`;
  return entities.filter((entity) => entity.part === part && entity.key.startsWith(start)).map(({ key }) => key);
}

/** The key of one kind of id, where the event has exactly one in that part: of several it is unknown which belongs to which. */
export function onlyKey(event: Event, part: EntityPart, prefix: string): string | undefined {
  const [first, ...others] = keysOf(event, part, prefix);
  return others.length === 0 ? first : undefined;
}
