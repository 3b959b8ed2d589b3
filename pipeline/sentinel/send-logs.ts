import type { Delivery } from '../delivery.ts';
import { handleBatch, readingEvents, type DeadLetterPorts } from '../event-batch.ts';
import type { StoredEvent } from '../timeline/codec.ts';
import { findingOf } from '../timeline/finding-of.ts';
import type { LogSender } from './log-sender.ts';
import { eventRow, EVENTS_STREAM, findingRow, FINDINGS_STREAM, type TableRow } from './table-rows.ts';

export interface SendLogsPorts extends DeadLetterPorts {
  readonly sender: LogSender;
  /** Is told what was refused for good. */
  readonly refused: (reason: string) => void;
}

export interface SendLogsOptions {
  /** `signals`: events in which a rule found something. */
  readonly events: 'none' | 'signals' | 'all';
  readonly findings: boolean;
}

/**
 * Sends one batch of the `timeline` hub to the tables of Sentinel. Safe to run again on the same batch, but for rows that then stand there twice: of rows with
 * one `EventId` any counts. Rows that are refused for good are counted and passed over: the timeline has their events.
 * @throws where the service is away or busy: the batch must then be delivered again
 */
export function sendLogs(batch: readonly Delivery[], ports: SendLogsPorts, options: SendLogsOptions): Promise<void> {
  const { sender, metrics } = ports;
  return handleBatch(batch, ports, readingEvents('pass over'), async (events) => {
    const streams = [
      [EVENTS_STREAM, (event: StoredEvent) => (isWanted(event, options.events) ? eventRow(event) : undefined)],
      [FINDINGS_STREAM, (event: StoredEvent) => (options.findings ? rowOfFinding(event) : undefined)],
    ] as const;
    for (const [stream, rowOf] of streams) {
      const rows = rowsOf(events, rowOf, ports.refused);
      const { rows: refused, reason } = await sender.send(stream, rows);
      metrics.count('sentinel_rows', rows.length - refused, { stream });
      if (refused > 0) metrics.count('sentinel_rows_refused', refused, { stream });
      if (reason !== undefined) ports.refused(`${refused} of ${rows.length} rows: ${reason}`);
    }
  });
}

/** Of each event its row, where it has one. An event that no release of this program wrote must not hold up all others. */
function rowsOf(
  events: readonly StoredEvent[],
  rowOf: (event: StoredEvent) => TableRow | undefined,
  refused: SendLogsPorts['refused'],
): TableRow[] {
  return events.flatMap((event) => {
    try {
      const row = rowOf(event);
      return row === undefined ? [] : [row];
    } catch (error) {
      refused(
        `${event.id} is no event that can be written as a row: ${error instanceof Error ? error.message : 'unknown'}`,
      );
      return [];
    }
  });
}

function rowOfFinding(event: StoredEvent): TableRow | undefined {
  const finding = findingOf(event);
  return finding && findingRow(finding);
}

const isWanted = ({ signals }: StoredEvent, wanted: SendLogsOptions['events']): boolean =>
  wanted === 'all' || (wanted === 'signals' && signals.length > 0);
