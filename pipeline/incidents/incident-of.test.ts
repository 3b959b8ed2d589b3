import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { demoStory } from '../../local/demo/story.ts';
import { ATTACKER as DEMO_ATTACKER, VICTIM, TENANT as DEMO_TENANT } from '../../local/demo/tenant.ts';
import { observationOf } from '../correlation/observe.ts';
import { builtinRules } from '../detection/builtin.ts';
import { loadRules } from '../detection/loading/load.ts';
import type { RuleSet } from '../detection/matching/rule-set.ts';
import { readRecord } from '../sources/registry.ts';
import { cveKey, entraUserKey } from '../timeline/entity-keys.ts';
import type { Entity } from '../timeline/entity.ts';
import type { IncidentAlert, IncidentGroup } from '../timeline/incident.ts';
import type { Observation } from '../timeline/observation.ts';
import { alertId, withSignal } from './alert.ts';
import { incidentOf } from './incident-of.ts';
import {
  alertOf,
  ANN,
  arn,
  ATTACKER,
  groupOf,
  MINUTE,
  namesOf,
  observation,
  OFFICE,
  signIn,
  START,
} from './story-samples.ts';

const names = namesOf();
const SNAPSHOT = arn('arn:aws:ec2:eu-north-1::snapshot/snap-1');

/** Phished in Entra, then in AWS with a key that is known to be hers. */
const KEY = { kind: 'access-key', key: 'aws-key:ASIACONTOSO000000001', part: 'credential' } as const;
const whose = namesOf({ [KEY.key]: ANN, 'upn:ann@contoso.example': ANN });
const entry = signIn(START, { method: 'deviceCode' });
const inAws = (operation: string, minutes: number, target = SNAPSHOT) => {
  const session = 'aws:arn:aws:sts::111122223333:assumed-role/deploy/whoever';
  return observation('cloudtrail', operation, {
    time: START + minutes * MINUTE,
    principal: session,
    entities: [
      { kind: 'role-session', key: session, part: 'actor' },
      KEY,
      { kind: 'ip', key: `ip:${ATTACKER.ip}`, part: 'origin' },
      target,
    ],
    action: { service: 'ec2.amazonaws.com', account: '111122223333' },
  });
};
const stop = inAws('StopLogging', 20, arn('arn:aws:cloudtrail:eu-north-1:111122223333:trail/main'));
const share = inAws('ModifySnapshotAttribute', 30);
const attack = groupOf(
  [
    alertOf([entry], { title: 'Device code', techniques: ['T1566.002'] }),
    alertOf([stop], { title: 'Trail stopped', techniques: ['T1685.002'] }),
    alertOf([share], { title: 'Snapshot shared', techniques: ['T1537'] }),
  ],
  { context: [signIn(START - 60 * MINUTE, { from: OFFICE })] },
);

describe('an incident', () => {
  const incident = incidentOf(attack, whose);

  it('says who, where, how and what', () => {
    expect(incident).toMatchObject({
      id: 'incident-1',
      title: 'ann@contoso.example: from a device-code sign-in in Entra to snapshots shared in AWS',
      severity: 'high',
      principals: [
        { id: ANN, label: 'ann@contoso.example', kind: 'person', aliases: [KEY.key, 'upn:ann@contoso.example'] },
      ],
      clouds: ['Microsoft Entra', 'AWS'],
      sources: ['entra', 'cloudtrail'],
      techniques: ['T1566.002', 'T1685.002', 'T1537'],
      tactics: ['initial-access', 'defense-impairment', 'exfiltration'],
      firstSeen: START,
      lastSeen: START + 30 * MINUTE,
      eventIds: [entry, stop, share].map(({ recordId }) => recordId),
    });
    expect(incident?.story).toEqual([
      '2026-11-20 09:00:00  ann@contoso.example signed in to “Microsoft Graph” through “Azure Portal” by device code, from a new network: 198.51.100.23 (Nowhere, ZZ, AS64501) (Device code).',
      '2026-11-20 09:20:00  ann@contoso.example, as role deploy, stopped the logging of trail main in AWS account 111122223333.',
      '2026-11-20 09:30:00  ann@contoso.example changed with whom snapshot snap-1 is shared (Snapshot shared).',
    ]);
  });

  it('gives each step its alerts, events and techniques', () => {
    expect(incident?.steps.map(({ alertIds, eventIds, techniques }) => [alertIds, eventIds, techniques])).toEqual(
      attack.alerts.map(({ alert, events }) => [[alert.id], events.map(({ id }) => id), alert.techniques]),
    );
  });

  it('draws who acted from where, as whom, on what', () => {
    const { nodes = [], edges = [] } = incident?.graph ?? {};
    const label = (id: string) => nodes.find((node) => node.id === id)?.label;
    expect(edges.map(({ from, label: how, to }) => `${label(from) ?? ''} -${how}-> ${label(to) ?? ''}`)).toEqual([
      '198.51.100.23 -signed in-> ann@contoso.example',
      'ann@contoso.example -assumed-> deploy/whoever',
      'deploy/whoever -StopLogging-> trail main',
      'deploy/whoever -ModifySnapshotAttribute-> snapshot snap-1',
    ]);
  });
});

describe('what is no incident', () => {
  const alone = (sample: Parameters<typeof alertOf>[1]) => incidentOf(groupOf([alertOf([share], sample)]), whose);

  it('is what is low or only counted, until it amounts to something', () => {
    expect(alone({ severity: 'low' })).toBeUndefined();
    expect(alone({ severity: 'medium', decision: 'monitor' })).toBeUndefined();
    expect(alone({ severity: 'high', decision: 'monitor' })).toMatchObject({ severity: 'medium' });
    expect(alone({ severity: 'medium' })).toMatchObject({ severity: 'low' });
    expect(incidentOf(groupOf([]), whose)).toBeUndefined();
  });
});

it('names people before workloads, and shared names not among the others', () => {
  const by = (principal: string, at: number) =>
    observation('aks-audit', 'create pods/exec', {
      time: START + at,
      principal,
      entities: [{ kind: 'user', key: principal, part: 'actor' }],
    });
  const events = [
    by('k8s-user:shop:masterclient', 0),
    by('k8s-user:shop:system:serviceaccount:shop:web', 1),
    by('upn:ann@contoso.example', 2),
  ];
  const incident = incidentOf(groupOf([alertOf(events)]), namesOf({}));
  expect(incident?.principals.map(({ label, kind }) => [label, kind])).toEqual([
    ['ann@contoso.example', 'person'],
    ['system:serviceaccount:shop:web', 'workload'],
    ['masterclient', 'unknown'],
  ]);
  expect(incident?.title).toMatch(/^ann@contoso\.example and 1 other: /);
});

describe('sign-ins tried with many accounts', () => {
  const tries = Array.from({ length: 12 }, (_, at) => {
    const key = `upn:user${at}@contoso.example`;
    const entities = [{ kind: 'user', key, part: 'actor' } as const];
    return { ...signIn(START + at * MINUTE, { outcome: 'failure' }), principal: key, entities };
  });
  const spray = alertOf(tries, { title: 'Many accounts tried from one address' });

  it('are one step of somebody whom nobody knows', () => {
    const incident = incidentOf(groupOf([spray]), namesOf({}));
    expect(incident?.title).toBe('somebody unknown: sign-ins tried with many accounts (failed) in Entra');
    expect(incident?.steps.map(({ text }) => text)).toEqual([
      'somebody unknown tried to sign in as 12 accounts (user0@contoso.example, user1@contoso.example, user2@contoso.example, others) within 11 minutes, from 198.51.100.23 (Nowhere, ZZ, AS64501), and failed (Many accounts tried from one address).',
    ]);
  });

  it('are about the one who was got into, where there is one', () => {
    const into = alertOf([signIn(START + 60 * MINUTE)], { rule: 'b' });
    const incident = incidentOf(groupOf([spray, into]), names);
    expect(incident?.principals.map(({ label }) => label)).toEqual(['ann@contoso.example']);
    expect(incident?.title).toBe(
      'ann@contoso.example: from sign-ins tried with many accounts (failed) to a sign-in in Entra',
    );
  });
});

it('draws and tells no vulnerabilities named in a text as things acted upon, so that they cannot crowd out those', () => {
  const named = Array.from({ length: 20 }, (_, at): Entity => {
    const cve = `CVE-2026-${10_000 + at}`;
    return { kind: 'vulnerability', key: cveKey(cve), part: 'target', label: cve };
  });
  const targets = [...named, arn('arn:aws:cloudtrail:eu-north-1:111122223333:trail/main')];
  const incident = incidentOf(groupOf([alertOf([observation('cloudtrail', 'DeleteTrail', { targets })])]), whose);
  expect(incident?.graph.nodes.map(({ label }) => label)).toContain('trail main');
  expect(JSON.stringify([incident?.graph, incident?.story])).not.toMatch(/cve/i);
});

it('joins what one made with who used it, in the graph', () => {
  const key = { kind: 'access-key', key: 'aws-key:AKIACONTOSO000000002', label: 'AKIACONTOSO000000002' } as const;
  const made = observation('cloudtrail', 'CreateAccessKey', { targets: [{ ...key, part: 'target' }] });
  const user = 'aws:arn:aws:iam::111122223333:user/backup';
  const used = observation('cloudtrail', 'DeleteTrail', {
    time: START + MINUTE,
    principal: user,
    entities: [
      { kind: 'user', key: user, part: 'actor', label: 'backup' },
      { ...key, part: 'credential' },
    ],
  });
  const incident = incidentOf(groupOf([alertOf([made], { rule: 'a' }), alertOf([used], { rule: 'b' })]), names);
  expect(incident?.graph.edges.map(({ from, to, label }) => [from, label, to])).toContainEqual([key.key, 'used', user]);
  const cluster = 'arm:/subscriptions/x/providers/microsoft.containerservice/managedclusters/shop';
  const [one, other] = [alertOf([signIn(START)], { rule: 'a' }), alertOf([used], { rule: 'b' })];
  const joins = [{ alerts: [one.alert.id, other.alert.id], by: 'link', key: cluster }] as const;
  const linked = incidentOf(groupOf([one, other], { joins }), names);
  expect(linked?.graph.edges.map(({ from, to }) => [from, to])).toEqual(
    expect.arrayContaining([
      [ANN, cluster],
      [cluster, user],
    ]),
  );
});

it('is the same in whatever order its lists come', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...attack.alerts], { minLength: 3 }),
      fc.shuffledSubarray([...attack.context], { minLength: 1 }),
      (alerts, context) => {
        expect(incidentOf({ ...attack, alerts, context: [...context, ...context, entry] }, whose)).toEqual(
          incidentOf(attack, whose),
        );
      },
    ),
  );
});

it('lets no text of a record pass for its own', () => {
  const text = fc.string({ unit: 'binary', maxLength: 600 });
  const key = fc
    .tuple(
      fc.constantFrom(
        'aws:arn:aws:',
        'arm:/subscriptions/',
        'k8s:x:',
        'k8s-user:x:',
        'entra-object:',
        'federated:',
        '',
        'upn:',
        'aws:arn:aws:sts::1:assumed-role/',
      ),
      text,
    )
    .map(([prefix, rest]) => prefix + rest);
  const entity = fc.record({
    kind: fc.constantFrom('user' as const, 'resource' as const, 'application' as const, 'access-key' as const),
    key,
    part: fc.constantFrom('actor' as const, 'target' as const, 'origin' as const, 'credential' as const),
    label: fc.option(text, { nil: undefined }),
  });
  const hostile = fc.record({
    source: fc.constantFrom(
      'entra' as const,
      'azure-activity' as const,
      'aks-audit' as const,
      'cloudtrail' as const,
      'json' as const,
    ),
    operation: fc.oneof(
      text,
      fc.constantFrom(
        'constructor',
        '__proto__',
        'create pods',
        'AssumeRole',
        'Update application',
        '/write',
        'x/delete',
      ),
    ),
    principal: key,
    entities: fc.array(entity, { maxLength: 6 }),
    classUid: fc.constantFrom(3002, 6003),
    service: fc.option(text, { nil: undefined }),
    method: fc.option(text, { nil: undefined }),
    from: fc.record({ ip: text, client: text, city: text, country: text }),
  });
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (all) => {
      const events = all.map(({ source, operation, principal, entities, ...action }) =>
        observation(source, operation, { principal, entities, action: { activityId: 1, ...action } }),
      );
      const incident = incidentOf(groupOf([alertOf(events)]), namesOf({}));
      const shown = [
        incident?.title,
        ...(incident?.story ?? []),
        ...(incident?.principals.map(({ label }) => label) ?? []),
        ...(incident?.graph.nodes.map(({ label }) => label) ?? []),
        ...(incident?.graph.edges.map(({ label }) => label) ?? []),
      ];
      for (const line of shown) {
        expect(line?.isWellFormed()).toBe(true);
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/);
        expect(line?.length).toBeLessThan(1600);
      }
    }),
    { numRuns: 60 },
  );
});

describe('the attack of the demo', () => {
  let rules: RuleSet;
  beforeAll(async () => {
    rules = await loadRules([builtinRules()]);
  });

  it('is told as it happened', () => {
    const events = demoStory(Date.UTC(2026, 10, 20, 10)).flatMap(({ record }) => {
      if (!JSON.stringify(record).includes(DEMO_ATTACKER.ip)) return [];
      const read = readRecord(record);
      return [observationOf({ ...read.event, ...rules.standing(read, rules.match(read)) })];
    });
    const victim = entraUserKey(DEMO_TENANT, VICTIM.objectId);
    const credentials = events.flatMap(({ entities }) =>
      entities.flatMap(({ key }) => (key.startsWith('aws-key:ASIA') ? [[key, victim] as const] : [])),
    );
    const incident = incidentOf(
      groupOfAll(events),
      namesOf({ ...Object.fromEntries(credentials), [`upn:${VICTIM.upn}`]: victim }),
    );
    expect(incident?.title).toBe(
      'mara@contoso.example: from a device-code sign-in in Entra to snapshots shared in AWS',
    );
    expect(incident?.severity).toBe('critical');
    expect(incident?.clouds).toEqual(['Microsoft Entra', 'Azure', 'Kubernetes', 'AWS']);
    expect(incident?.steps.map(({ text }) => text)).toMatchInlineSnapshot(`
      [
        "mara@contoso.example signed in to “Windows Azure Service Management API” through “Microsoft Authentication Broker” by device code, from 198.51.100.23 (Nowhere, ZZ, AS64500), using python-requests/2.32.3 (Device code sign-in to the Microsoft Authentication Broker).",
        "mara@contoso.example added a credential to service principal deploy-shop.",
        "mara@contoso.example asked Azure to make a role assignment on subscription 00000000-0000-4000-8000-0000000005ab (Owner or User Access Administrator assigned).",
        "mara@contoso.example deleted diagnostic setting to-siem on key vault kv-shop.",
        "mara@contoso.example fetched the administrator credential of AKS cluster shop.",
        "masterclient read the secrets of all namespaces in cluster shop, from 198.51.100.23, using kubectl/v1.34.1.",
        "masterclient ran a command in pod web-0 in namespace shop.",
        "masterclient made cluster role binding metrics (cluster-admin given to somebody).",
        "mara@contoso.example, as role Developer, stopped the logging of trail organisation in AWS account 111122223333.",
        "mara@contoso.example made access key AKIAEXAMPLE0000BACKUP for user backup.",
        "mara@contoso.example attached policy AdministratorAccess to user backup.",
        "mara@contoso.example changed with whom snapshot snap-0123456789abcdef0 is shared (Snapshot or image shared with another account).",
      ]
    `);
  });
});

/** All alerts of single events, in one group. */
function groupOfAll(events: readonly Observation[]): IncidentGroup {
  const alerts = new Map<string, IncidentAlert>();
  for (const event of events) {
    for (const signal of event.signals) {
      const id = alertId({ signal, event });
      const known = alerts.get(id);
      alerts.set(id, {
        alert: { ...withSignal(known?.alert, { signal, event }), id },
        events: [...(known?.events ?? []), event],
      });
    }
  }
  return groupOf([...alerts.values()]);
}
