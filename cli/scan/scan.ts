import { performance } from 'node:perf_hooks';
import type { CorrelatedSignal } from '../../pipeline/detection/correlation/correlated-signals.ts';
import type { CorrelatedRules } from '../../pipeline/detection/correlation/correlator.ts';
import type { Matcher } from '../../pipeline/read-body.ts';
import type { Source } from '../../pipeline/sources/source.ts';
import type { StoredEvent } from '../../pipeline/timeline/codec.ts';
import type { Signal } from '../../pipeline/timeline/signal.ts';
import type { EngineOptions } from '../../pipeline/correlation/engine.ts';
import { knowledgeOf, type Knowledge } from '../../pipeline/enrichment/knowledge.ts';
import type { WeighedFinding } from '../../pipeline/timeline/finding.ts';
import type { Incident } from '../../pipeline/timeline/incident.ts';
import { Findings } from './findings.ts';
import { JoinedEvents } from './joined-events.ts';
import { KnownFacts } from './known-facts.ts';
import type { ScanAlert, ScannedEvent } from './raised-alerts.ts';
import { readFile, type Place } from './read-file.ts';

export interface ScanCounts {
  records: number;
  events: number;
  rejected: number;
  /** Those that raise alerts, those of correlations among them. */
  signals: number;
  /** Those that an exception suppresses. */
  suppressed: number;
  alerts: number;
  incidents: number;
}

/** What a scan tells as it goes. */
export interface ScanListener {
  event?(event: StoredEvent, place: Place): void;
  signal?(signal: Signal, event: StoredEvent, place: Place): void;
  /** A correlation rule fired; told when all is read. */
  correlated?(found: CorrelatedSignal<ScannedEvent>): void;
  rejected?(place: Place, reason: string): void;
  progress?(file: string, counts: Readonly<ScanCounts>): void;
}

/** Rules as a scan needs them. */
export type ScanRules = Matcher & Partial<CorrelatedRules>;

export interface ScanOptions {
  /** Reads every record as this source's. */
  readonly source?: Source | undefined;
  /** What is known beside the logs; nothing, where left out. */
  readonly knowledge?: Knowledge | undefined;
  /** How events are joined. */
  readonly correlation?: Omit<EngineOptions, 'rules'>;
}

export interface ScanResult {
  readonly alerts: readonly ScanAlert[];
  /** In order of first event. */
  readonly incidents: readonly Incident[];
  /** Open ones that the logs tell of, the one to look at first first. */
  readonly weaknesses: readonly WeighedFinding[];
  readonly counts: Readonly<ScanCounts>;
  /** How many signals each exception suppressed, by its id. */
  readonly suppressed: ReadonlyMap<string, number>;
  /** How many records were no part of a correlation because they say no time. */
  readonly untimed: number;
  /** Files that could not be opened or read to their end; what was read of them counts. */
  readonly unreadable: readonly string[];
  readonly seconds: number;
}

/**
 * The whole pipeline in process: reads files through the same stages as the functions and raises the alerts and incidents that the streams would have
 * raised, in whatever order the files are read. A record met twice counts once. What is joined is joined over all that was read.
 */
export async function scan(
  files: readonly string[],
  rules: ScanRules,
  listener: ScanListener,
  { source, knowledge = knowledgeOf({}), correlation = {} }: ScanOptions = {},
): Promise<ScanResult> {
  const started = performance.now();
  // What is made of several events is found by what joins them.
  const findings = new Findings({});
  const joined = new JoinedEvents(rules, correlation);
  const known = new KnownFacts(knowledge);
  const counts: ScanCounts = { records: 0, events: 0, rejected: 0, signals: 0, suppressed: 0, alerts: 0, incidents: 0 };
  const unreadable: string[] = [];
  for (const file of files) {
    for await (const piece of readFile(file, rules, source, known.enrich)) {
      for (const { read, event, place } of piece.accepted) {
        counts.events++;
        listener.event?.(event, place);
        joined.take(event, place);
        known.take(event);
        for (const signal of findings.take(read, event.signals, event, place)) {
          counts[signal.suppressed === undefined ? 'signals' : 'suppressed']++;
          listener.signal?.(signal, event, place);
        }
      }
      for (const { place, reason } of piece.rejected) listener.rejected?.(place, reason);
      counts.rejected += piece.rejected.length;
      counts.records += piece.records;
      if (piece.unreadable) unreadable.push(file);
      listener.progress?.(file, counts);
    }
  }
  const { correlated, incidents: found, conditions } = joined.finish();
  const incidents = await known.assessed(found, conditions);
  for (const found of correlated) {
    counts.signals++;
    findings.addCorrelated(found);
    listener.correlated?.(found);
  }
  const alerts = findings.alerts();
  counts.alerts = alerts.length;
  counts.incidents = incidents.length;
  return {
    alerts,
    incidents,
    weaknesses: known.findings(conditions, Date.now()),
    counts,
    suppressed: findings.suppressed(),
    untimed: joined.untimed,
    unreadable,
    seconds: (performance.now() - started) / 1000,
  };
}
