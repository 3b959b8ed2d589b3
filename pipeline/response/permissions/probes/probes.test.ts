import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { FakeKubernetes } from '../../../../local/fakes/kubernetes.ts';
import type { FakeService } from '../../../../local/fakes/fake-service.ts';
import type { Action, ActionContext } from '../../../../playbooks/contract/action.ts';
import type { Permissions } from '../../../../playbooks/contract/permissions.ts';
import { actionContext } from '../../../../test/response/action-context.ts';
import { AWS_ACCOUNT, stubAws } from '../../../../test/response/aws-stage.ts';
import { FakeAzurePermissions, FakePolicySimulator } from '../../../../test/response/permission-fakes.ts';
import { Blocklist, sampleAction } from '../../../../test/response/sample-action.ts';
import { mayDo } from './azure-probe.ts';
import { probeGraph } from './graph-probe.ts';
import { probePermissions } from './probe-permissions.ts';
import type { Probe } from './probe.ts';

const NSG =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/web/providers/Microsoft.Network/networkSecurityGroups/nsg-web';
const CLUSTER =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/web/providers/microsoft.containerservice/managedclusters/shop';
const READ = 'Microsoft.Network/networkSecurityGroups/read';
const WRITE = 'Microsoft.Network/networkSecurityGroups/securityRules/write';

const started: FakeService[] = [];
async function start<T extends FakeService>(fake: T): Promise<T> {
  await fake.listen();
  started.push(fake);
  return fake;
}
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(started.splice(0).map((fake) => fake.close()));
});

/** An action that needs what is told. */
const needing = (permissions: Permissions, group: Action['group'] = 'azure'): Action => ({
  ...sampleAction(new Blocklist()),
  permissions,
  group,
});

const shown = (probes: readonly Probe[]) => probes.map(({ where, permission, is }) => `${is} ${permission} ${where}`);

it('asks Azure at what playbooks name and at scopes, page by page', async () => {
  const azure = await start(
    new FakeAzurePermissions([
      { actions: ['*/read'], notActions: [] },
      { actions: ['Microsoft.Network/*'], notActions: ['Microsoft.Network/networkSecurityGroups/*/write'] },
    ]),
  );
  const configuration = `
azure: { endpoints: { arm: '${azure.url}' } }
response: { playbooks: { block: { steps: [{ action: sample-block, with: { networkSecurityGroup: '${NSG}' } }] } } }`;
  const other = '/subscriptions/00000000-0000-4000-8000-000000000002';
  const probes = await probePermissions([needing({ azure: [WRITE, READ] })], [other], actionContext({ configuration }));
  expect(shown(probes)).toEqual([
    `granted ${READ} ${NSG}`,
    `missing ${WRITE} ${NSG}`,
    `granted ${READ} ${other}`,
    `missing ${WRITE} ${other}`,
  ]);
  expect(azure.requests[0]).toBe(`GET ${NSG}/providers/Microsoft.Authorization/permissions`);
  expect(azure.requests).toHaveLength(4);
});

it('says that it does not know, never that all is fine', async () => {
  const azure = await start(new FakeAzurePermissions([]));
  azure.fail({ answer: { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } }, times: 99 });
  const configuration = `azure: { endpoints: { arm: '${azure.url}' } }`;
  const permissions: Permissions = {
    azure: [READ],
    graph: ['User.Read.All'],
    aws: [{ actions: ['iam:GetUser'], resources: ['*'] }],
    kubernetes: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    gcp: ['iam.serviceAccountKeys.disable'],
    others: ['A licence'],
  };
  const context = actionContext({ configuration });
  const scoped = await probePermissions([needing(permissions)], [NSG], context);
  const unscoped = await probePermissions([needing(permissions)], [], context);
  for (const probes of [scoped, unscoped]) {
    expect(probes).toHaveLength(6);
    expect(probes.every(({ is, why }) => is === 'unknown' && (why ?? '') !== '')).toBe(true);
  }
  expect(unscoped[0]?.why).toContain('--scope');
});

it('reads what the token for Graph carries', async () => {
  const permissions = ['User.Read.All', 'User.RevokeSessions.All', 'IdentityRiskyUser.Read.All'];
  const ask = (claims: object) => probeGraph(permissions, withToken(tokenOf(claims)));
  const roles = ['Directory.Read.All', 'IdentityRiskyUser.ReadWrite.All'];
  expect((await ask({ roles })).map(({ is }) => is)).toEqual(['granted', 'missing', 'granted']);
  expect((await ask({ idtyp: 'app' })).map(({ is }) => is)).toEqual(['missing', 'missing', 'missing']);
  const person = await ask({ scp: 'User.Read', roles: permissions });
  expect(person.map(({ is, why }) => [is, why?.split(':')[0]])).toEqual(
    Array(3).fill(['unknown', 'a person is signed in here']),
  );
  for (const token of ['local', '', 'a.b.c', `a.${Buffer.from('[1]').toString('base64url')}.c`]) {
    expect((await probeGraph(permissions, withToken(token)))[0]).toMatchObject({ is: 'unknown' });
  }
});

const tokenOf = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;

/** A context in which Entra gives a token. */
function withToken(token: string): ActionContext {
  const context = actionContext();
  const azure = async () => ({
    ...(await actionContext({
      configuration: "azure: { endpoints: { graph: 'http://127.0.0.1:1' } }",
    }).connections.azure()),
    credential: { getToken: () => Promise.resolve({ token, expiresOnTimestamp: 0 }) },
  });
  return { ...context, connections: { ...context.connections, azure } };
}

it('lets IAM simulate the policies of the role, on things of the account', async () => {
  const aws = await start(
    new FakePolicySimulator(
      AWS_ACCOUNT,
      (action, resource) => action === 'iam:GetUser' || (action === 'iam:PutUserPolicy' && resource.includes(':user/')),
    ),
  );
  stubAws({ IAM: aws.url, STS: aws.url });
  const statement = { actions: ['iam:GetUser', 'iam:PutUserPolicy'], resources: ['arn:aws:iam::*:user/*'] };
  const both = { actions: ['iam:PutUserPolicy'], resources: ['arn:aws:iam::*:user/*', 'arn:aws:iam::*:role/*'] };
  const configuration = `response: { aws: { accounts: [{ account: '${AWS_ACCOUNT}' }] } }`;
  const probes = await probePermissions([needing({ aws: [statement, both] })], [], actionContext({ configuration }));
  expect(shown(probes).sort()).toEqual([
    `granted iam:GetUser ${AWS_ACCOUNT}`,
    `granted iam:PutUserPolicy ${AWS_ACCOUNT}`,
    `missing iam:PutUserPolicy ${AWS_ACCOUNT}`,
  ]);
  const asked = aws.forms.find((form) => form.get('ResourceArns.member.2') === null && form.has('PolicySourceArn'));
  expect(asked?.get('PolicySourceArn')).toBe(`arn:aws:iam::${AWS_ACCOUNT}:role/responder`);
  expect(asked?.get('ResourceArns.member.1')).toBe(`arn:aws:iam::${AWS_ACCOUNT}:user/crosstrail-doctor`);
  aws.fail({
    answer: { status: 403, text: '<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>' },
  });
  const refused = await probePermissions([needing({ aws: [statement] })], [], actionContext({ configuration }));
  expect(refused.map(({ is }) => is)).toEqual(['unknown', 'unknown']);
  expect(refused[0]?.why).toContain('iam:SimulatePrincipalPolicy');
});

it('asks the API server of each cluster', async () => {
  const cluster = await start(new FakeKubernetes({ objects: [], may: ({ verb }) => verb === 'get' }));
  const configuration = `response: { clusters: [{ id: '${CLUSTER}', server: '${cluster.url}' }] }`;
  const kubernetes = [{ apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'create'] }];
  const action = needing({ kubernetes, azure: [READ] }, 'kubernetes');
  const probes = await probePermissions([action], [], actionContext({ configuration }));
  expect(shown(probes)).toEqual([
    `missing create networkpolicies.networking.k8s.io ${CLUSTER}`,
    `granted get networkpolicies.networking.k8s.io ${CLUSTER}`,
  ]);
  // Who is refused once is not asked for the rest, each of which may take as long.
  cluster.fail({ answer: { status: 403 } });
  const refused = await probePermissions([action], [], actionContext({ configuration }));
  expect(refused.map(({ is }) => is)).toEqual(['unknown', 'unknown']);
  await cluster.close();
  const away = { ...actionContext({ configuration }), deadline: Date.now() + 100 };
  expect((await probePermissions([action], [], away)).map(({ is }) => is)).toEqual(['unknown', 'unknown']);
});

it('says that tickets cannot be opened where a token is not set', async () => {
  const configuration = 'response: { tickets: { github: { repository: contoso/incidents } } }';
  const action = { ...needing({ others: ['GitHub: Issues'] }, 'tickets'), name: 'github-issue' };
  const [probe] = await probePermissions([action], [], actionContext({ configuration }));
  expect(probe).toMatchObject({ is: 'missing', where: 'github-issue' });
  expect(probe?.why).toContain('GITHUB_ISSUES_TOKEN');
});

it.each([
  [[['*'], []], true],
  [[['*/read'], []], false],
  [[['Microsoft.Network/*/WRITE'], []], true],
  [[['microsoft.network/networksecuritygroups/securityrules/write'], []], true],
  [[['*'], ['*/write']], false],
  [[[WRITE], ['Microsoft.Network/networkSecurityGroups/securityRules/*']], false],
  [[['Microsoft.Network/networkSecurityGroups/securityRules/write*write'], []], false],
  [[[], []], false],
] as const)('reads what %j allows', ([actions, notActions], allowed) => {
  expect(mayDo([{ actions, notActions }], WRITE)).toBe(allowed);
});

it('takes no pattern for another, and what one role takes out another still gives', () => {
  const text = fc.stringMatching(/^[a-c/]{0,8}$/);
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), text, (parts, action) => {
      const pattern = parts.join('*');
      const expected = new RegExp(`^${parts.join('.*')}$`).test(action);
      expect(mayDo([{ actions: [pattern], notActions: [] }], action)).toBe(expected);
      expect(
        mayDo(
          [
            { actions: ['*'], notActions: ['*'] },
            { actions: [pattern], notActions: [] },
          ],
          action,
        ),
      ).toBe(expected);
    }),
  );
});
