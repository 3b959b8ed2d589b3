import { performance } from 'node:perf_hooks';
import type { JsonObject } from '../../platform/json.ts';
import { alertId, withSignal, type Alert } from '../../pipeline/incidents/alert.ts';
import { readBody, type Matcher } from '../../pipeline/read-body.ts';
import type { Source } from '../../pipeline/sources/source.ts';
import type { StoredEvent } from '../../pipeline/timeline/codec.ts';
import type { Signal } from '../../pipeline/timeline/signal.ts';
import { bodiesOf, MAX_BODY_BYTES, openInput } from './bodies.ts';

/** A record's place: its file, and its number within it from 0. */
export interface Place {
  readonly file: string;
  readonly record: number;
}

/** An alert with the records' own ids of its events, in order of event time. */
export interface ScanAlert extends Alert {
  readonly eventIds: readonly string[];
}

export interface ScanCounts {
  records: number;
  events: number;
  rejected: number;
  signals: number;
  alerts: number;
}

/** What a scan tells as it goes. */
export interface ScanListener {
  event?(event: StoredEvent, place: Place): void;
  signal?(signal: Signal, event: StoredEvent, place: Place): void;
  rejected?(place: Place, reason: string): void;
  progress?(file: string, counts: Readonly<ScanCounts>): void;
}

export interface ScanOptions {
  /** Reads every record as this source's. */
  readonly source?: Source | undefined;
  /** Adds to an event what is known of what its record names. */
  readonly enrich?: ((event: StoredEvent, record: JsonObject) => StoredEvent) | undefined;
}

export interface ScanResult {
  readonly alerts: readonly ScanAlert[];
  readonly counts: Readonly<ScanCounts>;
  /** Files that could not be opened or read to their end; what was read of them counts. */
  readonly unreadable: readonly string[];
  readonly seconds: number;
}

/**
 * The whole pipeline in process: reads files through the same stages as the functions and raises the alerts that the streams would have raised, in whatever
 * order the files are read. A record met twice counts once in its alerts.
 */
export async function scan(
  files: readonly string[],
  matcher: Matcher,
  listener: ScanListener,
  { source, enrich = (event) => event }: ScanOptions = {},
): Promise<ScanResult> {
  const started = performance.now();
  const raised = new RaisedAlerts();
  const counts: ScanCounts = { records: 0, events: 0, rejected: 0, signals: 0, alerts: 0 };
  const unreadable: string[] = [];
  for (const file of files) {
    let base = 0;
    const reject = (record: number, reason: string) => {
      counts.rejected++;
      listener.rejected?.({ file, record }, reason);
    };
    try {
      for await (const body of bodiesOf(openInput(file))) {
        const { accepted, rejected, places } = readBody(body, matcher, { source, maxUnpackedBytes: MAX_BODY_BYTES });
        for (const { index, record, event: read } of accepted) {
          const event = enrich(read, record);
          const place = { file, record: base + index };
          counts.events++;
          listener.event?.(event, place);
          for (const signal of event.signals) {
            if (!raised.add(signal, event)) continue;
            counts.signals++;
            listener.signal?.(signal, event, place);
          }
        }
        for (const { index = 0, reason } of rejected) reject(base + index, reason);
        base += places;
        counts.records += places;
        listener.progress?.(file, counts);
      }
    } catch (error) {
      counts.records++;
      if (isSystemError(error)) unreadable.push(file);
      reject(base, reasonOf(error));
    }
  }
  const alerts = raised.alerts();
  counts.alerts = alerts.length;
  return { alerts, counts, unreadable, seconds: (performance.now() - started) / 1000 };
}

/** The system's refusal, such as a missing permission, in contrast to bytes that make no sense. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException & { readonly code: string } =>
  error instanceof Error && 'syscall' in error && 'code' in error;

function reasonOf(error: unknown): string {
  if (isSystemError(error)) return `the file cannot be read: ${SYSTEM_REASONS[error.code] ?? error.code}`;
  return error instanceof Error ? error.message : 'cannot be read';
}

const SYSTEM_REASONS: Readonly<Record<string, string | undefined>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it is not there, or is a link that leads nowhere',
  EISDIR: 'it is a directory',
};

/** Alerts in memory, made by the same functions as the stored ones. */
class RaisedAlerts {
  readonly #alerts = new Map<string, Alert>();
  /** Event id → event time and the record's own id, by alert. */
  readonly #events = new Map<string, Map<string, readonly [number, string]>>();

  /** @returns false where the signal was known */
  add(signal: Signal, event: StoredEvent): boolean {
    const raised = { signal, event };
    const id = alertId(raised);
    const events = this.#events.get(id) ?? new Map<string, readonly [number, string]>();
    if (events.has(event.id)) return false;
    events.set(event.id, [event.time, event.recordId]);
    this.#events.set(id, events);
    this.#alerts.set(id, withSignal(this.#alerts.get(id), raised));
    return true;
  }

  /** In order of first event, then of id. */
  alerts(): ScanAlert[] {
    return [...this.#alerts.values()]
      .map((alert) => ({ ...alert, eventIds: this.#eventIds(alert.id) }))
      .sort((a, b) => a.firstSeen - b.firstSeen || (a.id < b.id ? -1 : 1));
  }

  #eventIds(id: string): string[] {
    const events = [...(this.#events.get(id) ?? [])];
    return events.sort(([a, [x]], [b, [y]]) => x - y || (a < b ? -1 : 1)).map(([, [, recordId]]) => recordId);
  }
}
