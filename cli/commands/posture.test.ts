import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJson } from '../../platform/json.ts';
import {
  ACCOUNT,
  activityRow,
  ADA,
  GROUP,
  minute,
  signIn,
  TENANT,
  trailRecord,
} from '../../pipeline/posture/posture-samples.ts';
import { runCommand, type Ended } from '../../test/command.ts';

const NSG = `${GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg-shop`;
const RULE = { operation: 'Microsoft.Network/networkSecurityGroups/securityRules', id: `${NSG}/securityRules/Ssh` };
const APP = { appId: '00000000-0000-4000-8000-0000000000d1', objectId: '00000000-0000-4000-8000-0000000000d2' };
const SSH = { access: 'Allow', direction: 'Inbound', sourceAddressPrefix: '*', destinationPortRange: '22' };
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/console/run`;

const azure = [
  activityRow({ ...RULE, operation: `${RULE.operation}/write`, body: { properties: SSH } }),
  activityRow({ ...RULE, operation: `${RULE.operation}/delete`, result: 'Success', at: 75, app: APP }),
];
const aws = [
  {
    ...trailRecord({
      source: 'sts',
      name: 'AssumeRoleWithSAML',
      at: 20,
      request: { roleArn: `arn:aws:iam::${ACCOUNT}:role/console`, roleSessionName: 'run' },
      response: {
        credentials: { accessKeyId: 'ASIAEXAMPLE000000001' },
        assumedRoleUser: { assumedRoleId: 'AROAEXAMPLE0000000001:run', arn: SESSION },
      },
    }),
    userIdentity: { type: 'SAMLUser', userName: ADA.upn, identityProvider: 'c2FtcGxl' },
  },
  trailRecord({ source: 'cloudtrail', name: 'StopLogging', request: { name: 'main' }, at: 30, role: 'console' }),
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-posture-'));
  await writeFile(join(folder, 'azure.json'), JSON.stringify({ records: azure }));
  await writeFile(join(folder, 'entra.json'), JSON.stringify(signIn));
  await writeFile(join(folder, 'trail.json'), JSON.stringify({ Records: aws }));
  await writeFile(join(folder, 'calm.json'), JSON.stringify({ Records: aws.slice(0, 1) }));
  const pipelines = `posture: { pipelines: [{ identity: ${APP.appId}, scopes: [${GROUP}, 'aws:${ACCOUNT}'] }] }`;
  await writeFile(join(folder, 'pipelines.yaml'), pipelines);
  await writeFile(join(folder, 'broken.yaml'), pipelines.replace(GROUP, 'rg-shop'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const posture = (...args: readonly string[]): Promise<Ended> => runCommand(folder, ['posture', ...args]);
const LOGS = ['azure.json', 'entra.json', 'trail.json'];

describe('crosstrail posture', () => {
  it('shows what is weak by whom, across clouds, and what was undone by whom', async () => {
    const { code, out, errors } = await posture(...LOGS);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const [now, undone] = out.split('\n\n');
    expect(now).toMatch(/^weak now \(1\)\n/);
    expect(now).toMatch(
      /\n2026-11-20 10:30:00 {2}logging off +aws:arn:.*trail\/main, recording +no longer records +ada@contoso\.example$/m,
    );
    expect(undone).toMatch(/^undone \(1\)\n/);
    expect(undone).toMatch(/\n2026-11-20 10:00:00 +1h 15m +network open +arm:.*\/nsg-shop, ssh +ada@contoso\.example/);
    expect(out).not.toContain('past ');
  });

  it('tells what went past the pipelines that are configured', async () => {
    const { out } = await posture(...LOGS, '--config', 'pipelines.yaml', '--format', 'ndjson');
    const ada = { principal: `entra-user:${TENANT}/${ADA.id}`, label: ADA.upn };
    const app = `entra-sp:${TENANT}/${APP.objectId}`;
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => parseJson(line)),
    ).toMatchObject([
      {
        ...{ type: 'condition', condition: 'network-open', part: 'ssh', standing: false, since: minute(0), by: ada },
        drift: { pipeline: APP.appId, scope: GROUP, learned: false },
        undone: { time: minute(75), by: { principal: app }, stood: 75 * 60_000 },
      },
      {
        ...{ condition: 'logging-off', standing: true, since: minute(30), by: ada, operation: 'StopLogging' },
        drift: { scope: `aws:${ACCOUNT}` },
      },
    ]);
  });

  it('shows only what stands, where that is asked for', async () => {
    const { out } = await posture(...LOGS, '--standing');
    expect(out).toContain('weak now (1)');
    expect(out).not.toContain('undone');
  });

  it('says where nothing is weak', async () => {
    expect(await posture('calm.json')).toEqual({ code: 0, out: 'nothing was weakened that is still so\n', errors: '' });
  });

  it.each([
    [[], 'no deployment to talk to'],
    [['--directory', 'calm.json'], '--source and --directory go with log files'],
    [['none.json'], 'none.json: there is no such file'],
    [
      ['calm.json', '--config', 'broken.yaml'],
      'posture.pipelines.0.scopes.0: expected the id of an Azure subscription',
    ],
  ])('cannot use %j', async (args, reason) => {
    expect(await posture(...args)).toMatchObject({ code: 2, errors: expect.stringContaining(reason) as string });
  });
});
