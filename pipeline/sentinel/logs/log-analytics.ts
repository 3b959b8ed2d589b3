import type { LogsQueryClient, LogsQueryResult } from '@azure/monitor-query-logs';
import type { AzureConnection } from '../../../platform/azure/connection.ts';
import type { Json } from '../../../platform/json.ts';
import { Limiter } from '../../../platform/limiter.ts';
import { letStatements } from './kql-values.ts';
import type { LogQuery } from './log-query.ts';
import type { LogAnswer, LogReader, LogRow } from './log-reader.ts';
import { partOf, problemOf } from './query-problem.ts';

export interface LogAnalyticsOptions {
  /** The workspace's own id (`customerId`), a GUID; not its ARM id. */
  readonly workspaceId: string;
  /** What is asked, or waited for, when it aborts is given up. */
  readonly signal: AbortSignal;
  /** Between tries, milliseconds; the SDK's own unless told. */
  readonly retryDelay?: number | undefined;
}

/** The service stops a query that takes longer, seconds. */
const SERVER_TIMEOUT = 20;
/** An answer that takes longer is not waited for, milliseconds. */
const REQUEST_TIMEOUT = (SERVER_TIMEOUT + 5) * 1000;
/** The service takes five at once of one identity: https://learn.microsoft.com/azure/azure-monitor/service-limits#user-query-throttling */
const AT_ONCE = 4;
const RETRIES = 2;

/** Asks a Log Analytics workspace by the SDK, which is loaded at the first query. Made for one enrichment, whose end its `signal` is. */
export function logAnalytics(connection: AzureConnection, options: LogAnalyticsOptions): LogReader {
  const limiter = new Limiter(AT_ONCE);
  let client: Promise<LogsQueryClient> | undefined;
  return {
    query: async (query, ids, { from, to }) => {
      const values = Object.fromEntries(query.asksBy.map((kind) => [kind, [...ids[kind]]]));
      if (query.asksBy.every((kind) => ids[kind].length === 0)) return { rows: [], more: false };
      try {
        return await limiter.run(async () => {
          options.signal.throwIfAborted();
          client ??= clientOf(connection, options);
          const result = await (
            await client
          ).queryWorkspace(
            options.workspaceId,
            letStatements(values) + query.text,
            { startTime: new Date(from), endTime: new Date(to) },
            { serverTimeoutInSeconds: SERVER_TIMEOUT, requestOptions: { timeout: REQUEST_TIMEOUT } },
          );
          return answerOf(query, result);
        });
      } catch (error) {
        return { rows: [], more: false, problem: problemOf(error, query, options.signal.aborted) };
      }
    },
  };
}

async function clientOf(
  { endpoints, credential, httpClient }: AzureConnection,
  { signal, retryDelay }: LogAnalyticsOptions,
): Promise<LogsQueryClient> {
  const { LogsQueryClient } = await import('@azure/monitor-query-logs');
  const client = new LogsQueryClient(credential, {
    endpoint: `${endpoints.logs}/v1`,
    credentials: { scopes: [`${endpoints.logs}/.default`] },
    httpClient,
    retryOptions: { maxRetries: RETRIES, ...(retryDelay !== undefined && { retryDelayInMs: retryDelay }) },
  });
  // The client hands no `abortSignal` on; without one it would wait for as long as a throttled service says.
  client.pipeline.addPolicy({
    name: 'crosstrail-give-up',
    sendRequest: (request, next) => {
      request.abortSignal ??= signal;
      return next(request);
    },
  });
  return client;
}

function answerOf(query: LogQuery, result: LogsQueryResult): LogAnswer {
  const isPartial = 'partialError' in result;
  const [table] = isPartial ? result.partialTables : result.tables;
  const names = table?.columnDescriptors.map(({ name }) => name) ?? [];
  const rows = (table?.rows ?? []).slice(0, query.rows).map((row) => rowOf(names, row));
  const more = (table?.rows.length ?? 0) > query.rows;
  return { rows, more, ...(isPartial && { problem: partOf(result.partialError, query) }) };
}

const rowOf = (names: readonly string[], row: readonly unknown[]): LogRow =>
  Object.fromEntries(names.map((name, at) => [name, cellOf(row[at])]));

/** The SDK makes dates of times, and opens `dynamic` columns. */
function cellOf(cell: unknown): Json | undefined {
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? undefined : cell.getTime();
  if (typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean') return cell;
  return Array.isArray(cell) ? cell.filter((each) => typeof each === 'string') : undefined;
}
