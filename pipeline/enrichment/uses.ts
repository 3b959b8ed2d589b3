import { actionOf } from '../timeline/action-of.ts';
import { OWN_ACTIONS, type Event } from '../timeline/event.ts';
import type { TimelineStore } from '../timeline/store.ts';
import type { SeenUse } from './attack-paths/attack-path-sources.ts';

/** What identities were seen to use. */
export interface UseReader {
  /** @param identity a key @throws whatever storage throws */
  of(identity: string): Promise<readonly SeenUse[]>;
}

/** So many events of an identity are looked at, the latest first. */
const MOST_EVENTS = 300;
/** So many targets of one identity are told, and so many identities are remembered. */
const MOST_USES = 200;
const MOST_IDENTITIES = 10_000;

/** What an event shows that was used: nothing where it failed. @param identity who used it; undefined: whoever acted */
function usesIn(event: Event, identity?: string): SeenUse[] {
  // Who approves what is done to a thing does not use it.
  if (event.source === OWN_ACTIONS) return [];
  const { operation, outcome } = actionOf(event.ocsf);
  const acted = event.entities.some(({ key, part }) => key === identity && (part === 'actor' || part === 'credential'));
  if (outcome === 'failure' || (identity !== undefined && !acted)) return [];
  return event.entities
    .filter(
      ({ part, kind }) => part === 'target' && (kind === 'resource' || kind === 'role' || kind === 'role-session'),
    )
    .map(({ key }) => ({ target: key, operation, time: event.time }));
}

/** What the timeline shows that identities used. */
export const timelineUses = (timeline: Pick<TimelineStore, 'byEntity'>): UseReader => ({
  async of(identity) {
    const { events } = await timeline.byEntity(identity, { order: 'newest', limit: MOST_EVENTS });
    const uses = new Map<string, SeenUse>();
    for (const use of events.flatMap((event) => usesIn(event, identity))) {
      if (uses.size < MOST_USES && !uses.has(use.target)) uses.set(use.target, use);
    }
    return [...uses.values()];
  },
});

/** What identities used in logs that are all at hand; the latest use of each target, whatever the order in which they come. */
export class MemoryUses implements UseReader {
  readonly #uses = new Map<string, Map<string, SeenUse>>();

  take(event: Event): void {
    const uses = usesIn(event);
    if (uses.length === 0) return;
    for (const { key, part } of event.entities) if (part === 'actor' || part === 'credential') this.#note(key, uses);
  }

  #note(identity: string, uses: readonly SeenUse[]): void {
    const known = this.#uses.get(identity) ?? new Map<string, SeenUse>();
    if (known.size === 0 && this.#uses.size >= MOST_IDENTITIES) return;
    this.#uses.set(identity, known);
    for (const use of uses) {
      const before = known.get(use.target);
      if (before === undefined ? known.size < MOST_USES : (before.time ?? 0) < (use.time ?? 0))
        known.set(use.target, use);
    }
  }

  of(identity: string): Promise<readonly SeenUse[]> {
    return Promise.resolve([...(this.#uses.get(identity)?.values() ?? [])]);
  }
}
