import { describe, expect, it } from 'vitest';
import { sampleIncident } from '../incidents/incident-samples.ts';
import { withSignal } from '../incidents/alert.ts';
import type { StatefulAlert } from '../incidents/stateful-alerts.ts';
import type { Changes } from './engine.ts';
import { NOON, observation, signal } from './observation-samples.ts';
import { onlyPending, pendingOf } from './pending.ts';

const alert = (id: string, replaces: readonly string[] = []): StatefulAlert => {
  const event = observation(id, 0);
  return {
    alert: { ...withSignal(undefined, { signal: signal('r'), event }), id },
    start: NOON,
    events: [event],
    replaces,
  };
};
const incident = (id: string) => ({ ...sampleIncident(), id });
const changes = (more: Partial<Changes> = {}): Changes => ({
  ...{ alerts: [], withdrawnAlerts: [], incidents: [], goneIncidents: [], conditions: [], goneConditions: [] },
  ...more,
});

describe('onlyPending', () => {
  it('gives back what changed, of all that stands', () => {
    const told = changes({
      alerts: [alert('a', ['old', 'older'])],
      withdrawnAlerts: ['old', 'older'],
      incidents: [incident('i')],
      goneIncidents: [
        { id: 'merged', into: 'i' },
        { id: 'gone', into: undefined },
      ],
      goneConditions: ['mended'],
    });
    const standing = changes({ alerts: [alert('a'), alert('b')], incidents: [incident('i'), incident('j')] });
    expect(onlyPending(standing, pendingOf(told))).toEqual(told);
  });

  it('leaves standing what went and came back', () => {
    const standing = changes({ alerts: [alert('a')], incidents: [incident('i')] });
    const pending = pendingOf(changes({ withdrawnAlerts: ['a'], goneIncidents: [{ id: 'i', into: 'j' }] }));
    expect(onlyPending(standing, pending)).toEqual(changes({ alerts: [alert('a')] }));
  });

  it('is nothing where nothing is pending, and all where that was too much to name', () => {
    const standing = changes({ alerts: [alert('a')] });
    expect(onlyPending(standing, pendingOf(changes()))).toBeUndefined();
    expect(onlyPending(standing, 'all')).toBe(standing);
  });
});
