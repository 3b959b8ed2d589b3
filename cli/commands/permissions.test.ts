import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { parse } from 'yaml';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeAzurePermissions } from '../../test/response/permission-fakes.ts';
import { UnusableInputError } from '../scan/files.ts';
import { doctorCommand } from './doctor.ts';
import { permissionsCommand } from './permissions.ts';

const GROUP = '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/web';
const NSG = `${GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg-web`;
const READ = 'Microsoft.Network/networkSecurityGroups/read';
const WRITE = 'Microsoft.Network/networkSecurityGroups/securityRules/write';
const TENANT = '00000000-0000-4000-8000-0000000000aa';
const IDENTITY = '00000000-0000-4000-8000-0000000000bb';

let folder: string;
let said: { out: string; errors: string };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-permissions-'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.errors += String(text)), true));
});
afterEach(async () => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command in process, with a configuration. */
async function crosstrail(configuration: string, ...args: readonly string[]) {
  const config = join(folder, 'crosstrail.yaml');
  await writeFile(config, configuration);
  const program = new Command().exitOverride();
  doctorCommand(program);
  permissionsCommand(program);
  said = { out: '', errors: '' };
  process.exitCode = 0;
  await program.parseAsync([...args, '--config', config], { from: 'user' });
  return { ...said, code: process.exitCode };
}

const enabling = (action: string, more = ''): string =>
  `response: { playbooks: { one: { steps: [{ action: ${action}${more} }] } } }`;

it('prints roles for the actions that playbooks use, and nothing more', async () => {
  const { out, errors } = await crosstrail(
    enabling('nsg-deny', `, with: { networkSecurityGroup: '${NSG}' }`),
    ...['permissions', 'export'],
  );
  const roles = JSON.parse(out) as Record<string, { Actions: string[]; AssignableScopes: string[] }>;
  expect(Object.keys(roles)).toEqual(['azure', 'others', 'notes']);
  expect(roles['azure']?.Actions).toContain(WRITE);
  expect(roles['azure']?.Actions.every((action) => !action.includes('*'))).toBe(true);
  expect(roles['azure']?.AssignableScopes).toEqual([GROUP]);
  expect(errors).toContain('note: ');
});

it('prints one in the form of its service', async () => {
  const bicep = await crosstrail('', ...['permissions', 'export', 'nsg-deny', '--for', 'azure', '--format', 'bicep']);
  expect(bicep.out).toContain("targetScope = 'subscription'\n");
  expect(bicep.out).toContain(`          '${READ}'\n`);
  const yaml = await crosstrail(
    '',
    ...['permissions', 'export', 'k8s-isolate-pod', '--for', 'kubernetes', '--format', 'yaml'],
  );
  expect(parse(yaml.out)).toMatchObject({ kind: 'ClusterRole' });
  const graph = await crosstrail('', ...['permissions', 'export', 'entra-revoke-sessions', '--for', 'graph']);
  expect(graph.out).toContain('"77f3a031-c388-4f99-b373-dc68676a979e"');
});

it('prints the trust policy of AWS where it is known who is to be trusted', async () => {
  const configuration = `response: { aws: { accounts: [{ account: '111122223333', roleArn: 'arn:aws:iam::111122223333:role/responder', webIdentity: { audience: 'api://crosstrail-aws' } }] } }`;
  const args = ['permissions', 'export', 'aws-deactivate-access-key', '--for', 'aws'];
  const without = await crosstrail(configuration, ...args);
  expect(JSON.parse(without.out)).toMatchObject({ trustPolicy: null });
  expect(without.errors).toContain('needs --account, --tenant, --audience and --identity');
  const { out } = await crosstrail(configuration, ...args, '--tenant', TENANT, '--identity', IDENTITY);
  expect(out).toContain(`"arn:aws:iam::111122223333:oidc-provider/sts.windows.net/${TENANT}/"`);
  expect(out).toContain(`"sts.windows.net/${TENANT}/:sub": "${IDENTITY}"`);
  expect(out).not.toContain('::*:');
});

it.each([
  ['', ['permissions', 'export'], 'no action is enabled'],
  ['', ['doctor', 'no-such'], 'there is no action no-such; there are '],
  ['', ['permissions', 'export', 'nsg-deny'], 'name a subscription or resource group with --scope'],
  ['', ['permissions', 'export', 'nsg-deny', '--scope', 'web'], '--scope: expected the id of a subscription'],
  ['', ['permissions', 'export', 'nsg-deny', '--for', 'aws'], 'the enabled actions need nothing of aws'],
  ['', ['permissions', 'export', 'nsg-deny', '--format', 'bicep'], '--format bicep goes with --for azure'],
  [
    '',
    ['permissions', 'export', 'nsg-deny', '--for', 'azure', '--scope', GROUP, '--format', 'yaml'],
    '--format yaml goes',
  ],
  ['', ['permissions', 'export', 'aws-quarantine-user', '--account', '1'], '--account: expected 12 digits'],
  ['', ['permissions', 'export', 'aws-quarantine-user', '--tenant', 'x'], '--tenant: expected a GUID'],
  ['', ['doctor', 'nsg-deny', '--scope', 'web'], '--scope: expected the id of something in Azure'],
])('with %j cannot use %j', async (configuration, args, reason) => {
  const ended = crosstrail(configuration, ...args);
  await expect(ended).rejects.toThrow(UnusableInputError);
  await expect(ended).rejects.toThrow(reason);
});

it('has nothing to look for where no action is enabled', async () => {
  expect(await crosstrail('', 'doctor')).toMatchObject({
    code: 0,
    out: expect.stringContaining('no action is enabled') as string,
  });
});

it('says what is missing with status 1, and what it does not know', async () => {
  const azure = new FakeAzurePermissions([{ actions: ['*/read'], notActions: [] }]);
  await azure.listen();
  const configuration = `azure: { endpoints: { arm: '${azure.url}' } }`;
  const { out, code } = await crosstrail(configuration, 'doctor', 'nsg-deny', 'entra-revoke-sessions', '--scope', NSG);
  expect(code).toBe(1);
  expect(out).toMatch(new RegExp(`^missing +Azure +${WRITE} +/subscriptions/`, 'm'));
  expect(out).toMatch(/^unknown +Microsoft Graph +User\.RevokeSessions\.All +the tenant +the token cannot be read$/m);
  expect(out).toMatch(new RegExp(`^granted +Azure +${READ} `, 'm'));
  expect(out).toMatch(/^\d missing, \d unknown, \d granted\ncrosstrail permissions export prints roles/m);
  const allowed = await crosstrail(configuration, 'doctor', 'entra-revoke-sessions', '--format', 'json');
  expect(JSON.parse(allowed.out)).toMatchObject({ type: 'doctor', missing: 0, granted: 0 });
  await azure.close();
});
