import fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { ACTIONS } from '../../../playbooks/registry.ts';
import type { Permissions } from '../../../playbooks/contract/permissions.ts';
import { parseConfiguration } from '../../../platform/configuration.ts';
import { Blocklist, sampleAction } from '../../../test/response/sample-action.ts';
import { assignableScope, azureRole, azureRoleBicep } from './azure-role.ts';
import { awsPolicy, awsTrustPolicy } from './aws-policy.ts';
import { enabledActions, UnknownActionError } from './enabled-actions.ts';
import { gcpRole } from './gcp-role.ts';
import { graphRoles } from './graph-roles.ts';
import { clusterRole, clusterRoleYaml } from './kubernetes-role.ts';
import { neededPermissions } from './needed-permissions.ts';

const GROUP = '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/web';
const READ = 'Microsoft.Network/networkSecurityGroups/read';
const WRITE = 'Microsoft.Network/networkSecurityGroups/securityRules/write';

/** What two actions need, in part the same. */
const SAMPLES: readonly { readonly permissions: Permissions }[] = [
  {
    permissions: {
      azure: [WRITE, READ],
      graph: ['User.RevokeSessions.All', 'User.Read.All'],
      aws: [{ actions: ['iam:PutUserPolicy', 'iam:GetUser'], resources: ['arn:aws:iam::*:user/*'] }],
      kubernetes: [{ apiGroups: [''], resources: ['pods', 'nodes'], verbs: ['get', 'patch'] }],
      gcp: ['iam.serviceAccountKeys.disable'],
      notes: ['Also opens ports.'],
    },
  },
  {
    permissions: {
      azure: [READ],
      graph: ['Made.Up.All'],
      aws: [
        { actions: ['iam:UpdateAccessKey', 'iam:GetUser'], resources: ['arn:aws:iam::*:user/*'] },
        { actions: ['ec2:DescribeNetworkAcls'], resources: ['*'] },
      ],
      kubernetes: [{ apiGroups: [''], resources: ['pods'], verbs: ['delete'] }],
    },
  },
];
const NEEDED = neededPermissions(SAMPLES);
const NOTHING = neededPermissions([]);

describe('roles', () => {
  it('of Azure hold what is needed and can be assigned where it is', () => {
    expect(azureRole(NEEDED, [GROUP])).toEqual({
      Name: 'Crosstrail Responder',
      IsCustom: true,
      Description: expect.any(String) as string,
      Actions: [READ, WRITE],
      NotActions: [],
      DataActions: [],
      NotDataActions: [],
      AssignableScopes: [GROUP],
    });
    expect(azureRole(NOTHING, [GROUP])).toBeUndefined();
    const bicep = azureRoleBicep(NEEDED, 'resourceGroup');
    expect(bicep).toContain(`        actions: [\n          '${READ}'\n          '${WRITE}'\n        ]\n`);
    expect(bicep).toContain("targetScope = 'resourceGroup'\n");
  });

  it.each([
    [`${GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg-web`, GROUP],
    [GROUP, GROUP],
    [GROUP.split('/resourceGroups')[0] ?? '', GROUP.split('/resourceGroups')[0]],
    ['/providers/Microsoft.Management/managementGroups/all', '/providers/Microsoft.Management/managementGroups/all'],
    ['/subscriptions/all', undefined],
    [`${GROUP}'}/x`, undefined],
  ])('of Azure for %s are assignable at %s', (id, scope) => {
    expect(assignableScope(id)).toBe(scope);
  });

  it('of Graph have the ids of permissions that are known, and the names of all', () => {
    const roles = graphRoles(NEEDED);
    expect(roles?.appRoles).toEqual([
      { value: 'Made.Up.All' },
      { value: 'User.Read.All', id: 'df021288-bdef-4463-88db-98f22de89214' },
      { value: 'User.RevokeSessions.All', id: '77f3a031-c388-4f99-b373-dc68676a979e' },
    ]);
    expect(roles?.requiredResourceAccess[0].resourceAccess).toHaveLength(2);
    expect(graphRoles(NOTHING)).toBeUndefined();
  });

  it('of AWS hold a statement for each set of resources, in an account', () => {
    const user = 'arn:aws:iam::111122223333:user/*';
    expect(awsPolicy(NEEDED, '111122223333')?.Statement).toEqual([
      { Sid: 'Respond1', Effect: 'Allow', Action: ['ec2:DescribeNetworkAcls'], Resource: ['*'] },
      {
        Sid: 'Respond2',
        Effect: 'Allow',
        Action: ['iam:GetUser', 'iam:PutUserPolicy', 'iam:UpdateAccessKey'],
        Resource: [user],
      },
    ]);
    expect(awsPolicy(NEEDED)?.Statement[1]?.Resource).toEqual(['arn:aws:iam::*:user/*']);
    expect(awsPolicy(NOTHING)).toBeUndefined();
  });

  it('of AWS can be taken by one identity with one audience only', () => {
    const tenant = '00000000-0000-4000-8000-0000000000aa';
    const identity = '00000000-0000-4000-8000-0000000000bb';
    expect(
      awsTrustPolicy({ account: '111122223333', tenant, audience: 'api://crosstrail-aws', identity }),
    ).toMatchObject({
      Statement: [
        {
          Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/sts.windows.net/${tenant}/` },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: {
              [`sts.windows.net/${tenant}/:aud`]: 'api://crosstrail-aws',
              [`sts.windows.net/${tenant}/:sub`]: identity,
            },
          },
        },
      ],
    });
  });

  it('of Kubernetes and Google Cloud hold what is needed', () => {
    const role = clusterRole(NEEDED);
    expect(parse(clusterRoleYaml(role ?? {}))).toMatchObject({
      kind: 'ClusterRole',
      rules: [
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'patch'] },
        { apiGroups: [''], resources: ['pods'], verbs: ['delete', 'get', 'patch'] },
      ],
    });
    expect(clusterRole(NOTHING)).toBeUndefined();
    expect(gcpRole(NEEDED)).toMatchObject({ includedPermissions: ['iam.serviceAccountKeys.disable'] });
    expect(gcpRole(NOTHING)).toBeUndefined();
  });
});

describe('neededPermissions', () => {
  it('is the same in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...ACTIONS.values()]), (some) => {
        const inOrder = [...ACTIONS.values()].filter((action) => some.includes(action));
        expect(neededPermissions(some)).toEqual(neededPermissions(inOrder));
      }),
      { numRuns: 30 },
    );
    expect(neededPermissions([...SAMPLES].reverse())).toEqual(NEEDED);
  });

  it.each([...ACTIONS.keys()])('of %s covers all that it states, and nothing more', (name) => {
    const action = ACTIONS.get(name);
    const stated = action?.permissions ?? {};
    const needed = neededPermissions(action === undefined ? [] : [action]);
    for (const kind of ['azure', 'graph', 'gcp', 'others', 'notes'] as const) {
      expect(new Set(needed[kind])).toEqual(new Set(stated[kind] ?? []));
    }
    const pairs = (statements: Permissions['aws'] = []) =>
      new Set(
        statements.flatMap(({ actions, resources }) => resources.flatMap((r) => actions.map((a) => `${a} ${r}`))),
      );
    expect(pairs(needed.aws)).toEqual(pairs(stated.aws));
    const triples = (rules: Permissions['kubernetes'] = []) =>
      new Set(
        rules.flatMap(({ apiGroups, resources, verbs }) =>
          apiGroups.flatMap((g) => resources.flatMap((r) => verbs.map((v) => `${v} ${g}/${r}`))),
        ),
      );
    expect(triples(needed.kubernetes)).toEqual(triples(stated.kubernetes));
  });

  it('names application permissions of Graph that have a known id', () => {
    const roles = graphRoles(neededPermissions([...ACTIONS.values()]));
    expect(roles?.appRoles.filter(({ id }) => id === undefined) ?? []).toEqual([]);
  });
});

describe('enabledActions', () => {
  const { response } = parseConfiguration(
    'response:\n  playbooks:\n    one:\n      steps: [{ action: nsg-deny }]\n    two:\n      steps: [{ action: nsg-deny }, { action: made-up }]',
    'crosstrail.yaml',
  );

  it('names actions that there are not', () => {
    expect(() => enabledActions(ACTIONS, response)).toThrow(UnknownActionError);
    expect(() => enabledActions(ACTIONS, { playbooks: {} }, ['constructor'])).toThrow('there is no action constructor');
  });

  it('gives those that playbooks use, or that are named, each once', () => {
    const names = ['nsg-deny', 'made-up'];
    const sample = sampleAction(new Blocklist());
    const actions = new Map(names.map((name) => [name, { ...sample, name }]));
    const found = (named?: readonly string[]) => enabledActions(actions, response, named).map(({ name }) => name);
    expect(found()).toEqual(['made-up', 'nsg-deny']);
    expect(found(['nsg-deny', 'nsg-deny'])).toEqual(['nsg-deny']);
    expect(enabledActions(actions, { playbooks: {} })).toEqual([]);
  });
});
