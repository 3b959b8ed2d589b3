import { GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FakeAwsIamOptions } from '../../../local/fakes/aws-iam.ts';
import { SETTING, SHOP, SMALL, SSO_ROLE, awsStage } from '../../../test/response/aws-stage.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { awsDenyOlderSessions as action } from './aws-deny-older-sessions.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describeContract(action, {
  parameters: { role: SHOP },
  start: (clock) => awsStage({ clock, ...SMALL }),
  hostile: [{ role: 'shop' }, { role: `${SHOP}'` }, { role: 'x'.repeat(4096) }, { role: SHOP, before: '1970-01-01' }],
});

async function staged(options: Partial<FakeAwsIamOptions> = {}) {
  const clock = new HurriedClock();
  const stage = await awsStage({ clock, ...SETTING, ...options });
  onTestFinished(() => stage.iam.close());
  return { stage, clock };
}

const policiesOf = ({ state }: { state: FakeAwsIamState }) => state.roles.find(({ arn }) => arn === SHOP)?.inline ?? [];
type FakeAwsIamState = Awaited<ReturnType<typeof awsStage>>['iam']['state'];

describe('aws-deny-older-sessions', () => {
  it('plans the same however late, and takes the moment when it is executed', async () => {
    const { stage, clock } = await staged();
    const first = await action.plan({ role: SHOP }, stage.context());
    await clock.wait(3_600_000);
    const { changes } = await action.plan({ role: SHOP }, stage.context());
    expect(changes).toEqual(first.changes);
    for (const change of changes) {
      await action.execute(change, stage.context());
      expect(await action.verify(change, stage.context())).toEqual({
        is: 'held',
        note: 'sessions begun before 2026-11-21T13:00:01.000Z are denied',
      });
    }
    expect(policiesOf(stage.iam)).toHaveLength(2);
  });

  it('denies a session of before, once IAM sees it, and none of after', async () => {
    const keys = [{ id: 'AKIAEXAMPLERESPONDER', status: 'Active' as const, created: '2026-01-01T00:00:00.000Z' }];
    const { stage, clock } = await staged({ checksCallers: true, delay: 3_000, users: [{ name: 'responder', keys }] });
    const session = async () => {
      const { STSClient, AssumeRoleCommand } = await import('@aws-sdk/client-sts');
      const sts = new STSClient({ region: 'us-east-1' });
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: SHOP, RoleSessionName: 'someone' }));
      sts.destroy();
      const client = new IAMClient({
        region: 'us-east-1',
        maxAttempts: 1,
        credentials: { accessKeyId: Credentials?.AccessKeyId ?? '', secretAccessKey: 'made up' },
      });
      onTestFinished(() => client.destroy());
      return () => client.send(new GetUserCommand({ UserName: 'responder' }));
    };
    const older = await session();
    const { changes } = await action.plan({ role: SHOP }, stage.context());
    await expect(older()).resolves.toBeDefined();
    for (const change of changes) await action.execute(change, stage.context());
    await clock.wait(3_000);
    const newer = await session();
    await expect(older()).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(newer()).resolves.toBeDefined();
  });

  it('does not take a policy for its own of which somebody moved the time', async () => {
    const { stage } = await staged();
    const { changes } = await action.plan({ role: SHOP }, stage.context());
    for (const change of changes) {
      await action.execute(change, stage.context());
      stage.iam.change(({ roles }) => {
        for (const { inline } of roles)
          for (const policy of inline)
            policy.document = policy.document.replace(/("aws:TokenIssueTime":")2026/, '$12001');
      });
      expect(await action.verify(change, stage.context())).toMatchObject({ is: 'changed' });
      await expect(action.undo?.(change, stage.context())).rejects.toMatchObject({ kind: 'conflict' });
    }
  });

  it('gives each step a policy of its own, so that a later response denies later sessions', async () => {
    const { stage, clock } = await staged();
    for (const step of ['0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210']) {
      const context = { ...stage.context(), step };
      const { changes } = await action.plan({ role: SHOP }, context);
      for (const change of changes) {
        expect(await action.verify(change, context)).toEqual({ is: 'absent' });
        await action.execute(change, context);
      }
      await clock.wait(60_000);
    }
    expect(policiesOf(stage.iam).map(({ name }) => name)).toEqual([
      'CrosstrailDenyOlderSessions-0123456789ab',
      'CrosstrailDenyOlderSessions-fedcba987654',
      'orders',
    ]);
  });

  it('says what to do about roles of Identity Center', async () => {
    const { stage } = await staged();
    await expect(action.plan({ role: SSO_ROLE }, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
  });
});
