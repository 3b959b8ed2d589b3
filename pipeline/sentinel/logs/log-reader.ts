import type { Json } from '../../../platform/json.ts';
import type { IdKind } from '../entity-ids.ts';
import type { LogQuery, TimeWindow } from './log-query.ts';

/** A row by column name. Times are milliseconds since 1970-01-01T00:00:00Z. */
export type LogRow = Readonly<Record<string, Json | undefined>>;

/** What a query gave. Never thrown: what went wrong is said beside what there is. */
export interface LogAnswer {
  readonly rows: readonly LogRow[];
  /** Whether there are more rows than were taken. */
  readonly more: boolean;
  /** Why there is nothing, or not all; for people. */
  readonly problem?: string | undefined;
}

/** Asks a workspace. */
export interface LogReader {
  /** @param ids what the query asks by: those that it names */
  query(query: LogQuery, ids: Readonly<Record<IdKind, readonly string[]>>, window: TimeWindow): Promise<LogAnswer>;
}
