import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { DEPLOY, SETTING, SMALL, awsStage } from '../../../test/response/aws-stage.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { awsDeleteLoginProfile as action } from './aws-delete-login-profile.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describeContract(action, {
  parameters: { user: DEPLOY },
  start: (clock) => awsStage({ clock, ...SMALL }),
  hostile: [{ user: 'deploy' }, { user: `${DEPLOY}&` }, { user: 'x'.repeat(4096) }],
});

async function staged() {
  const clock = new HurriedClock();
  const stage = await awsStage({ clock, ...SETTING });
  onTestFinished(() => stage.iam.close());
  return { stage, clock };
}

describe('aws-delete-login-profile', () => {
  it('cannot be taken back, and says which keys go on', async () => {
    const { stage } = await staged();
    const { changes, residual } = await action.plan({ user: DEPLOY }, stage.context());
    expect(action).toMatchObject({ reversibility: 'irreversible', lease: undefined });
    expect(action.undo).toBeUndefined();
    expect(changes).toMatchObject([{ undo: undefined, before: { created: '2026-02-01T08:00:00.000Z' } }]);
    expect(residual.map(({ what }) => what)).toContain('1 access keys of deploy that are active');
  });

  it('has nothing to do for a user without a password', async () => {
    const { stage } = await staged();
    const user = 'arn:aws:iam::111122223333:user/boss';
    expect(await action.plan({ user }, stage.context())).toMatchObject({ changes: [] });
  });

  it('does not delete a password that was set since', async () => {
    const { stage } = await staged();
    const { changes } = await action.plan({ user: DEPLOY }, stage.context());
    stage.iam.change(({ users }) => {
      for (const user of users) user.loginProfile = { created: '2026-11-20T08:00:00.000Z' };
    });
    for (const change of changes) {
      expect(await action.verify(change, stage.context())).toMatchObject({ is: 'changed' });
      await expect(action.execute(change, stage.context())).rejects.toMatchObject({ kind: 'conflict' });
    }
    expect(stage.iam.writes).toEqual([]);
  });

  it('waits while the password is still being made', async () => {
    const { stage, clock } = await staged();
    stage.iam.change(({ users }) => {
      for (const user of users) user.loginProfile = { created: new Date(clock.now()).toISOString() };
    });
    const { changes } = await action.plan({ user: DEPLOY }, stage.context());
    for (const change of changes) {
      await expect(action.execute(change, stage.context())).rejects.toMatchObject({ kind: 'busy' });
      await clock.wait(5_000);
      await action.execute(change, stage.context());
      expect(await action.verify(change, stage.context())).toEqual({ is: 'held' });
    }
  });
});
