import type { ActionOrigin } from '../../../timeline/observation.ts';
import type { CorrelationRule, TypedCondition } from '../correlation-rule.ts';
import type { CorrelatedEvent, Point } from '../point.ts';
import type { Firing, Fold, FoldedRule } from './fold.ts';

/** A place on Earth, in degrees. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** Where somebody was, as far as the address from which they came tells; undefined where it does not. */
export type PlaceOf = (origin: ActionOrigin) => Place | undefined;

type Condition = Extract<TypedCondition, { kind: 'impossible_travel' }>;

/** Two places one after the other that nobody travels between in the time. Events that tell no place take no part. */
export function impossibleTravel<E extends CorrelatedEvent>(
  { timespan }: CorrelationRule,
  condition: Condition,
  placeOf: PlaceOf,
): FoldedRule<E> {
  return { start: () => new ImpossibleTravel(timespan, condition, placeOf), lookback: timespan };
}

class ImpossibleTravel<E extends CorrelatedEvent> implements Fold<E> {
  readonly #timespan: number;
  readonly #condition: Condition;
  readonly #placeOf: PlaceOf;
  #last: { readonly point: Point<E>; readonly place: Place } | undefined;

  constructor(timespan: number, condition: Condition, placeOf: PlaceOf) {
    this.#timespan = timespan;
    this.#condition = condition;
    this.#placeOf = placeOf;
  }

  take(moment: readonly Point<E>[]): readonly Firing<E>[] {
    const firings: Firing<E>[] = [];
    for (const point of moment) {
      const from = point.event.action?.from;
      const place = from && this.#placeOf(from);
      if (place === undefined) continue;
      const before = this.#last;
      this.#last = { point, place };
      if (before === undefined || point.time - before.point.time > this.#timespan) continue;
      if (!this.#isImpossible(kilometresBetween(before.place, place), point.time - before.point.time)) continue;
      firings.push({ time: point.time, points: [before.point, point] });
    }
    return firings;
  }

  #isImpossible(kilometres: number, milliseconds: number): boolean {
    return kilometres >= this.#condition.distance && kilometres > this.#condition.speed * (milliseconds / 3_600_000);
  }
}

const EARTH_RADIUS = 6371;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** On the surface of the Earth, taken for a sphere (haversine formula). */
export function kilometresBetween(one: Place, other: Place): number {
  const height = Math.sin(radians(other.latitude - one.latitude) / 2) ** 2;
  const width = Math.sin(radians(other.longitude - one.longitude) / 2) ** 2;
  const scale = Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude));
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(height + scale * width)));
}
