import type { Plan, Subject } from '../../../playbooks/contract/action.ts';
import { parsePrefix, prefixText } from '../../../platform/ip-prefix.ts';
import { textOf, type JsonObject } from '../../../platform/json.ts';
import type { EntityKind } from '../../timeline/entity.ts';
import {
  accessKeyKey,
  armKey,
  arnKey,
  boundedKey,
  crosstrailKey,
  entraUserKey,
  ipKey,
  localUserKey,
  slackUserKey,
} from '../../timeline/entity-keys.ts';
import { prefixOf } from '../../timeline/identity/key-traits.ts';
import type { EvidenceEntry } from '../evidence.ts';
import type { Response, Step } from '../response.ts';

/** What of the evidence is told on the timeline: what was decided and done, not what was only begun. The source `crosstrail` reads the same names. */
const TOLD: ReadonlySet<EvidenceEntry['kind']> = new Set([
  ...(['approved', 'declined', 'refused', 'change-made', 'verified', 'not-verified', 'failed', 'drift'] as const),
  ...(['extended', 'change-undone', 'undone', 'undo-refused', 'stopped', 'resumed'] as const),
]);

const LONGEST_TEXT = 1000;
const MOST_TARGETS = 100;

/** What an entity is by the form of its key; keys of other forms are not told. */
const KINDS: Readonly<Record<string, EntityKind>> = {
  'entra-user': 'user',
  'entra-sp': 'service-principal',
  'entra-app': 'application',
  'entra-object': 'resource',
  'entra-oid': 'user',
  'entra-credential': 'access-key',
  upn: 'user',
  aws: 'resource',
  'aws-key': 'access-key',
  arm: 'resource',
  'k8s-user': 'user',
  k8s: 'resource',
  'github-user': 'user',
  'github-repo': 'resource',
  ip: 'ip',
};

interface ToldTarget {
  readonly kind: EntityKind;
  readonly key: string;
  readonly label: string;
}

/**
 * An entry of the evidence as the record that the source `crosstrail` reads: who did what, to which keys. The same entry always gives the same id.
 * @param response as it stands, where the entry is of one: its plans name what it concerns
 * @returns undefined for what is not told
 */
export function ownActionRecord(entry: EvidenceEntry, response: Response | undefined): JsonObject | undefined {
  if (!TOLD.has(entry.kind)) return undefined;
  const { kind, number, hash, data } = entry;
  const steps = (response?.steps ?? []).filter(({ id }) => entry.step === undefined || id === entry.step);
  const step = entry.step === undefined ? undefined : steps[0];
  return {
    category: 'CrosstrailResponse',
    time: new Date(entry.time).toISOString(),
    deed: kind,
    evidence: { number, hash },
    actor: actorOf(entry, response),
    ...optional('response', entry.response),
    ...optional('incident', response?.incident),
    ...optional('step', entry.step),
    ...optional('action', step?.action),
    ...optional('summary', summaryOf(data, step)),
    ...optional('reason', textOf(data['reason']) ?? textOf(data['problem']) ?? textOf(data['why'])),
    targets: targetsOf(steps).map((target) => ({ ...target })),
  };
}

const optional = (name: string, text: string | undefined): JsonObject =>
  text === undefined || text === '' ? {} : { [name]: text.slice(0, LONGEST_TEXT) };

/** Who decided, where people did; otherwise Crosstrail. */
function actorOf({ actor }: EvidenceEntry, response: Response | undefined): JsonObject {
  const key = keyOfPerson(actor);
  if (key === undefined) return { key: crosstrailKey(), label: 'Crosstrail' };
  const name = response?.approval?.answers.find(({ by }) => by.id === actor)?.by.name;
  return { key: boundedKey(key), label: (name ?? actor).slice(0, LONGEST_TEXT) };
}

/** @param id of an approver, as `Approver.id` has it; undefined for a binding and for Crosstrail */
function keyOfPerson(id: string): string | undefined {
  const [, how = '', where = '', who = ''] = /^(entra|slack|local):(?:([^/]+)\/)?(.+)$/.exec(id) ?? [];
  if (how === 'entra' && where !== '') return entraUserKey(where, who);
  if (how === 'slack' && where !== '') return slackUserKey(where, who);
  return how === 'local' ? localUserKey(id.slice('local:'.length)) : undefined;
}

function summaryOf(data: JsonObject, step: Step | undefined): string | undefined {
  const change = step?.plan?.changes.find(({ id }) => id === data['change']);
  const summaries = step?.plan?.changes.map(({ summary }) => summary).join('; ');
  return textOf(data['summary']) ?? change?.summary ?? summaries;
}

/** What plans concern, each key once: addresses first, for these are looked for first. */
function targetsOf(steps: readonly Step[]): ToldTarget[] {
  const all = steps.flatMap(({ plan }) => (plan === undefined ? [] : targetsOfPlan(plan)));
  const byKey = new Map<string, ToldTarget>();
  for (const target of [...all.filter(({ kind }) => kind === 'ip'), ...all]) {
    if (byKey.size < MOST_TARGETS && !byKey.has(target.key)) byKey.set(target.key, target);
  }
  return [...byKey.values()];
}

function targetsOfPlan({ subjects, target, changes }: Plan): ToldTarget[] {
  const things = [target, ...changes.map((change) => change.target)];
  return [...subjects.flatMap(keysOf), ...things.flatMap(({ id, label }) => told(keyOfId(id), label))];
}

function keysOf(subject: Subject): ToldTarget[] {
  switch (subject.kind) {
    case 'principal':
      return subject.keys.flatMap((key) => told(key, subject.label));
    case 'resource':
      return told(subject.key, subject.label);
    case 'address': {
      const network = parsePrefix(subject.value);
      // The timeline knows addresses, not networks.
      if (network === undefined || network.length !== network.words.length * 32) return [];
      return told(ipKey(prefixText(network)), prefixText(network));
    }
  }
}

/** Keys only: the bare ids and names beside them are for guards. */
function told(key: string | undefined, label: string): ToldTarget[] {
  const kind = key === undefined ? undefined : kindOf(key);
  if (key === undefined || kind === undefined) return [];
  const bounded = boundedKey(key);
  return [{ kind, key: bounded, label: (label === '' ? bounded : label).slice(0, LONGEST_TEXT) }];
}

function kindOf(key: string): EntityKind | undefined {
  if (/^aws:arn:[^:]*:iam:[^:]*:[^:]*:role\//.test(key)) return 'role';
  if (/^aws:arn:[^:]*:iam:[^:]*:[^:]*:(?:user\/|root$)/.test(key)) return 'user';
  return Object.hasOwn(KINDS, prefixOf(key)) ? KINDS[prefixOf(key)] : undefined;
}

/** The key of a target of which the id tells what it is. */
function keyOfId(id: string): string | undefined {
  // What is in a cluster has an id that begins as the cluster's, and a key of its own among the subjects.
  if (/\/managedclusters\/[^/]+\//i.test(id)) return undefined;
  if (/^\/subscriptions\//i.test(id)) return armKey(id);
  if (id.startsWith('arn:')) return arnKey(id);
  return /^AKIA[A-Z0-9]{12,124}$/.test(id) ? accessKeyKey(id) : id;
}
