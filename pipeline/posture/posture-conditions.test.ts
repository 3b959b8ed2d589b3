import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, type JsonObject } from '../../platform/json.ts';
import type { Observation } from '../timeline/observation.ts';
import type { PostureChange } from '../timeline/posture-change.ts';
import { PostureConditions, type ConditionEpisode } from './posture-conditions.ts';
import { parsePostureSummary } from './posture-summary.ts';
import { ACCOUNT, activityRow, GROUP, minute, observed, trailRecord } from './posture-samples.ts';

const NSG = `${GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg-shop`;
const WRITE = 'Microsoft.Network/networkSecurityGroups/securityRules/write';
const allow = (sourceAddressPrefix: string): unknown => ({
  properties: { access: 'Allow', direction: 'Inbound', sourceAddressPrefix, destinationPortRange: '22' },
});
const rule = (at: number, more: Partial<Parameters<typeof activityRow>[0]> = {}): Observation =>
  observed(activityRow({ operation: WRITE, id: `${NSG}/securityRules/ssh`, at, ...more }));
const opened = (at: number, correlation?: string): Observation =>
  rule(at, { body: allow('*'), ...(correlation !== undefined && { correlation }) });
const closed = (at: number): Observation => rule(at, { body: allow('203.0.113.0/24') });

const of = (...observations: readonly Observation[]): PostureConditions => {
  const conditions = new PostureConditions();
  for (const observation of observations) conditions.take(observation);
  return conditions;
};

/** When a condition began, and when it ended. */
const shown = ({ part, since, undone }: ConditionEpisode): readonly unknown[] => [
  part,
  new Date(since.time).toISOString(),
  undone && new Date(undone.time).toISOString(),
];

describe('PostureConditions', () => {
  it('what is opened stands until it is closed, and tells by whom', () => {
    const conditions = of(opened(0));
    expect(conditions.standing()).toMatchObject([
      {
        condition: 'network-open',
        resource: `arm:${NSG.toLowerCase()}`,
        part: 'ssh',
        what: 'lets every address in',
        since: { time: Date.parse(minute(0)), operation: WRITE.toUpperCase() },
      },
    ]);
    const after = closed(7);
    conditions.take(after);
    expect(conditions.standing()).toEqual([]);
    expect(conditions.all()).toMatchObject([{ undone: { event: after.id, principal: after.principal } }]);
  });

  it('stands since it was first opened, though it is opened again', () => {
    const [first, second] = [opened(0), opened(5)];
    expect(of(second, first).standing()).toMatchObject([{ since: { event: first.id }, again: { event: second.id } }]);
    expect(of(second, closed(3), first).all().map(shown)).toEqual([
      ['ssh', minute(0), minute(3)],
      ['ssh', minute(5), undefined],
    ]);
  });

  it('what was never open is not cleared', () => {
    expect(of(closed(0)).all()).toEqual([]);
  });

  it('a request that was refused changed nothing, in whichever order its rows come', () => {
    const refused = rule(1, { result: 'Failure', correlation: 'one' });
    expect(of(opened(0, 'one'), refused).all()).toEqual([]);
    expect(of(refused, opened(0, 'one')).all()).toEqual([]);
    expect(of(refused, opened(0, 'another')).standing()).toHaveLength(1);
  });

  it('a group written anew keeps open since when what it still opens', () => {
    const written = (at: number, names: readonly string[]): Observation =>
      observed(
        activityRow({
          operation: 'Microsoft.Network/networkSecurityGroups/write',
          id: NSG,
          at,
          body: { properties: { securityRules: names.map((name) => ({ name, ...(allow('*') as JsonObject) })) } },
        }),
      );
    const all = of(written(0, ['a', 'b']), written(4, ['b', 'c']))
      .all()
      .map(shown);
    expect(all.sort()).toEqual([
      ['a', minute(0), minute(4)],
      ['b', minute(0), undefined],
      ['c', minute(4), undefined],
    ]);
  });

  const groupId = 'sg-0123456789abcdef0';
  const ec2 = (name: string, at: number, request: JsonObject, response: JsonObject = {}): Observation =>
    observed(trailRecord({ source: 'ec2', name, at, request: { groupId, ...request }, response }));
  const SSH = { ipProtocol: 'tcp', fromPort: 22, toPort: 22 };
  const authorized = (at: number, securityGroupRuleId: string): Observation =>
    ec2(
      'AuthorizeSecurityGroupIngress',
      at,
      {},
      {
        securityGroupRuleSet: { items: [{ ...SSH, securityGroupRuleId, cidrIpv4: '0.0.0.0/0' }] },
      },
    );

  it.each([
    ['by what it says', { ...SSH, cidrIp: '0.0.0.0/0' }],
    ['by its id', { securityGroupRuleIds: { items: [{ securityGroupRuleId: 'sgr-1' }] } }],
  ])('a rule of a security group is revoked %s', (_by, request) => {
    const [made, revoked] = [authorized(0, 'sgr-1'), ec2('RevokeSecurityGroupIngress', 3, request)];
    for (const conditions of [of(made, revoked), of(revoked, made)]) {
      expect(conditions.all()).toMatchObject([{ undone: { event: revoked.id } }]);
    }
    expect(
      of(
        authorized(0, 'sgr-2'),
        ec2('RevokeSecurityGroupIngress', 3, { securityGroupRuleIds: { items: [] } }),
      ).standing(),
    ).toHaveLength(1);
  });

  it('a flow log that is made anew stands for the one that was deleted', () => {
    const made = (at: number, item: string): Observation =>
      ec2(
        'CreateFlowLogs',
        at,
        { CreateFlowLogsRequest: { ResourceId: { tag: 1, content: 'vpc-1' } } },
        {
          CreateFlowLogsResponse: { flowLogIdSet: { item } },
        },
      );
    const deleted = ec2('DeleteFlowLogs', 5, { DeleteFlowLogsRequest: { FlowLogId: { tag: 1, content: 'fl-1' } } });
    expect(of(made(0, 'fl-1'), deleted).standing()).toMatchObject([
      { resource: `aws-account:${ACCOUNT}`, part: 'flow log vpc-1' },
    ]);
    expect(of(made(9, 'fl-2'), deleted, made(0, 'fl-1')).standing()).toEqual([]);
  });

  it('tells only what changed, and what never was', () => {
    const conditions = of(opened(5));
    const [first] = conditions.settle().changed;
    expect(conditions.settle()).toEqual({ changed: [], gone: [] });
    conditions.take(opened(0));
    const { changed, gone } = conditions.settle();
    expect(gone).toEqual([first?.id]);
    expect(changed.map(shown)).toEqual([['ssh', minute(0), undefined]]);
  });

  it('forgets what was undone, keeps what stands, and goes on from there', () => {
    const before = of(opened(0), closed(1), opened(2));
    before.settle();
    const summaries = before.forget(Date.parse(minute(10)));
    const kept = summaries.map((summary) => parsePostureSummary(parseJson(JSON.stringify(summary))));
    expect(kept).toEqual(summaries);
    const after = new PostureConditions();
    after.restore(kept);
    after.take(opened(1)); // in the summary, and kept for another reason
    after.settle();
    for (const conditions of [before, after]) {
      conditions.take(closed(1)); // something later is settled
      expect(conditions.all().map(shown)).toEqual([['ssh', minute(2), undefined]]);
      conditions.take(closed(12));
      expect(conditions.all().map(shown)).toEqual([['ssh', minute(2), minute(12)]]);
    }
  });

  it('takes what comes late where nothing later is settled', () => {
    const conditions = of(opened(0), closed(1));
    conditions.forget(Date.parse(minute(60)));
    conditions.take(opened(0));
    expect(conditions.all()).toEqual([]);
    conditions.take(opened(30));
    expect(conditions.standing().map(shown)).toEqual([['ssh', minute(30), undefined]]);
  });

  it('tells what was undone before it forgets it', () => {
    const conditions = of(opened(0));
    conditions.settle();
    conditions.take(closed(1));
    expect(conditions.forget(Date.parse(minute(10)))).toMatchObject([
      { settled: { time: Date.parse(minute(1)) }, open: [], names: [] },
    ]);
    expect(conditions.settle()).toMatchObject({ changed: [{ undone: { time: Date.parse(minute(1)) } }], gone: [] });
    expect(conditions.forget(Date.parse(minute(30)))).toEqual([]);
    expect(conditions.size).toBe(1);
    const [last] = conditions.forget(Date.parse(minute(31 * 24 * 60)));
    expect(last).toEqual({ key: last?.key, condition: 'network-open', resource: last?.resource, open: [], names: [] });
    expect(conditions.size).toBe(0);
  });

  it('holds no more than it may, and counts what it gave up', () => {
    const conditions = new PostureConditions({ events: 10, groups: 3 });
    for (let at = 0; at < 100; at++) conditions.take(at % 2 === 0 ? opened(at) : closed(at));
    conditions.take(opened(100));
    expect(conditions.standing().map(shown)).toEqual([['ssh', minute(100), undefined]]);
    expect(conditions.evicted).toBeGreaterThan(0);
    for (let at = 0; at < 10; at++) {
      conditions.take(rule(at, { id: `${NSG}${at}/securityRules/ssh`, body: allow('*') }));
    }
    expect(conditions.size).toBe(3);
  });
});

describe('the order of observations', () => {
  const PARTS = [undefined, 'a', 'b'];
  const change = fc.record({
    part: fc.constantFrom(...PARTS),
    also: fc.constantFrom(undefined, undefined, 'x', 'b'),
    weakened: fc.boolean(),
    stage: fc.constantFrom(undefined, undefined, 'requested' as const, 'refused' as const),
  });
  const observation = fc.record({
    time: fc.integer({ min: 0, max: 12 }),
    operation: fc.constantFrom(undefined, 'o', 'p'),
    changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  });
  const base = opened(0);
  const observations = fc.array(observation, { maxLength: 14 }).map((list) =>
    list.map(({ time, operation, changes }, at): Observation => ({
      ...base,
      id: `azure-activity/${at}`,
      time,
      operation,
      posture: changes.map(({ stage, part, also, weakened }): PostureChange => ({
        ...{ condition: 'network-open', resource: 'arm:/x', part, also, weakened, what: 'changes it' },
        ...(stage === 'refused' ? { weakened: false, stage } : stage === undefined ? {} : { stage }),
      })),
    })),
  );
  const ordered = observations.chain((list) =>
    fc.record({
      list: fc.constant(list),
      other: fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 }),
      settles: fc.array(fc.boolean(), { minLength: list.length * 2, maxLength: list.length * 2 }),
    }),
  );

  it('makes no difference, nor do repetitions and what was told between', () => {
    fc.assert(
      fc.property(ordered, ({ list, other, settles }) => {
        const once = of(...list);
        const often = new PostureConditions();
        const told = new Map<string, ConditionEpisode>();
        const settle = (): void => {
          const { changed, gone } = often.settle();
          for (const id of gone) expect(told.delete(id)).toBe(true);
          for (const episode of changed) told.set(episode.id, episode);
        };
        other.forEach((each, at) => {
          often.take(each);
          if (settles[at] === true) settle();
        });
        settle();
        expect(often.all()).toEqual(once.all());
        expect([...told.values()].sort(byId)).toEqual(once.all().sort(byId));
      }),
    );
  });

  it('once settled for good makes none either', () => {
    fc.assert(
      fc.property(ordered, fc.integer({ min: 0, max: 13 }), ({ list }, before) => {
        // Rows of one operation come within the lateness that is waited for: here at once.
        const plain = list.map((each) => ({ ...each, operation: undefined }));
        const early = plain.filter(({ time }) => time < before);
        const forgetful = of(...early);
        const told = new Map(forgetful.settle().changed.map((episode) => [episode.id, episode]));
        const restored = new PostureConditions();
        restored.restore(forgetful.forget(before));
        for (const each of plain) restored.take(each);
        for (const episode of restored.settle().changed) told.set(episode.id, episode);
        expect([...told.values()].sort(byId)).toEqual(
          of(...plain)
            .all()
            .sort(byId),
        );
      }),
    );
  });

  const byId = (a: ConditionEpisode, b: ConditionEpisode): number => (a.id < b.id ? -1 : 1);
});
