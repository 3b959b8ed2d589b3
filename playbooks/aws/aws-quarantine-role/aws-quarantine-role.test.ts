import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { SETTING, SHOP, SMALL, SSO_ROLE, awsStage } from '../../../test/response/aws-stage.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { awsQuarantineRole as action } from './aws-quarantine-role.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describeContract(action, {
  parameters: { role: SHOP },
  start: (clock) => awsStage({ clock, ...SMALL }),
  hostile: [{ role: 'shop' }, { role: `${SHOP}"` }, { role: SHOP.replace('role', 'user') }, { role: 'x'.repeat(4096) }],
});

const CONFIGURATION =
  "response: { aws: { accounts: [{ account: '111122223333', roleArn: 'arn:aws:iam::111122223333:role/crosstrail-responder' }] } }";

async function staged(configuration?: string) {
  const options = { clock: new HurriedClock(), ...SETTING };
  const stage = await awsStage(options, configuration === undefined ? {} : { configuration });
  onTestFinished(() => stage.iam.close());
  return stage;
}

describe('aws-quarantine-role', () => {
  it('says that a role is privileged by what its customer-managed policy allows', async () => {
    const stage = await staged();
    const role = 'arn:aws:iam::111122223333:role/everything';
    const { subjects } = await action.plan({ role }, stage.context());
    expect(subjects).toMatchObject([{ privileged: ['has all, which allows all'], groups: [] }]);
    const shop = await action.plan({ role: SHOP }, stage.context());
    expect(shop.subjects).toMatchObject([{ privileged: [] }]);
  });

  it('says what to do about roles that cannot be edited', async () => {
    const stage = await staged();
    await expect(action.plan({ role: SSO_ROLE }, stage.context())).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('Identity Center') as string,
    });
    const role = 'arn:aws:iam::111122223333:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport';
    await expect(action.plan({ role }, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
  });

  it('finds a role by its name alone, as sessions name it, and then knows whose it is', async () => {
    const path = '/ci/';
    const stage = await staged(CONFIGURATION.replace('role/', `role${path}`));
    stage.iam.change((state) => {
      state.roles = state.roles.map((role) => ({
        ...role,
        arn: role.arn.replace(/:role\/(shop|crosstrail-responder)$/, `:role${path}$1`),
      }));
    });
    const { target, changes, subjects } = await action.plan({ role: SHOP }, stage.context());
    const whole = 'arn:aws:iam::111122223333:role/ci/shop';
    expect(target.id).toBe(whole);
    expect(changes).toMatchObject([{ target: { id: whole }, holds: `aws-quarantine-role|${whole}|deny all` }]);
    expect(subjects).toMatchObject([{ keys: expect.arrayContaining([`aws:${whole}`]) as string[] }]);
    const refused = [SSO_ROLE.replace(/role\/.*\//, 'role/'), 'arn:aws:iam::111122223333:role/crosstrail-responder'];
    for (const role of refused) {
      await expect(action.plan({ role }, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
    }
    const role = 'arn:aws:iam::111122223333:role/other/shop';
    await expect(action.plan({ role }, stage.context())).rejects.toMatchObject({ kind: 'absent' });
  });

  it('does not lock itself out', async () => {
    const stage = await staged(CONFIGURATION);
    const role = 'arn:aws:iam::111122223333:role/crosstrail-responder';
    await expect(action.plan({ role }, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
    expect(stage.iam.writes).toEqual([]);
  });

  it('acts by a session that names the step', async () => {
    const stage = await staged(CONFIGURATION);
    await action.plan({ role: SHOP }, stage.context());
    expect(stage.iam.sessions).toMatchObject([{ name: 'crosstrail-0123456789ab' }]);
  });
});
