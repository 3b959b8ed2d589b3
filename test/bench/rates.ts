/** A rate, and what part of the first stage's it is in the same run. */
export interface Rate {
  readonly name: string;
  readonly eventsPerSecond: number;
  readonly ofJsonParse: number;
}

/** What is measured: a name, and work done on all events once. */
export type Stage = readonly [name: string, work: () => void];

const ROUNDS = 9;
/** The first rounds warm up. */
const WARM_UP = 2;
const ROUND_MILLISECONDS = 400;

/**
 * Measures stages on the same events; the first is what the others are compared with. Rounds of all stages are interleaved and
 * medians taken, so that what else the machine does falls on all alike.
 */
export function measure(stages: readonly Stage[], events: number): Rate[] {
  const rounds = stages.map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round++) {
    stages.forEach(([, work], at) => rounds[at]?.push(rateOf(work, events)));
  }
  const medians = rounds.map((rates) => median(rates.slice(WARM_UP)));
  return stages.map(([name], at) => ({
    name,
    eventsPerSecond: Math.round(medians[at] ?? 0),
    ofJsonParse: Math.round(((medians[at] ?? 0) / (medians[0] ?? 1)) * 1000) / 1000,
  }));
}

function rateOf(work: () => void, events: number): number {
  const started = performance.now();
  let done = 0;
  do {
    work();
    done += events;
  } while (performance.now() - started < ROUND_MILLISECONDS);
  return (done / (performance.now() - started)) * 1000;
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
}
