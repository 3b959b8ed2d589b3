/** Observations and alerts made up for tests: what a person does in four clouds, in the shapes that the sources give. */
import type { Entity } from '../timeline/entity.ts';
import type { SourceId } from '../timeline/event.ts';
import { armKey, arnKey, entraUserKey, ipKey, kubernetesObjectKey, upnKey } from '../timeline/entity-keys.ts';
import type { IncidentAlert, IncidentGroup, PrincipalNames } from '../timeline/incident.ts';
import type { Action, Observation } from '../timeline/observation.ts';
import type { Decision, Level } from '../timeline/signal.ts';

export const MINUTE = 60_000;
/** 2026-11-20 09:00 UTC. */
export const START = Date.UTC(2026, 10, 20, 9);
export const TENANT = '00000000-0000-4000-8000-00000000aaaa';
export const ACCOUNT = '111122223333';
export const SUBSCRIPTION = '/subscriptions/00000000-0000-4000-8000-000000000010';
export const CLUSTER = `${SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.ContainerService/managedClusters/shop`;
export const ANN = entraUserKey(TENANT, '00000000-0000-4000-8000-0000000000a1');
const ANN_UPN = upnKey('ann@contoso.example');
export const ATTACKER = { ip: '198.51.100.23', city: 'Nowhere', country: 'ZZ', asn: 64_501 };
export const OFFICE = { ip: '203.0.113.10', city: 'Gothenburg', country: 'SE', asn: 64_500 };

/** Nobody is anybody else, but for those given: key → principal. */
export function namesOf(same: Readonly<Record<string, string>> = { [ANN_UPN]: ANN }): PrincipalNames {
  const principals = new Map(Object.entries(same));
  const resolve = (key: string) => principals.get(key) ?? key;
  return {
    resolve,
    principalOf: ({ principal, entities }) => {
      const credential = entities.find(({ part, key }) => part === 'credential' && principals.has(key));
      return resolve(credential?.key ?? principal);
    },
    aliasesOf: (principal) => [...principals].flatMap(([key, of]) => (of === principal ? [key] : [])).sort(),
  };
}

let count = 0;

/** What an observation is made of; the rest is of Ann, in a minute of its own. */
export interface Sample extends Partial<Omit<Observation, 'action' | 'source'>> {
  readonly action?: Partial<Action>;
  readonly targets?: readonly Entity[];
}

/** An observation of Ann's at {@link START}, where the sample does not say otherwise. */
export function observation(source: SourceId, operation: string, sample: Sample = {}): Observation {
  const { action, targets = [], ...more } = sample;
  const id = more.id ?? `${source}/${String(++count).padStart(6, '0')}`;
  const from = action?.from ?? ATTACKER;
  const actor: Entity[] = [
    { kind: 'user', key: more.principal ?? ANN, part: 'actor', label: 'ann@contoso.example' },
    { kind: 'ip', key: ipKey(from.ip ?? ''), part: 'origin', label: from.ip },
  ];
  return {
    ...{ id, source, recordId: id, time: START, principal: ANN, signals: [], matches: [], links: [], posture: [] },
    ...more,
    entities: more.entities ?? [...actor, ...targets],
    action: { operation, classUid: 6003, activityId: 3, outcome: 'success', from, ...action },
  };
}

/** A sign-in to Entra through an application. */
export function signIn(time: number, more: Partial<Action> = {}, application = 'Azure Portal'): Observation {
  const from = more.from ?? ATTACKER;
  return observation('entra', 'Sign-in activity', {
    time,
    entities: [
      { kind: 'user', key: ANN, part: 'actor', label: 'ann@contoso.example' },
      { kind: 'user', key: ANN_UPN, part: 'actor', label: 'ann@contoso.example' },
      { kind: 'ip', key: ipKey(from.ip ?? ''), part: 'origin', label: from.ip },
      {
        kind: 'application',
        key: 'entra-app:00000000-0000-4000-8000-0000000000f1',
        part: 'origin',
        label: application,
      },
    ],
    action: { classUid: 3002, activityId: 1, service: 'Microsoft Graph', method: 'Unknown', ...more, from },
  });
}

export const arn = (text: string, kind: Entity['kind'] = 'resource'): Entity => ({
  kind,
  key: arnKey(text),
  part: 'target',
  label: text.slice(text.lastIndexOf(':') + 1),
});
export const arm = (id: string, label = id.slice(id.lastIndexOf('/') + 1)): Entity => ({
  kind: 'resource',
  key: armKey(id),
  part: 'target',
  label,
});
export const kubernetes = (path: string, cluster = CLUSTER): Entity => ({
  kind: 'resource',
  key: kubernetesObjectKey(cluster, path),
  part: 'target',
});

/** What an alert is made of; the rest follows from its events. */
export interface AlertSample {
  readonly rule?: string;
  readonly title?: string;
  readonly severity?: Level;
  readonly decision?: Decision;
  readonly techniques?: readonly string[];
}

/** An alert of these events. */
export function alertOf(events: readonly Observation[], sample: AlertSample = {}): IncidentAlert {
  const { severity = 'high', decision = 'warn', techniques = [] } = sample;
  const rule = sample.rule ?? `rule-${sample.title ?? severity}`;
  const times = events.map(({ time }) => time);
  return {
    alert: {
      id: `alert-${rule}-${events[0]?.id ?? ''}`,
      rule: { id: rule, title: sample.title ?? rule, level: severity },
      ...{ severity, decision, techniques, group: {}, count: events.length },
      principals: [...new Set(events.map(({ principal }) => principal))].sort(),
      firstSeen: Math.min(...times),
      lastSeen: Math.max(...times),
    },
    events,
  };
}

/** A group of these alerts, in order. */
export function groupOf(alerts: readonly IncidentAlert[], more: Partial<IncidentGroup> = {}): IncidentGroup {
  const sorted = alerts.toSorted((a, b) => a.alert.firstSeen - b.alert.firstSeen || (a.alert.id < b.alert.id ? -1 : 1));
  return { id: 'incident-1', alerts: sorted, joins: [], context: [], ...more };
}
