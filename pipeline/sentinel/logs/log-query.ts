import type { IdKind } from '../entity-ids.ts';

/** A span of event time, milliseconds since 1970-01-01T00:00:00Z; the end is not in it. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** A query of fixed text. */
export interface LogQuery {
  /** What it looks for, as people are told where it could not be asked: `sign-ins`. */
  readonly title: string;
  /** Where it looks; of some it is enough that one is there. */
  readonly tables: readonly string[];
  /** Ids that its text compares with, as lists of that name. It is asked where there is any. */
  readonly asksBy: readonly IdKind[];
  /** Without its `let` statements; gives at most `rows + 1` rows, so that it shows where there are more. */
  readonly text: string;
  /** More rows are not taken. */
  readonly rows: number;
}
