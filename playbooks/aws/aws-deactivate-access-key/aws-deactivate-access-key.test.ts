import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FakeAwsIamOptions } from '../../../local/fakes/aws-iam.ts';
import { AWS_ACCOUNT, DEPLOY, SETTING, SMALL, awsStage } from '../../../test/response/aws-stage.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { awsDeactivateAccessKey as action } from './aws-deactivate-access-key.ts';

const KEY = 'AKIAEXAMPLE000000001';

afterEach(() => {
  vi.unstubAllEnvs();
});

describeContract(action, {
  parameters: { accessKeyId: KEY, user: DEPLOY },
  start: (clock) => awsStage({ clock, ...SMALL }),
  hostile: [
    { accessKeyId: 'ASIAEXAMPLE000000001' },
    { accessKeyId: `${KEY}&Status=Active` },
    { accessKeyId: 'A'.repeat(4096) },
    { accessKeyId: KEY, user: `${DEPLOY}'` },
    { accessKeyId: KEY, user: `arn:aws:iam::${AWS_ACCOUNT}:user/../root` + '\n' },
    { accessKeyId: KEY, account: AWS_ACCOUNT },
  ],
});

async function staged(options: Partial<FakeAwsIamOptions> = {}) {
  const stage = await awsStage({ clock: new HurriedClock(), ...SETTING, ...options });
  onTestFinished(() => stage.iam.close());
  return stage;
}

describe('aws-deactivate-access-key', () => {
  it('asks AWS whose the key is, and says what is left', async () => {
    const stage = await staged();
    const plan = await action.plan({ accessKeyId: 'AKIAEXAMPLE000000003' }, stage.context());
    expect(plan.target.id).toBe('aws-key:AKIAEXAMPLE000000003');
    expect(plan.changes).toMatchObject([
      { before: { status: 'Active', user: `arn:aws:iam::${AWS_ACCOUNT}:user/boss` } },
    ]);
    expect(plan.subjects).toMatchObject([
      {
        kind: 'principal',
        label: 'user boss',
        privileged: ['is in the group admins, which has AdministratorAccess'],
        groups: [`arn:aws:iam::${AWS_ACCOUNT}:group/admins`],
      },
    ]);
    expect(plan.subjects[0]).toHaveProperty(
      'keys',
      expect.arrayContaining(['aws-key:AKIAEXAMPLE000000003', `aws:arn:aws:iam::${AWS_ACCOUNT}:user/boss`, 'boss']),
    );
  });

  it('leaves a key alone that was inactive already, and does not activate it afterwards', async () => {
    const stage = await staged();
    const { changes } = await action.plan({ accessKeyId: 'AKIAEXAMPLE000000002', user: DEPLOY }, stage.context());
    const [change] = changes;
    expect(change).toMatchObject({ undo: undefined, before: { status: 'Inactive' } });
    if (change === undefined) return;
    expect(await action.verify(change, stage.context())).toMatchObject({ is: 'held' });
    await action.undo?.(change, stage.context());
    expect(stage.iam.writes).toEqual([]);
  });

  it('waits until IAM shows the change, which is seconds late', async () => {
    const stage = await staged({ delay: 6_000 });
    const { changes } = await action.plan({ accessKeyId: KEY, user: DEPLOY }, stage.context());
    for (const change of changes) {
      await action.execute(change, stage.context());
      expect(await action.verify(change, stage.context())).toMatchObject({ is: 'held' });
      await action.undo?.(change, stage.context());
      expect(await action.verify(change, stage.context())).toEqual({ is: 'absent' });
    }
    expect(stage.iam.writes).toHaveLength(2);
  });

  it('says where an attacker activated the key again in between, and what else the attacker has', async () => {
    const stage = await staged({ delay: 4_000 });
    const { changes } = await action.plan({ accessKeyId: KEY, user: DEPLOY }, stage.context());
    for (const change of changes) {
      await action.execute(change, stage.context());
      stage.iam.change(({ users }) => {
        for (const user of users) for (const key of user.keys) key.status = 'Active';
      });
      expect(await action.verify(change, stage.context())).toMatchObject({ is: 'held' });
      const { clock } = stage.context();
      await clock.wait(4_000);
      expect(await action.verify(change, stage.context())).toEqual({ is: 'absent' });
      await action.execute(change, stage.context());
      const found = await action.verify(change, stage.context());
      expect(found).toMatchObject({ is: 'held', note: expect.stringContaining('AKIAEXAMPLE000000002') as string });
    }
  });

  it('asks a person where the key was deleted since', async () => {
    const stage = await staged();
    const { changes } = await action.plan({ accessKeyId: KEY, user: DEPLOY }, stage.context());
    stage.iam.change(({ users }) => {
      for (const user of users) user.keys = [];
    });
    for (const change of changes) expect(await action.verify(change, stage.context())).toMatchObject({ is: 'changed' });
  });

  it('acts in no account that the configuration does not name', async () => {
    const stage = await staged();
    const user = 'arn:aws:iam::444455556666:user/deploy';
    await expect(action.plan({ accessKeyId: KEY, user }, stage.context())).rejects.toMatchObject({
      kind: 'unsuitable',
    });
    expect(stage.iam.requests).toEqual([]);
  });

  it('acts with no credentials of another account', async () => {
    const stage = await staged({ account: '444455556666' });
    const refusal = action.plan({ accessKeyId: KEY, user: DEPLOY }, stage.context());
    await expect(refusal).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('444455556666') as string,
    });
  });

  it('names the permission that is missing', async () => {
    const stage = await staged();
    const { changes } = await action.plan({ accessKeyId: KEY, user: DEPLOY }, stage.context());
    stage.iam.fail({
      when: ({ text }) => text.includes('Action=UpdateAccessKey'),
      answer: {
        status: 403,
        text: '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
        headers: { 'content-type': 'text/xml' },
      },
    });
    for (const change of changes) {
      await expect(action.execute(change, stage.context())).rejects.toMatchObject({
        kind: 'forbidden',
        message: expect.stringContaining('iam:UpdateAccessKey') as string,
      });
    }
    expect(stage.iam.writes).toEqual([]);
  });

  it('waits where it is throttled, and gives up as busy', async () => {
    const stage = await staged();
    const throttled = {
      status: 400,
      text: '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>',
      headers: { 'content-type': 'text/xml' },
    };
    stage.iam.fail({ times: 2, answer: throttled });
    const { changes } = await action.plan({ accessKeyId: KEY, user: DEPLOY }, stage.context());
    expect(changes).toHaveLength(1);
    stage.iam.fail({ times: Infinity, answer: throttled });
    await expect(action.plan({ accessKeyId: KEY, user: DEPLOY }, stage.context())).rejects.toMatchObject({
      kind: 'busy',
    });
  });
});
