import type { CorrelatedSignal } from '../../pipeline/detection/correlation/correlated-signals.ts';
import type { CorrelatedRules } from '../../pipeline/detection/correlation/correlator.ts';
import { CorrelationEngine, type EngineOptions } from '../../pipeline/correlation/engine.ts';
import { isToldOf, observationOf } from '../../pipeline/correlation/observe.ts';
import type { ConditionEpisode } from '../../pipeline/posture/posture-conditions.ts';
import type { StoredEvent } from '../../pipeline/timeline/codec.ts';
import { linksOf } from '../../pipeline/timeline/identity/links-of.ts';
import type { Incident } from '../../pipeline/timeline/incident.ts';
import type { ScannedEvent } from './raised-alerts.ts';
import type { Place } from './read-file.ts';

/** What a scan finds by joining events. */
export interface Joined {
  /** In order of time. */
  readonly correlated: readonly CorrelatedSignal<ScannedEvent>[];
  /** In order of first event. */
  readonly incidents: readonly Incident[];
  /** What is and was weak. */
  readonly conditions: readonly ConditionEpisode[];
}

/** Joins the events of a scan, as the streams do. */
export class JoinedEvents {
  readonly #engine: CorrelationEngine;
  readonly #trusts;
  readonly #places = new Map<string, Place>();
  #untimed = 0;
  #latest = -Infinity;

  constructor({ rules = [], correlations = [] }: Partial<CorrelatedRules>, options: Omit<EngineOptions, 'rules'>) {
    this.#engine = new CorrelationEngine({ ...options, rules: { rules, correlations } });
    this.#trusts = options.directory?.trusts;
  }

  /** How many records were no part of anything because they say no time, which counts as 1970. */
  get untimed(): number {
    return this.#untimed;
  }

  take(event: StoredEvent, place: Place): void {
    this.#latest = Math.max(this.#latest, event.time);
    if (!isToldOf(event)) this.#engine.learn(linksOf(event, this.#trusts));
    else if (event.time <= 0) this.#untimed += event.matches === undefined ? 0 : 1;
    else if (this.#engine.take(observationOf(event, this.#trusts))) this.#places.set(event.id, place);
  }

  finish(): Joined {
    // What is absent is known to be so as far as the logs go.
    this.#engine.settle(this.#latest);
    const correlated = this.#engine.findings().map(({ signal, time, events }) => ({
      signal,
      time,
      first: events[0]?.time ?? time,
      last: events.at(-1)?.time ?? time,
      events: events.map(({ id, recordId, time: at, principal }) => ({
        ...{ id, recordId, time: at, principal },
        place: this.#places.get(id) ?? { file: '', record: 0 },
      })),
    }));
    return { correlated, incidents: this.#engine.incidents(), conditions: this.#engine.conditions() };
  }
}
