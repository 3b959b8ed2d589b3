import { compareTexts } from '../../../platform/compare-texts.ts';
import type { Signal } from '../../timeline/signal.ts';
import { groupedSignal } from '../matching/signal-of.ts';
import type { CorrelationRule } from './correlation-rule.ts';
import type { CorrelatedEvent, Point } from './point.ts';
import type { StandingEpisode } from './rule-groups.ts';

/** A correlation rule that fired: what several matches mean together. */
export interface CorrelationSignal<E> {
  readonly rule: CorrelationRule;
  /** The values in which the matches agree, by the fields of `group-by`, as the earliest of them spells them. */
  readonly group: Readonly<Record<string, string>>;
  /** Event time at which the condition first held. */
  readonly time: number;
  /** Event time of the earliest and of the latest event. */
  readonly first: number;
  readonly last: number;
  /** In order of time, then of id. */
  readonly events: readonly E[];
}

/** What a correlation rule found in one of its groups, as it stands. */
export interface CorrelationFinding<E> {
  /** Unique among what stands; of rule, group and time. */
  readonly key: string;
  readonly signal: Signal;
  /** Event time at which the condition first held. */
  readonly time: number;
  /** In order of time, then of id. */
  readonly events: readonly E[];
}

/** What became of findings since this was last told. */
export interface CorrelationChanges<E> {
  /** New, or others than before; in order of time, then of key. */
  readonly found: readonly CorrelationFinding<E>[];
  /** Keys of those that stand no more, though what they were made of is still known; in order. */
  readonly withdrawn: readonly string[];
}

/** What an episode says where it may still change: an alert, by the key of the episode. */
export function findingOf<E extends CorrelatedEvent>(episode: StandingEpisode<E>): CorrelationFinding<E> {
  const { key, correlation, group, time, found } = episode;
  return { key, signal: groupedSignal(correlation, Object.fromEntries(group)), time, events: eventsOf(found.points) };
}

/** What an episode says where all events are at hand. */
export function signalOf<E extends CorrelatedEvent>(episode: StandingEpisode<E>): CorrelationSignal<E> {
  const { correlation, group, time, found } = episode;
  const events = eventsOf(found.points);
  return {
    rule: correlation,
    group: Object.fromEntries(group),
    time,
    first: events[0]?.time ?? time,
    last: events.at(-1)?.time ?? time,
    events,
  };
}

/** The events of points, each once, in order of time, then of id. */
function eventsOf<E extends CorrelatedEvent>(points: readonly Point<E>[]): E[] {
  const events: E[] = [];
  let inOrder = true;
  for (const { event } of points) {
    const last = events.at(-1);
    if (last?.id === event.id) continue;
    inOrder &&= last === undefined || compareEvents(last, event) < 0;
    events.push(event);
  }
  if (inOrder) return events;
  return [...new Map(events.map((event) => [event.id, event])).values()].sort(compareEvents);
}

function compareEvents(one: CorrelatedEvent, other: CorrelatedEvent): number {
  return one.time - other.time || compareTexts(one.id, other.id);
}
