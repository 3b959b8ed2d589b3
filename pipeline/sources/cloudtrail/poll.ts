/**
 * CloudTrail without a forwarder: reads the event history of accounts and regions by LookupEvents and sends each record on.
 *
 * LookupEvents gives 50 events a page, newest first, at most two pages a second for each account and region, and shows an
 * event up to 15 minutes late (AWS CloudTrail API Reference, "LookupEvents"; AWS CloudTrail User Guide, "How CloudTrail works").
 * So time is read in windows from the oldest to the newest, each to its end before anything of it is sent; the bookmark moves
 * past a window only after it was sent, and never past what may still come late. Whatever fails, the next run goes on
 * from the bookmark: it may repeat a window, it never leaves one out.
 */
import type { Clock } from '../../../platform/clock.ts';
import type { Metrics } from '../../../platform/metrics.ts';
import type { Tables } from '../../../platform/storage/ports.ts';
import { connect, type PollTarget } from './poll/connection.ts';
import { Bookmarks, rowOf } from './poll/bookmark.ts';
import { Pace } from './poll/pace.ts';
import { TargetPoll, type TargetReport } from './poll/target.ts';

export type { PollTarget } from './poll/connection.ts';
export type { TargetReport } from './poll/target.ts';

export interface PollPorts {
  readonly targets: readonly PollTarget[];
  /** How far the first run looks back, milliseconds; an hour unless told. */
  readonly lookback?: number | undefined;
  readonly tables: Tables;
  readonly clock: Clock;
  /** Sends records, each the JSON text that CloudTrail wrote; resolves when all are accepted. */
  readonly send: (records: readonly string[]) => Promise<void>;
  readonly metrics?: Metrics | undefined;
  /** When the run must end, milliseconds since 1970-01-01T00:00:00Z; no request is begun after it. */
  readonly deadline: number;
}

export interface PollReport {
  /** One for each target, in their order. */
  readonly targets: readonly TargetReport[];
}

const HOUR = 3_600_000;
/** How many targets are read at once; each holds the events of one window in memory. */
const MOST_AT_ONCE = 16;

/**
 * Reads what is new since the last run, for every target; one that fails does not stop the others. Targets take turns window by
 * window, the one furthest behind first, so that a long backlog of one does not keep the others waiting.
 * Never throws: problems are in the report, each with what to do about it.
 */
export async function pollCloudTrail(ports: PollPorts): Promise<PollReport> {
  const { targets, clock, deadline, metrics } = ports;
  const bookmarks = new Bookmarks(ports.tables, clock.now() - (ports.lookback ?? HOUR));
  const rows = new Set<string>();
  const polls = targets.map((target) => {
    const row = rowOf(target);
    const isRepeated = rows.has(row);
    rows.add(row);
    return new TargetPoll(target, isRepeated, {
      clock,
      deadline,
      bookmarks,
      connect,
      send: ports.send,
      pace: new Pace(clock),
    });
  });
  await Promise.all(polls.map((poll) => poll.begin()));
  const queue = polls.filter((poll) => poll.hasMore).sort((a, b) => a.position - b.position);
  const work = async () => {
    for (let poll = queue.shift(); poll !== undefined; poll = queue.shift()) {
      await poll.step();
      if (poll.hasMore) queue.push(poll);
    }
  };
  await Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, queue.length) }, work));
  for (const poll of polls) poll.close();
  const reports = polls.map((poll) => poll.report);
  for (const { region, sent, problem } of reports) {
    metrics?.count('cloudtrail_polled', sent, { region });
    if (problem !== undefined) metrics?.count('cloudtrail_poll_problems', 1, { region });
  }
  return { targets: reports };
}
