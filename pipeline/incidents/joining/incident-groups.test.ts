import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IncidentAlert, IncidentGroup } from '../../timeline/incident.ts';
import type { Observation } from '../../timeline/observation.ts';
import { IncidentGroups } from './incident-groups.ts';
import {
  activity,
  alertOf,
  ANN,
  aws,
  azure,
  BOB,
  byBob,
  CLUSTER,
  directoryChange,
  HOUR,
  iamUser,
  kube,
  NINE,
  ObservedNames,
  opens,
  roleSession,
  signIn,
  TENANT,
  user,
} from './joining-samples.ts';

const disk = (name: string) => azure(`Microsoft.Compute/disks/${name}`);
const exportsDisk = (minute: number, id: string, upn: string, name = upn): Observation =>
  activity(minute, user(id, upn), 'Microsoft.Compute/disks/beginGetAccess/action', disk(name));
const ann = (minute: number, name?: string) => exportsDisk(minute, ANN, 'ann@contoso.example', name);
const bob = (minute: number, name?: string) => exportsDisk(minute, BOB, 'bob@contoso.example', name);
const ANN_KEY = `entra-user:${TENANT}/${ANN}`;
const idsOf = (group: IncidentGroup | undefined): string[] => group?.alerts.map(({ alert }) => alert.id) ?? [];

function groupsWith(...alerts: readonly IncidentAlert[]) {
  const names = new ObservedNames(...alerts.flatMap(({ events }) => events));
  const groups = new IncidentGroups(names);
  for (const alert of alerts) groups.put(alert);
  return { groups, names };
}

/** Groups as they stand after all that was told. */
class Told {
  readonly standing = new Map<string, IncidentGroup>();

  take({ changed, gone }: ReturnType<IncidentGroups['settle']>): void {
    for (const { id, into } of gone) {
      this.standing.delete(id);
      if (into !== undefined) expect([...this.standing.keys(), ...changed.map((group) => group.id)]).toContain(into);
    }
    for (const group of changed) this.standing.set(group.id, group);
  }

  get all(): IncidentGroup[] {
    return [...this.standing.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

describe('groups of alerts', () => {
  it('hold an alert alone where nothing joins it', () => {
    const { changed, gone } = groupsWith(alertOf('a', ann(0)), alertOf('b', bob(1))).groups.settle();
    expect(changed.map(idsOf).sort()).toEqual([['a'], ['b']]);
    expect(changed.flatMap(({ joins }) => joins)).toEqual([]);
    expect(gone).toEqual([]);
  });

  it('are told once, and again when something is different', () => {
    const { groups } = groupsWith(alertOf('a', ann(0)));
    const [first] = groups.settle().changed;
    groups.put(alertOf('a', ...(first?.alerts[0]?.events ?? [])));
    expect(groups.settle()).toEqual({ changed: [], gone: [] });
    groups.put(alertOf('a', ann(0), ann(5)));
    expect(groups.settle().changed).toMatchObject([{ id: first?.id, alerts: [{ alert: { count: 2 } }] }]);
  });

  it('merge when an alert joins them, under the id of the earliest, and part when it is withdrawn', () => {
    const { groups } = groupsWith(alertOf('a', ann(0, 'one')), alertOf('b', bob(1, 'two')));
    const [one, two] = groups.settle().changed.toSorted((x) => (idsOf(x)[0] === 'a' ? -1 : 1));
    groups.put(alertOf('c', ann(2, 'two')));
    const merged = groups.settle();
    expect(merged.changed.map(idsOf)).toEqual([['a', 'b', 'c']]);
    expect(merged.changed[0]?.id).toBe(one?.id);
    expect(merged.changed[0]?.joins).toEqual([
      { alerts: ['a', 'c'], by: 'principal', key: ANN_KEY },
      { alerts: ['b', 'c'], by: 'resource', key: `arm:${disk('two').toLowerCase()}` },
    ]);
    expect(merged.gone).toEqual([{ id: two?.id, into: one?.id }]);
    groups.withdraw('c');
    const parted = groups.settle();
    expect(parted.changed.map(idsOf).sort()).toEqual([['a'], ['b']]);
    expect(parted.gone).toEqual([]);
    groups.withdraw('a');
    expect(groups.settle()).toEqual({ changed: [], gone: [{ id: one?.id, into: undefined }] });
  });

  it('take another id when an earlier alert joins, and tell which', () => {
    const { groups } = groupsWith(alertOf('b', ann(10)));
    const [before] = groups.settle().changed;
    groups.put(alertOf('a', ann(0)));
    const { changed, gone } = groups.settle();
    expect(changed.map(idsOf)).toEqual([['a', 'b']]);
    expect(gone).toEqual([{ id: before?.id, into: changed[0]?.id }]);
  });

  it('are joined anew when a link is learned late', () => {
    const assumes = aws(
      0,
      iamUser('one', 'AKIACONTOSO000000001'),
      'sts',
      'AssumeRole',
      opens('Ops', 'x', 'ASIACONTOSO000000001'),
    );
    const acts = aws(10, roleSession('Ops', 'x', 'ASIACONTOSO000000001'), 's3', 'DeleteBucket', {
      sourceIPAddress: '198.51.100.2',
    });
    const creates = aws(20, iamUser('one', 'AKIACONTOSO000000001'), 'iam', 'CreateUser', {
      requestParameters: { userName: 'two' },
    });
    const names = new ObservedNames(acts, creates);
    const groups = new IncidentGroups(names);
    groups.put(alertOf('a', acts));
    groups.put(alertOf('b', creates));
    expect(groups.settle().changed).toHaveLength(2);
    names.graph.takeChanges();
    names.learn(assumes);
    groups.principalsChanged(names.graph.takeChanges().map(({ key }) => key));
    const { changed, gone } = groups.settle();
    expect(changed.map(idsOf)).toEqual([['a', 'b']]);
    expect(changed[0]?.joins[0]?.by).toBe('principal');
    expect(gone).toHaveLength(1);
  });

  it('are told again when the one who acted has another name, though nothing is joined otherwise', () => {
    const { groups, names } = groupsWith(alertOf('a', ann(0)));
    groups.settle();
    names.graph.takeChanges();
    names.learn(signIn(5, ANN, 'a.example@contoso.example'));
    groups.principalsChanged(names.graph.takeChanges().map(({ key }) => key));
    expect(groups.settle().changed.map(idsOf)).toEqual([['a']]);
  });

  it('are no stories where they are too large: then only who did it and with what joins', () => {
    const many = Array.from({ length: 300 }, (_, n) => [
      alertOf(`a-${n}`, ann(n, 'one')),
      alertOf(`b-${n}`, bob(n, 'one')),
    ]).flat();
    const { changed } = groupsWith(...many).groups.settle();
    expect(changed.map((group) => new Set(idsOf(group).map((id) => id[0])).size)).toEqual([1, 1]);
    expect(groupsWith(...many.slice(0, 400)).groups.settle().changed).toHaveLength(1);
  });

  it('tell how those who acted came in, from a day before the first alert to the last', () => {
    const alerts = [alertOf('a', ann(0)), alertOf('b', ann(120))];
    const { groups } = groupsWith(...alerts);
    const [early, before, between, after, others] = [
      signIn(-25 * 60, ANN, 'ann@contoso.example'),
      signIn(-30, ANN, 'ann@contoso.example'),
      signIn(90, ANN, 'ann@contoso.example'),
      signIn(150, ANN, 'ann@contoso.example'),
      signIn(-30, BOB, 'bob@contoso.example'),
    ];
    for (const one of [after, between, before, early, others]) groups.context(one);
    expect(groups.settle().changed[0]?.context).toEqual([before, between]);
    const again = signIn(-35, ANN, 'ann@contoso.example');
    groups.context(again);
    expect(groups.settle().changed[0]?.context).toEqual([again, between]);
  });

  it('forget what ended, and nothing that is connected with what goes on', () => {
    const { groups } = groupsWith(alertOf('a', ann(0)), alertOf('b', ann(60)), alertOf('c', bob(0)));
    groups.context(signIn(-30, ANN, 'ann@contoso.example'));
    groups.settle();
    expect(groups.size).toBe(4);
    groups.forget(NINE + HOUR);
    expect(groups.size).toBe(3);
    expect(groups.settle()).toEqual({ changed: [], gone: [] });
    groups.forget(NINE + 26 * HOUR);
    expect(groups.size).toBe(0);
    expect(groups.settle()).toEqual({ changed: [], gone: [] });
  });
});

const roleOf = (minute: number) =>
  aws(minute, roleSession('Deploy', 'y', 'ASIACONTOSO000000007'), 'ec2', 'RunInstances');

describe('noise without end', () => {
  it('makes groups of a week at most, of which the old ones are forgotten', () => {
    const { groups } = groupsWith();
    const told = new Told();
    const sizes: number[] = [];
    for (let half = 0; half < 120; half++) {
      groups.put(alertOf(`noise-${half}`, ann(half * 12 * 60)));
      told.take(groups.settle());
      groups.forget(NINE + (half * 12 - 48) * HOUR);
      sizes.push(groups.size);
    }
    // Two weeks of two alerts a day, and what is not yet forgotten.
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2 * 14 + 4);
    expect(Math.max(...told.all.map(({ alerts }) => alerts.length))).toBeLessThanOrEqual(2 * 7 + 1);
    expect(told.all.flatMap(idsOf).sort()).toEqual(Array.from({ length: 120 }, (_, half) => `noise-${half}`).sort());
  });
});

/** Some alerts that the keys of any kind join, of a few people and workloads. */
const world: readonly { readonly put: IncidentAlert; readonly later: IncidentAlert }[] = [
  [ann(0, 'one'), ann(50, 'three')],
  [bob(10, 'one'), bob(20, 'two')],
  [ann(700, 'four')],
  [ann(2100, 'five')],
  [
    directoryChange(15, byBob, 'Reset password (by admin)', [
      { id: ANN, type: 'User', userPrincipalName: 'ann@contoso.example' },
    ]),
  ],
  [
    activity(
      30,
      user(BOB, 'bob@contoso.example'),
      'Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action',
      CLUSTER,
    ),
  ],
  [
    kube(40, 'masterclient', 'list', { resource: 'secrets' }),
    kube(45, 'masterclient', 'get', { namespace: 'shop', resource: 'secrets', name: 'db' }),
  ],
  [kube(50, 'system:serviceaccount:shop:web', 'get', { namespace: 'shop', resource: 'secrets', name: 'db' })],
  [
    kube(5, 'ann@contoso.example', 'create', {
      namespace: 'shop',
      resource: 'serviceaccounts',
      subresource: 'token',
      name: 'web',
    }),
  ],
  [aws(60, iamUser('one', 'AKIACONTOSO000000001'), 'sts', 'AssumeRole', opens('Ops', 'x', 'ASIACONTOSO000000001'))],
  [
    aws(70, roleSession('Ops', 'x', 'ASIACONTOSO000000001'), 's3', 'DeleteBucket', {
      requestParameters: { bucketName: 'logs' },
    }),
  ],
  [
    aws(80, iamUser('two', 'AKIACONTOSO000000002'), 's3', 'PutBucketPolicy', {
      requestParameters: { bucketName: 'logs' },
    }),
  ],
  [
    aws(90, iamUser('one', 'AKIACONTOSO000000001'), 'iam', 'CreateAccessKey', {
      requestParameters: { userName: 'two' },
    }),
  ],
  [roleOf(95)],
  [roleOf(99)],
].map((events, n) => ({ put: alertOf(`alert-${n}`, ...events.slice(0, 1)), later: alertOf(`alert-${n}`, ...events) }));
const ways = [
  signIn(-10, ANN, 'ann@contoso.example'),
  signIn(-5, BOB, 'bob@contoso.example'),
  signIn(1000, ANN, 'ann@contoso.example'),
];

type Step = (groups: IncidentGroups, names: ObservedNames) => void;

/** Everything that may come, each as one step; of alerts that grow, the steps that came too early are overwritten by the last. */
const steps: readonly Step[] = [
  ...world.map(({ later }): Step => (groups, names) => {
    names.learn(...later.events);
    groups.principalsChanged(names.graph.takeChanges().map(({ key }) => key));
    groups.put(later);
  }),
  ...ways.map((way): Step => (groups, names) => {
    names.learn(way);
    groups.principalsChanged(names.graph.takeChanges().map(({ key }) => key));
    groups.context(way);
  }),
];

function run(
  order: readonly Step[],
  settleAfter: (step: number) => boolean,
  before: readonly IncidentAlert[],
): IncidentGroup[] {
  const names = new ObservedNames();
  const groups = new IncidentGroups(names);
  const told = new Told();
  for (const alert of before) groups.put(alert);
  groups.put(alertOf('withdrawn', ann(3, 'one'), bob(4, 'two')));
  if (settleAfter(-1)) told.take(groups.settle());
  for (const [n, step] of order.entries()) {
    if (n === Math.floor(order.length / 2)) groups.withdraw('withdrawn');
    step(groups, names);
    if (settleAfter(n)) told.take(groups.settle());
  }
  told.take(groups.settle());
  return told.all;
}

describe('any order', () => {
  const expected = run(steps, () => false, []);

  it('of the sample makes some groups of several alerts, by every kind of join', () => {
    expect(expected.length).toBeGreaterThan(1);
    expect(new Set(expected.flatMap(({ joins }) => joins.map(({ by }) => by)))).toEqual(
      new Set(['principal', 'session', 'link', 'resource']),
    );
    expect(expected.flatMap(({ context }) => context).length).toBeGreaterThan(1);
  });

  it('with any pauses, repetitions and earlier forms of alerts gives the same groups', () => {
    const order = fc.shuffledSubarray([...steps, ...steps], { minLength: steps.length * 2 });
    const pauses = fc.array(fc.boolean(), { minLength: steps.length * 2 + 1, maxLength: steps.length * 2 + 1 });
    const early = fc.subarray(world.map(({ put }) => put));
    fc.assert(
      fc.property(order, pauses, early, (shuffled, settled, before) => {
        expect(run(shuffled, (step) => settled[step + 1] === true, before)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});
