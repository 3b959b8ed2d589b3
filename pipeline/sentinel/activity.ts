import { operationOf, actionOf } from '../timeline/action-of.ts';
import type { Event, SourceId } from '../timeline/event.ts';
import type { Signal } from '../timeline/signal.ts';
import type { LogQuery } from './logs/log-query.ts';
import type { LogRow } from './logs/log-reader.ts';
import { AWS_CALLS, AZURE_CHANGES } from './logs/activity-queries.ts';

/** One thing that was done, wherever it is known from. Texts are outside data. */
export interface Activity {
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  /** The record's own id: by that it is known to be the same from two places. */
  readonly id: string | undefined;
  /** `Entra`, `Azure`, `AWS`, … */
  readonly where: string;
  readonly who: string;
  readonly what: string;
  readonly target: string | undefined;
  readonly from: string | undefined;
  readonly outcome: 'success' | 'failure' | 'unknown';
  /** Titles of the rules that found something in it. */
  readonly signals: readonly string[];
  /** How many alike it stands for. */
  readonly count: number;
}

const WHERE: Readonly<Record<SourceId, string>> = {
  'azure-activity': 'Azure',
  entra: 'Entra',
  'aks-audit': 'Kubernetes',
  cloudtrail: 'AWS',
  defender: 'Defender',
  'security-hub': 'Security Hub',
  github: 'GitHub',
  sarif: 'SARIF',
  trivy: 'Trivy',
  crosstrail: 'Crosstrail',
  json: 'other',
};

/** What an event of Crosstrail tells. */
export function activityOfEvent(event: Event & { readonly signals?: readonly Signal[] }): Activity {
  const { entities, principal, ocsf } = event;
  const action = actionOf(ocsf);
  const target = entities.find(({ part, key }) => part === 'target' && key !== principal);
  return {
    time: event.time,
    id: event.recordId,
    where: WHERE[event.source],
    who: entities.find(({ key, label }) => key === principal && label !== undefined)?.label ?? principal,
    what: operationOf(ocsf) ?? ocsf.message ?? event.source,
    target: target?.label ?? target?.key ?? action.service,
    from: action.from?.ip,
    outcome: action.outcome,
    signals: (event.signals ?? []).filter(({ suppressed }) => suppressed === undefined).map(({ rule }) => rule.title),
    count: 1,
  };
}

/** What a row of a query about activity tells; undefined where it says no time. */
export function activityOfRow(row: LogRow, query: LogQuery): Activity | undefined {
  const text = (name: string): string | undefined => {
    const value = row[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const time = row['Time'];
  if (typeof time !== 'number') return undefined;
  const outcome = text('Outcome');
  return {
    time,
    id: text('Id'),
    where: query === AWS_CALLS ? 'AWS' : query === AZURE_CHANGES ? 'Azure' : 'Entra',
    who: text('Who') ?? text('WhoId') ?? 'somebody unknown',
    what: text('What') ?? query.title,
    target: text('Target'),
    from: text('Address'),
    outcome: outcome === 'success' || outcome === 'failure' ? outcome : 'unknown',
    signals: [],
    count: 1,
  };
}

/** Activities that are shown, in order of time, and how many are not. */
export interface ShownActivities {
  readonly shown: readonly Activity[];
  readonly left: number;
}

/**
 * The same record from two places once, the same thing again and again as one, and of these the weightiest: in which rules found something, then those
 * closest to when the incident was.
 * @param around when the incident was, milliseconds since 1970-01-01T00:00:00Z
 * @param most so many are shown
 */
export function weightiest(activities: readonly Activity[], around: number, most: number): ShownActivities {
  const records = new Map<string, Activity>();
  for (const activity of activities) {
    const key = activity.id === undefined ? JSON.stringify(activity) : `${activity.where} ${activity.id}`;
    const known = records.get(key);
    // What rules found counts; beside it, the first to come tells best.
    if (known === undefined || known.signals.length < activity.signals.length) records.set(key, activity);
  }
  const alike = new Map<string, Activity>();
  const inOrder = [...records.values()].sort((a, b) => a.time - b.time || (a.what < b.what ? -1 : 1));
  for (const activity of inOrder) {
    const { where, who, what, target, from, outcome, signals } = activity;
    const key = JSON.stringify([where, who, what, target, from, outcome, signals]);
    const known = alike.get(key);
    alike.set(key, known === undefined ? activity : { ...known, count: known.count + 1 });
  }
  const kept = [...alike.values()]
    .sort((a, b) => weightOf(b) - weightOf(a) || Math.abs(a.time - around) - Math.abs(b.time - around))
    .slice(0, most);
  return { shown: kept.sort((a, b) => a.time - b.time), left: alike.size - kept.length };
}

const weightOf = ({ signals }: Activity): number => (signals.length > 0 ? 1 : 0);
