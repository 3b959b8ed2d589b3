import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Ended } from '../../test/command.ts';

const TENANT = '00000000-0000-4000-8000-00000000aaaa';
const ANN = '00000000-0000-4000-8000-0000000000a1';
const ANN_KEY = `entra-user:${TENANT}/${ANN}`;
const SESSION = 'arn:aws:sts::111122223333:assumed-role/console/ann';

const signIn = {
  time: '2026-11-20T09:00:00Z',
  category: 'SignInLogs',
  operationName: 'Sign-in activity',
  tenantId: TENANT,
  resultType: '0',
  properties: { id: 'sign-in-1', userId: ANN, userPrincipalName: 'ann@contoso.example', status: { errorCode: 0 } },
};
const call = (eventID: string, eventName: string, userIdentity: object, more: object = {}) => ({
  eventVersion: '1.11',
  userIdentity,
  eventTime: '2026-11-20T09:15:00Z',
  eventSource: eventName.startsWith('Assume') ? 'sts.amazonaws.com' : 's3.amazonaws.com',
  eventName,
  awsRegion: 'eu-central-1',
  sourceIPAddress: '203.0.113.7',
  recipientAccountId: '111122223333',
  eventID,
  eventType: 'AwsApiCall',
  ...more,
});
const saml = { type: 'SAMLUser', userName: 'ann@contoso.example', identityProvider: 'c2FtcGxl' };
const opened = {
  requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/console', roleSessionName: 'ann' },
  responseElements: {
    credentials: { accessKeyId: 'ASIACONTOSO000000001' },
    assumedRoleUser: { assumedRoleId: 'AROACONTOSO000000001:ann', arn: SESSION },
  },
};
const opsIn = (account: string) => ({
  type: 'IAMUser',
  principalId: `AIDACONTOSO${account}`,
  arn: `arn:aws:iam::${account}:user/ops`,
  accountId: account,
  userName: 'ops',
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-entity-'));
  await writeFile(join(folder, 'entra.json'), JSON.stringify(signIn));
  const records = [
    call('opens', 'AssumeRoleWithSAML', saml, opened),
    call('ops-1', 'ListBuckets', opsIn('111122223333')),
    call('ops-2', 'ListBuckets', opsIn('444455556666')),
  ];
  await writeFile(join(folder, 'trail.json'), JSON.stringify({ Records: records }));
  const user = { tenant: TENANT, objectId: ANN, awsUsers: ['arn:aws:iam::111122223333:user/ops'] };
  await writeFile(join(folder, 'directory.json'), JSON.stringify({ users: [user] }));
  await writeFile(join(folder, 'broken.json'), JSON.stringify({ users: [{ tenant: TENANT, objectId: 'ann' }] }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function entity(...args: readonly string[]): Promise<Ended> {
  return runCommand(folder, ['entity', ...args]);
}

describe('crosstrail entity', () => {
  it.each(['ann@contoso.example', ANN, ANN_KEY, 'ASIACONTOSO000000001'])('%s is Ann in both clouds', async (id) => {
    const { code, out, errors } = await entity(id, 'entra.json', 'trail.json', '--format', 'ndjson');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(JSON.parse(out)).toMatchObject({
      type: 'entity',
      principal: ANN_KEY,
      label: 'ann@contoso.example',
      aliases: expect.arrayContaining([
        expect.objectContaining({ key: 'upn:ann@contoso.example', confidence: 0.8 }),
        expect.objectContaining({ key: 'aws-key:ASIACONTOSO000000001', confidence: 0.8 * 0.8 }),
      ]) as unknown,
      actedAs: [{ one: 'aws-key:ASIACONTOSO000000001', other: `aws:${SESSION}` }],
    });
  });

  it('shows aliases with their way and evidence', async () => {
    const { code, out } = await entity('ann@contoso.example', '.');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^aws-key:ASIACONTOSO000000001 +0\.64 +object id and .*, then the federated subject .*, then STS answered .* entra\/sign-in-1, cloudtrail\/opens/m,
    );
    expect(out).toMatch(/who acted as whom[^]*assumed-role\/console\/ann +2026-11-20 09:15:00/);
  });

  it('shows of a role session who acted in it, and joins nobody by it', async () => {
    const { out } = await entity(SESSION, 'entra.json', 'trail.json');
    expect(out).toContain('shared by its nature');
    expect(out).toMatch(new RegExp(`^${ANN_KEY} +aws-key:ASIACONTOSO000000001`, 'm'));
  });

  it('names whom AWS knows by a unique id as people do', async () => {
    const { out } = await entity('AIDACONTOSO111122223333', 'trail.json');
    expect(out).toMatch(/^principal +aws-id:AIDACONTOSO111122223333 +ops$/m);
  });

  it('lists what an ambiguous name may mean', async () => {
    const { code, out } = await entity('ops', 'trail.json');
    expect(code).toBe(2);
    expect(out).toContain('ops may mean 2 principals');
    expect(out).toMatch(/^aws:arn:aws:iam::444455556666:user\/ops/m);
  });

  it('takes a directory into account', async () => {
    const { out } = await entity('arn:aws:iam::111122223333:user/ops', 'trail.json', '--directory', 'directory.json');
    expect(out).toMatch(new RegExp(`^principal {2}${ANN_KEY}`));
    expect(out).toContain('directory, users, row 1');
  });

  it('says where nothing is known', async () => {
    expect(await entity('nobody', 'trail.json')).toMatchObject({ code: 0, out: 'nothing is known of nobody\n' });
  });

  it.each([
    [['ann'], 'no deployment to talk to'],
    [['ann', 'none.json'], 'none.json: there is no such file'],
    [['ann', '--directory', 'broken.json'], 'broken.json: users, row 1: objectId: expected a GUID'],
  ])('cannot use %j', async (args, reason) => {
    expect(await entity(...args)).toMatchObject({ code: 2, errors: expect.stringContaining(reason) as string });
  });
});
