import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FakeAwsIamOptions } from '../../../local/fakes/aws-iam.ts';
import { DEPLOY, DEPLOYER, SETTING, SHOP, SMALL, awsStage } from '../../../test/response/aws-stage.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { awsDetachPolicies as action } from './aws-detach-policies.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const ORDERS = { name: 'orders', document: '{ "Version": "2012-10-17",\n  "Statement": [] }' };
const INLINE = { roles: [{ name: 'shop', inline: [ORDERS] }] };

describeContract(action, {
  parameters: { principal: SHOP },
  start: (clock) => awsStage({ clock, ...SMALL, ...INLINE }),
  hostile: [
    { principal: 'shop' },
    { principal: `${SHOP}'` },
    { principal: SHOP, inline: 'yes' },
    { principal: 'x'.repeat(4096) },
  ],
});

async function staged(options: Partial<FakeAwsIamOptions> = {}) {
  const stage = await awsStage({ clock: new HurriedClock(), ...SETTING, ...options });
  onTestFinished(() => stage.iam.close());
  return stage;
}

describe('aws-detach-policies', () => {
  it('has a change for each policy, over pages, and keeps documents word for word', async () => {
    const stage = await staged({ pageSize: 1 });
    const { changes } = await action.plan({ principal: DEPLOY }, stage.context());
    expect(changes.map(({ id }) => id)).toEqual([
      'managed:arn:aws:iam::111122223333:policy/build',
      'managed:arn:aws:iam::aws:policy/ReadOnlyAccess',
      'inline:upload',
    ]);
    expect(changes[2]).toMatchObject({ before: { inline: 'upload', document: DEPLOYER.inline[0]?.document } });
  });

  it('detaches managed policies once, and attaches them again', async () => {
    const stage = await staged({ delay: 3_000 });
    const before = stage.iam.state;
    const { changes } = await action.plan({ principal: DEPLOY }, stage.context());
    for (const change of changes) {
      expect(await action.verify(change, stage.context())).toEqual({ is: 'absent' });
      for (const _time of ['first', 'again']) await action.execute(change, stage.context());
      expect(await action.verify(change, stage.context())).toEqual({ is: 'held' });
    }
    expect(stage.iam.writes.map(({ operation }) => operation)).toEqual([
      'DetachUserPolicy',
      'DetachUserPolicy',
      'DeleteUserPolicy',
    ]);
    for (const change of changes) {
      for (const _time of ['first', 'again']) await action.undo?.(change, stage.context());
      expect(await action.verify(change, stage.context())).toEqual({ is: 'absent' });
    }
    expect(stage.iam.state).toEqual(before);
    expect(stage.iam.writes).toHaveLength(6);
  });

  it('leaves inline policies alone where it is told to', async () => {
    const stage = await staged();
    const { changes } = await action.plan({ principal: SHOP, inline: false }, stage.context());
    expect(changes.map(({ id }) => id)).toEqual(['managed:arn:aws:iam::111122223333:policy/build']);
  });

  it('leaves denials of other actions alone, and not what only has their name', async () => {
    const inline = [
      { name: 'CrosstrailQuarantine', document: '{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}' },
      {
        name: 'CrosstrailDenyOlderSessions-1',
        document: '{"Statement":[{"Effect":"\\u0041llow","Action":"*","Resource":"*"}]}',
      },
    ];
    const stage = await staged({ roles: [{ name: 'shop', inline }] });
    const { changes, subjects } = await action.plan({ principal: SHOP }, stage.context());
    expect(changes.map(({ id }) => id)).toEqual(['inline:CrosstrailDenyOlderSessions-1']);
    expect(subjects).toMatchObject([
      { privileged: ['has the inline policy CrosstrailDenyOlderSessions-1, which allows all'] },
    ]);
  });

  it('does not overwrite what somebody put in place meanwhile', async () => {
    const stage = await staged();
    const { changes } = await action.plan({ principal: SHOP }, stage.context());
    for (const change of changes) await action.execute(change, stage.context());
    stage.iam.change(({ roles }) => {
      for (const role of roles) role.inline = [{ name: 'orders', document: '{"Statement":[]}' }];
    });
    const [, inline] = changes;
    if (inline === undefined) throw new Error('expected two changes');
    expect(await action.verify(inline, stage.context())).toMatchObject({ is: 'changed' });
    await expect(action.undo?.(inline, stage.context())).rejects.toMatchObject({ kind: 'conflict' });
    await expect(action.execute(inline, stage.context())).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('gives nothing to another who has the name by then', async () => {
    const stage = await staged();
    const { changes } = await action.plan({ principal: DEPLOY }, stage.context());
    for (const change of changes) await action.execute(change, stage.context());
    stage.iam.change((state) => {
      state.users = state.users.map((user) => ({ ...user, id: 'AIDAEXAMPLEANOTHER000' }));
    });
    const done = stage.iam.writes.length;
    for (const change of changes) {
      expect(await action.verify(change, stage.context())).toMatchObject({ is: 'changed' });
      await expect(action.undo?.(change, stage.context())).rejects.toMatchObject({ kind: 'absent' });
    }
    expect(stage.iam.writes).toHaveLength(done);
  });

  it('plans nothing where all are detached already, for another response may hold that', async () => {
    const stage = await staged();
    const { changes, target } = await action.plan({ principal: SHOP }, stage.context());
    for (const change of changes) await action.execute(change, stage.context());
    expect(await action.plan({ principal: SHOP }, stage.context())).toMatchObject({ target, changes: [] });
  });

  it('says where a policy was deleted meanwhile', async () => {
    const stage = await staged();
    const { changes } = await action.plan({ principal: SHOP }, stage.context());
    const [managed] = changes;
    if (managed === undefined) throw new Error('expected a change');
    await action.execute(managed, stage.context());
    stage.iam.change((state) => (state.policies = []));
    await expect(action.undo?.(managed, stage.context())).rejects.toMatchObject({ kind: 'absent' });
  });

  it('says which groups still give permissions', async () => {
    const boss = { name: 'boss', groups: ['admins'], attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] };
    const stage = await staged({ users: [boss] });
    const { residual } = await action.plan({ principal: 'arn:aws:iam::111122223333:user/boss' }, stage.context());
    expect(residual.map(({ what }) => what)).toContain('Permissions of the groups it is in: admins');
  });
});
