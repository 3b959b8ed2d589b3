import type { LogsUploadFailure } from '@azure/monitor-ingestion';
import { secured, type AzureConnection } from '../../platform/azure/connection.ts';
import { printable } from '../../platform/printable.ts';
import type { TableRow } from './table-rows.ts';

/** Sends rows to tables of Log Analytics. */
export interface LogSender {
  /**
   * @returns how many rows the service refused for good, and why: a stream that its rule does not have, or rows that are too large
   * @throws where the service is away, busy or does not know who asks: the rows must then be sent again, and some of them may be there already
   */
  send(stream: string, rows: readonly TableRow[]): Promise<Refused>;
}

export interface Refused {
  readonly rows: number;
  /** For people; undefined where nothing was refused. */
  readonly reason?: string | undefined;
}

export interface LogSenderOptions {
  /** The endpoint for ingestion. */
  readonly endpoint: string;
  /** The immutable id of the data collection rule. */
  readonly rule: string;
  readonly cloud: keyof typeof AUDIENCES;
  /** Milliseconds before the first time that a request is sent again; doubled each time. */
  readonly retryDelay?: number | undefined;
}

/** Whom tokens for ingestion are for, by cloud; the SDK's own names. */
const AUDIENCES = {
  public: 'https://monitor.azure.com',
  'us-government': 'https://monitor.azure.us',
  china: 'https://monitor.azure.cn',
} as const;

const LONGEST_SENDING = 120_000;
const TOO_LARGE = 413;
/** What no other time makes better. */
const FOR_GOOD: ReadonlySet<number | undefined> = new Set([400, TOO_LARGE, 415, 422]);

/** Sends through the Logs Ingestion API, in requests of less than 1 MB. https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview */
export async function azureLogSender(connection: AzureConnection, options: LogSenderOptions): Promise<LogSender> {
  const { LogsIngestionClient, isAggregateLogsUploadError } = await import('@azure/monitor-ingestion');
  const { endpoint, rule, cloud, retryDelay = 1000 } = options;
  const client = new LogsIngestionClient(secured(endpoint), connection.credential, {
    audience: AUDIENCES[cloud],
    httpClient: connection.httpClient,
    retryOptions: { maxRetries: 3, retryDelayInMs: retryDelay, maxRetryDelayInMs: 10_000 },
    userAgentOptions: { userAgentPrefix: 'crosstrail' },
  });

  async function failuresOf(stream: string, rows: readonly TableRow[]): Promise<readonly LogsUploadFailure[]> {
    try {
      await client.upload(rule, stream, [...rows], { abortSignal: AbortSignal.timeout(LONGEST_SENDING) });
      return [];
    } catch (error) {
      if (isAggregateLogsUploadError(error)) return error.errors;
      throw error;
    }
  }

  async function send(stream: string, rows: readonly TableRow[]): Promise<Refused> {
    if (rows.length === 0) return { rows: 0 };
    let refused: Refused = { rows: 0 };
    for (const { cause, failedLogs } of await failuresOf(stream, rows)) {
      const status = statusOf(cause);
      if (!FOR_GOOD.has(status)) throw cause;
      const half = Math.ceil(failedLogs.length / 2);
      const divisible = status === TOO_LARGE && failedLogs.length > 1;
      const parts = divisible
        ? [await send(stream, failedLogs.slice(0, half)), await send(stream, failedLogs.slice(half))]
        : [{ rows: failedLogs.length, reason: reasonOf(stream, cause) }];
      for (const each of parts) refused = { rows: refused.rows + each.rows, reason: refused.reason ?? each.reason };
    }
    return refused;
  }

  return { send };
}

function statusOf(error: Error): number | undefined {
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

const reasonOf = (stream: string, cause: Error): string =>
  `${stream} was refused with status ${statusOf(cause) ?? 'unknown'}: ${printable(cause.message.slice(0, 300))}; compare the rule with infra/sentinel/tables.json`;
