import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { IAMClient, PutUserPolicyCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import type { FakeAwsIamOptions } from '../../../local/fakes/aws-iam.ts';
import { DEPLOY, SETTING, SMALL, awsStage } from '../../../test/response/aws-stage.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { awsQuarantineUser as action } from './aws-quarantine-user.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describeContract(action, {
  parameters: { user: DEPLOY },
  start: (clock) => awsStage({ clock, ...SMALL }),
  hostile: [
    { user: 'deploy' },
    { user: `${DEPLOY}'--` },
    { user: `${DEPLOY}${'x'.repeat(4096)}` },
    { user: 'arn:aws:iam::111122223333:role/shop' },
    { user: `${DEPLOY}\n` },
    {},
  ],
});

async function staged(options: Partial<FakeAwsIamOptions> = {}) {
  const stage = await awsStage({ clock: new HurriedClock(), ...SETTING, ...options });
  onTestFinished(() => stage.iam.close());
  return stage;
}

describe('aws-quarantine-user', () => {
  it('does not lock out the user as whom it acts', async () => {
    const stage = await staged({ users: [{ ...RESPONDER, path: '/security/' }] });
    const user = 'arn:aws:iam::111122223333:user/security/responder';
    await expect(action.plan({ user }, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
  });

  it('names the keys and the password that are denied', async () => {
    const stage = await staged();
    const { affects, subjects } = await action.plan({ user: DEPLOY }, stage.context());
    expect(affects).toEqual([
      'All that runs with the access keys of deploy is denied: AKIAEXAMPLE000000001',
      'deploy can sign in to the console, and is denied everything there',
    ]);
    expect(subjects).toMatchObject([{ kind: 'principal', label: 'user deploy', privileged: [], unknown: undefined }]);
  });

  it('plans the same while another response holds the user, so that both share what they hold', async () => {
    const stage = await staged();
    const first = await action.plan({ user: DEPLOY }, stage.context());
    for (const change of first.changes) await action.execute(change, stage.context());
    const second = await action.plan({ user: DEPLOY }, stage.context());
    expect(second.changes).toEqual(first.changes);
  });

  it('refuses where there is no room for the policy, counting without white space', async () => {
    const document = `{${' '.repeat(3000)}"Version":"${'x'.repeat(1_960)}"}`;
    const full = await staged({ users: [{ name: 'deploy', path: '/ci/', inline: [{ name: 'long', document }] }] });
    await expect(action.plan({ user: DEPLOY }, full.context())).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('aws-detach-policies') as string,
    });
    const room = document.replace('x'.repeat(120), '');
    const fits = await staged({
      users: [{ name: 'deploy', path: '/ci/', inline: [{ name: 'long', document: room }] }],
    });
    const { changes } = await action.plan({ user: DEPLOY }, fits.context());
    for (const change of changes) await action.execute(change, fits.context());
    expect(fits.iam.writes).toHaveLength(1);
  });

  it('leaves what somebody wrote in its place', async () => {
    const stage = await staged();
    const { changes } = await action.plan({ user: DEPLOY }, stage.context());
    for (const change of changes) {
      await action.execute(change, stage.context());
      stage.iam.change(({ users }) => {
        for (const { inline } of users) for (const policy of inline) policy.document = '{"Statement":[]}';
      });
      expect(await action.verify(change, stage.context())).toMatchObject({ is: 'changed' });
      await expect(action.undo?.(change, stage.context())).rejects.toMatchObject({ kind: 'conflict' });
    }
    expect(stage.iam.writes).toHaveLength(1);
    await expect(action.plan({ user: DEPLOY }, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
  });

  it('does not take a user of the same name in another path', async () => {
    const stage = await staged();
    const user = 'arn:aws:iam::111122223333:user/deploy';
    await expect(action.plan({ user }, stage.context())).rejects.toMatchObject({ kind: 'absent' });
  });

  it('says where it may not read what the user may do: then the user counts as protected', async () => {
    const stage = await staged();
    stage.iam.fail({
      when: ({ text }) => text.includes('Action=ListGroupsForUser'),
      answer: {
        status: 403,
        text: '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
        headers: { 'content-type': 'text/xml' },
      },
    });
    const { subjects } = await action.plan({ user: DEPLOY }, stage.context());
    expect(subjects[0]).toHaveProperty('unknown', expect.stringContaining('iam:ListGroupsForUser'));
  });

  it('is not believed while an attacker undoes it within the seconds until it takes effect', async () => {
    // Here the user's own key is asked: after the delay it is denied, before it is not.
    const stage = await staged({ delay: 4_000, checksCallers: true, users: [...SETTING.users, RESPONDER] });
    const { clock } = stage.context();
    const attacker = new IAMClient({
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: { accessKeyId: 'AKIAEXAMPLE000000001', secretAccessKey: 'made up' },
    });
    onTestFinished(() => attacker.destroy());
    const { changes } = await action.plan({ user: DEPLOY }, stage.context());
    for (const change of changes) {
      const executed = action.execute(change, stage.context());
      await vi.waitFor(() => expect(stage.iam.writes).toHaveLength(1));
      await executed;
      expect(await action.verify(change, stage.context())).toMatchObject({ is: 'held' });
    }
    const again = new UpdateAccessKeyCommand({
      UserName: 'deploy',
      AccessKeyId: 'AKIAEXAMPLE000000002',
      Status: 'Active',
    });
    await expect(attacker.send(again)).rejects.toMatchObject({ name: 'AccessDenied' });
    stage.iam.change(({ users }) => {
      for (const user of users) user.inline = user.inline.filter(({ name }) => name !== 'CrosstrailQuarantine');
    });
    await clock.wait(4_000);
    for (const change of changes) expect(await action.verify(change, stage.context())).toEqual({ is: 'absent' });
    const own = new PutUserPolicyCommand({ UserName: 'deploy', PolicyName: 'more', PolicyDocument: '{}' });
    await expect(attacker.send(own)).resolves.toBeDefined();
  });
});

/** Whoever acts, where callers are checked. */
const RESPONDER = {
  name: 'responder',
  keys: [{ id: 'AKIAEXAMPLERESPONDER', status: 'Active' as const, created: '2026-01-01T00:00:00.000Z' }],
};
