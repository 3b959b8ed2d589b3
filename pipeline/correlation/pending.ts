import type { Changes } from './engine.ts';
import type { Head } from './journal.ts';

/**
 * Names what changed, to be committed with it: by this a crash between commit and telling is made good. Each kind has a letter of its own; an
 * incident that is gone names the one that took it in, an alert those whose place it takes.
 */
export const pendingOf = (changes: Changes): string[] => [
  ...changes.alerts.map(({ alert }) => `a${alert.id}`),
  ...changes.alerts.flatMap(({ alert, replaces }) => replaces.map((id) => `r${alert.id}>${id}`)),
  ...changes.withdrawnAlerts.map((id) => `a${id}`),
  ...changes.incidents.map(({ id }) => `i${id}`),
  ...changes.goneIncidents.map(({ id, into }) => `g${id}>${into ?? ''}`),
  ...changes.conditions.map(({ id }) => `c${id}`),
  ...changes.goneConditions.map((id) => `c${id}`),
];

/** Of all that stands after a restart, what may not have been told; undefined where there is nothing. @param pending as {@link pendingOf} named it */
export function onlyPending(standing: Changes, pending: Head['pending']): Changes | undefined {
  if (pending === 'all') return standing;
  if (pending.length === 0) return undefined;
  const named = (letter: string): Set<string> =>
    new Set(pending.filter((id) => id.startsWith(letter)).map((id) => id.slice(1)));
  const [alerts, incidents, conditions] = [named('a'), named('i'), named('c')];
  const standingAlerts = new Set(standing.alerts.map(({ alert }) => alert.id));
  const standingIncidents = new Set(standing.incidents.map(({ id }) => id));
  const standingConditions = new Set(standing.conditions.map(({ id }) => id));
  const gone = [...named('g')].map((id) => id.split('>'));
  const replaced = Map.groupBy(
    [...named('r')].map((id) => id.split('>')),
    ([id = '']) => id,
  );
  return {
    alerts: standing.alerts
      .filter(({ alert }) => alerts.has(alert.id))
      .map((one) => ({ ...one, replaces: (replaced.get(one.alert.id) ?? []).map(([, id = '']) => id) })),
    withdrawnAlerts: [...alerts].filter((id) => !standingAlerts.has(id)),
    incidents: standing.incidents.filter(({ id }) => incidents.has(id)),
    goneIncidents: gone.flatMap(([id = '', into = '']) =>
      standingIncidents.has(id) ? [] : [{ id, into: into === '' ? undefined : into }],
    ),
    conditions: standing.conditions.filter(({ id }) => conditions.has(id)),
    goneConditions: [...conditions].filter((id) => !standingConditions.has(id)),
  };
}
