import { describe, expect, it } from 'vitest';
import type { PrincipalNames } from '../timeline/incident.ts';
import type { Observation } from '../timeline/observation.ts';
import { driftOf, type Drift } from './drift.ts';
import { LearnedPipelines } from './learned-pipelines.ts';
import { markOf } from './posture-mark.ts';
import {
  ACCOUNT,
  activityRow,
  ADA,
  auditEntry,
  GROUP,
  observed,
  SUBSCRIPTION,
  TENANT,
  trailRecord,
} from './posture-samples.ts';

const APP = { appId: '00000000-0000-4000-8000-0000000000d1', objectId: '00000000-0000-4000-8000-0000000000d2' };
const OTHER = { appId: '00000000-0000-4000-8000-0000000000e1', objectId: '00000000-0000-4000-8000-0000000000e2' };
const DAY = 24 * 60;

const locked = (more: Partial<Parameters<typeof activityRow>[0]> = {}): Observation =>
  observed(
    activityRow({
      operation: 'Microsoft.Authorization/locks/delete',
      id: `${GROUP}/providers/Microsoft.Authorization/locks/keep`,
      result: 'Success',
      ...more,
    }),
  );
const stopped = (role?: string): Observation =>
  observed(
    trailRecord({
      source: 'cloudtrail',
      name: 'StopLogging',
      request: { name: 'main' },
      ...(role !== undefined && { role }),
    }),
  );
const drifts = (observation: Observation, identity: string, scope: string, names?: PrincipalNames): Drift | undefined =>
  driftOf(observation.posture[0]?.resource ?? '', markOf(observation), [{ identity, scopes: [scope] }], names);

describe('changes past a configured pipeline', () => {
  it.each([SUBSCRIPTION, GROUP, GROUP.toUpperCase()])('are within %s', (scope) => {
    expect(drifts(locked(), APP.appId, scope)).toEqual({ pipeline: APP.appId, scope, learned: false });
  });

  it.each([`${GROUP}-other`, `${SUBSCRIPTION}0`, `aws:${ACCOUNT}`, `entra:${TENANT}`])('are not within %s', (scope) => {
    expect(drifts(locked(), APP.appId, scope)).toBeUndefined();
  });

  it.each([APP.appId, APP.appId.toUpperCase(), APP.objectId, `entra-sp:${TENANT}/${APP.objectId}`])(
    'are not those of the pipeline itself: %s',
    (identity) => {
      expect(drifts(locked({ app: APP }), identity, GROUP)).toBeUndefined();
      expect(drifts(locked({ app: OTHER }), identity, GROUP)).toBeDefined();
    },
  );

  it('are not those that the cloud itself makes', () => {
    const row = {
      ...activityRow({ operation: 'Microsoft.Authorization/locks/delete', id: GROUP, result: 'Success' }),
      identity: {},
    };
    expect(drifts(observed(row), APP.appId, GROUP)).toBeUndefined();
  });

  it('in AWS, by account and role', () => {
    const role = `arn:aws:iam::${ACCOUNT}:role/deploy`;
    expect(drifts(stopped('deploy'), role, `aws:${ACCOUNT}`)).toBeUndefined();
    expect(drifts(stopped('admin'), role, `aws:${ACCOUNT}`)).toBeDefined();
    expect(drifts(stopped(), role, `aws:${ACCOUNT}`)).toBeDefined();
    expect(drifts(stopped(), role, 'aws:444455556666')).toBeUndefined();
    const bucket = trailRecord({ source: 's3', name: 'DeleteBucketPublicAccessBlock', request: { bucketName: 'b' } });
    expect(drifts(observed(bucket), role, `aws:${ACCOUNT}`)).toBeDefined();
  });

  it('in Entra, by tenant', () => {
    const target = {
      id: '00000000-0000-4000-8000-000000000ca1',
      type: 'Policy',
      displayName: 'P',
      modifiedProperties: [],
    };
    const deleted = observed(auditEntry({ activity: 'Delete conditional access policy', target }));
    expect(drifts(deleted, APP.appId, `entra:${TENANT.toUpperCase()}`)).toBeDefined();
    expect(drifts(deleted, APP.appId, `entra:${APP.appId}`)).toBeUndefined();
  });

  it('take into account who is behind a session', () => {
    const identity = 'federated:idp.fabrikam.example|repo:contoso/shop';
    const names: PrincipalNames = {
      principalOf: ({ entities }) => (entities.some(({ kind }) => kind === 'access-key') ? identity : ''),
      resolve: (key) => key,
      aliasesOf: () => [],
    };
    expect(drifts(stopped('deploy'), identity, `aws:${ACCOUNT}`)).toBeDefined();
    expect(drifts(stopped('deploy'), identity, `aws:${ACCOUNT}`, names)).toBeUndefined();
  });
});

describe('changes past a pipeline that was learned', () => {
  const earlier = (count: number, every = DAY, more: (at: number) => typeof APP = () => APP): Observation[] =>
    Array.from({ length: count }, (_, at) => locked({ at: at * every, app: more(at) }));
  const after = (observations: readonly Observation[], observation: Observation): Drift | undefined => {
    const learned = new LearnedPipelines();
    for (const each of [...observations, observation, ...observations]) learned.take(each);
    return learned.driftOf(observation.posture[0]?.resource ?? '', markOf(observation));
  };
  const byHand = (at = 20 * DAY): Observation => locked({ at });

  it('are those of a person where one workload made all before', () => {
    const drift = { pipeline: `entra-sp:${TENANT}/${APP.objectId}`, scope: GROUP.toLowerCase(), learned: true };
    expect(after(earlier(10), byHand())).toEqual(drift);
    expect(after(earlier(10).reverse(), byHand())).toEqual(drift);
  });

  it.each([
    ['too few changes', earlier(9), byHand()],
    ['changes of one day', earlier(10, 60), byHand()],
    [
      'rows of one operation',
      Array.from({ length: 20 }, (_, at) => locked({ at: at * DAY, app: APP, correlation: 'one' })),
      byHand(30 * DAY),
    ],
    ['two workloads', earlier(10, DAY, (at) => (at === 3 ? OTHER : APP)), byHand()],
    ['a change by hand among them', [...earlier(10), byHand(5 * DAY)], byHand()],
    ['a change by another workload', earlier(10), locked({ at: 20 * DAY, app: OTHER })],
    ['a change from before', earlier(10), byHand(-DAY)],
    ['a change elsewhere', earlier(10), stopped()],
  ])('are not learned of %s', (_what, before, change) => {
    expect(after(before, change)).toBeUndefined();
  });

  it('in AWS the role stands for its sessions, unless people use it', () => {
    const calls = (role: string): Observation[] =>
      Array.from({ length: 10 }, (_, at) =>
        observed(
          trailRecord({ source: 'cloudtrail', name: 'StartLogging', request: { name: 'main' }, at: at * DAY, role }),
        ),
      );
    const change = observed(
      trailRecord({ source: 'cloudtrail', name: 'StopLogging', request: { name: 'main' }, at: 20 * DAY }),
    );
    expect(after(calls('deploy'), change)).toEqual({
      pipeline: `aws:arn:aws:iam::${ACCOUNT}:role/deploy`,
      scope: `aws:${ACCOUNT}`,
      learned: true,
    });
    expect(after(calls('aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_01'), change)).toBeUndefined();
  });

  it('a person behind a session is no workload', () => {
    const calls = Array.from({ length: 10 }, (_, at) =>
      observed(
        trailRecord({
          source: 'cloudtrail',
          name: 'StartLogging',
          request: { name: 'main' },
          at: at * DAY,
          role: 'admin',
        }),
      ),
    );
    const learned = new LearnedPipelines();
    const change = stopped();
    for (const each of calls) learned.take(each);
    const mark = { ...markOf(change), time: change.time + 20 * DAY * 60_000 };
    const names: PrincipalNames = {
      principalOf: () => `entra-user:${TENANT}/${ADA.id}`,
      resolve: (key) => key,
      aliasesOf: () => [],
    };
    expect(learned.driftOf(change.posture[0]?.resource ?? '', mark)).toBeDefined();
    expect(learned.driftOf(change.posture[0]?.resource ?? '', mark, names)).toBeUndefined();
  });
});
