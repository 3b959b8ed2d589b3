import { alertId } from '../incidents/alert.ts';
import { entraSessionKey, upnKey, accessKeyKey } from '../timeline/entity-keys.ts';
import type { Entity } from '../timeline/entity.ts';
import { linkOf, type LinkKind } from '../timeline/identity/link.ts';
import type { Observation } from '../timeline/observation.ts';
import type { Level, Signal } from '../timeline/signal.ts';

/** What the tests of this folder are made of. */

export const NOON = Date.UTC(2026, 10, 20, 12);
export const MINUTE = 60_000;
export const MARA = upnKey('mara@contoso.example');
export const KEY = accessKeyKey('ASIAEXAMPLE000000001');
export const SESSION = entraSessionKey('00000000-0000-4000-8000-00000000000a');

/** A signal of a rule, in windows of an hour. */
export function signal(rule: string, level: Level = 'high', group: Signal['group'] = {}): Signal {
  return {
    rule: { id: rule, title: `Rule ${rule}`, level },
    decision: level === 'low' ? 'monitor' : 'warn',
    techniques: ['T1098.001'],
    window: 3_600_000,
    group,
  };
}

/** An event of Mara's at so many minutes after noon. */
export function observation(id: string, minutes: number, more: Partial<Observation> = {}): Observation {
  return {
    id: `cloudtrail/${id}`,
    source: 'cloudtrail',
    recordId: id,
    time: NOON + minutes * MINUTE,
    principal: MARA,
    entities: [{ kind: 'user', key: MARA, part: 'actor', label: 'mara@contoso.example' }],
    action: {
      operation: 'CreateAccessKey',
      classUid: 3001,
      activityId: 1,
      outcome: 'success',
      account: '111122223333',
    },
    signals: [],
    matches: [],
    links: [],
    posture: [],
    ...more,
  };
}

export const credential = (key: string): Entity => ({ kind: 'access-key', key, part: 'credential' });

export const linkBetween = (kind: LinkKind, one: string, other: string) =>
  linkOf(kind, one, other, { eventId: 'cloudtrail/link', source: 'cloudtrail', time: NOON, what: 'said so' });

/** The id of the alert that an observation raises by its only signal. */
export const alertOf = (event: Observation): string =>
  event.signals[0] === undefined ? '' : alertId({ signal: event.signals[0], event });
