import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import {
  activity,
  alertOf,
  ANN,
  APP,
  aws,
  azure,
  BOB,
  byAnn,
  CLUSTER,
  directoryChange,
  joinsOf,
  kube,
  opens,
  PIPELINE,
  roleSession,
  signIn,
  user,
  webIdentity,
  workload,
  workloadSignIn,
} from './joining-samples.ts';

const FEDERATED = '00000000-0000-4000-8000-0000000000fd';
const asAnn = user(ANN, 'ann@contoso.example');
const vault = azure('Microsoft.KeyVault/vaults/shop');
const acts = (minute: number, claims: JsonObject) => activity(minute, claims, 'Microsoft.KeyVault/vaults/write', vault);
const asks = (minute: number, operation: string, resourceId: string, body: JsonObject) =>
  activity(minute, asAnn, operation, resourceId, { properties: { requestbody: JSON.stringify(body) } });
const trusts = (issuer: string, subject: string) =>
  directoryChange(0, byAnn, 'Update application', [
    {
      id: '00000000-0000-4000-8000-0000000000c3',
      type: 'Application',
      modifiedProperties: [
        {
          displayName: 'FederatedIdentityCredentials',
          oldValue: '[]',
          newValue: JSON.stringify([{ Id: FEDERATED, Issuer: issuer, Subject: subject }]),
        },
      ],
    },
  ]);

describe('who was given access is joined with who gave it', () => {
  it('by a role in Azure, whether her object id is known with its tenant or not', () => {
    const assigns = (objectId: string) =>
      asks(0, 'Microsoft.Authorization/roleAssignments/write', azure('Microsoft.Authorization/roleAssignments/x'), {
        properties: { principalId: objectId, principalType: 'User' },
      });
    const bob = acts(10, user(BOB, 'bob@contoso.example'));
    expect(joinsOf([alertOf('a', assigns(BOB)), alertOf('b', bob)])).toEqual(['a+b by link']);
    expect(joinsOf([alertOf('a', assigns(PIPELINE)), alertOf('b', acts(10, workload(PIPELINE)))])).toEqual([
      'a+b by link',
    ]);
    expect(joinsOf([alertOf('a', assigns(PIPELINE)), alertOf('b', bob)])).toEqual([]);
  });

  it('by a role in a cluster', () => {
    const binds = (subject: JsonObject) =>
      kube(
        0,
        'ann@contoso.example',
        'create',
        { resource: 'clusterrolebindings', name: 'x' },
        { requestObject: { subjects: [subject] } },
      );
    const account = kube(10, 'system:serviceaccount:shop:web', 'list', { resource: 'secrets' });
    const person = kube(10, 'bob@contoso.example', 'list', { resource: 'secrets' });
    const toAccount = alertOf('a', binds({ kind: 'ServiceAccount', name: 'web', namespace: 'shop' }));
    const toPerson = alertOf('a', binds({ kind: 'User', name: 'bob@contoso.example' }));
    expect(joinsOf([toAccount, alertOf('b', account)])).toEqual(['a+b by link']);
    expect(joinsOf([toPerson, alertOf('b', person)])).toEqual(['a+b by link']);
    expect(joinsOf([toPerson, alertOf('b', account)])).toEqual([]);
  });

  it('by a federated credential: as the application, from its sign-in on, and as the subject that it lets in', () => {
    const issuer = 'token.actions.githubusercontent.com';
    const subject = 'repo:contoso-example/shop:ref:refs/heads/main';
    const adds = alertOf('a', trusts(`https://${issuer}`, subject));
    const uses = workloadSignIn(5, { federatedCredentialId: FEDERATED });
    expect(joinsOf([adds, alertOf('b', acts(10, workload(PIPELINE)))], uses)).toEqual(['a+b by link']);
    expect(joinsOf([adds, alertOf('b', acts(10, workload(PIPELINE)))], workloadSignIn(5))).toEqual([]);
    const comes = aws(
      10,
      webIdentity(issuer, subject),
      'sts',
      'AssumeRoleWithWebIdentity',
      opens('ci', 'ci', 'ASIACONTOSO000000001'),
    );
    expect(joinsOf([adds, alertOf('b', comes)])).toEqual(['a+b by link']);
  });

  it('by a federated credential for a role of AWS', () => {
    const adds = alertOf(
      'a',
      trusts('https://x.tokens.sts.global.api.aws', 'arn:aws:iam::111122223333:role/ops/Deploy'),
    );
    const asksToken = (role: string) =>
      aws(10, roleSession(role, 'x', 'ASIACONTOSO000000001'), 'sts', 'GetWebIdentityToken');
    expect(joinsOf([adds, alertOf('b', asksToken('Deploy'))])).toEqual(['a+b by link']);
    expect(joinsOf([adds, alertOf('b', asksToken('Other'))])).toEqual([]);
  });

  it('by a federated credential of a managed identity', () => {
    const identity = azure('Microsoft.ManagedIdentity/userAssignedIdentities/shop');
    const adds = asks(
      0,
      'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write',
      `${identity}/federatedIdentityCredentials/x`,
      {
        properties: { issuer: 'https://oidc.fabrikam.example', subject: 'somebody' },
      },
    );
    const uses = acts(10, { ...workload(PIPELINE), xms_mirid: identity, appid: APP });
    expect(joinsOf([alertOf('a', adds), alertOf('b', uses)])).toEqual(['a+b by link']);
  });

  it('by a command on a machine that acts as an identity of its own name', () => {
    const machine = azure('Microsoft.Compute/virtualMachines/vm');
    const identity = azure('Microsoft.ManagedIdentity/userAssignedIdentities/shop');
    const commands = activity(0, asAnn, 'Microsoft.Compute/virtualMachines/runCommand/action', machine);
    const uses = acts(10, { ...workload(PIPELINE), xms_mirid: identity, xms_az_rid: machine });
    expect(joinsOf([alertOf('a', commands), alertOf('b', uses)])).toEqual(['a+b by link']);
    const other = acts(10, { ...workload(PIPELINE), xms_mirid: identity, xms_az_rid: `${machine}2` });
    expect(joinsOf([alertOf('a', commands), alertOf('b', other)])).toEqual([]);
  });

  it('by a device that was registered', () => {
    const device = '00000000-0000-4000-8000-0000000000d1';
    const registers = directoryChange(0, byAnn, 'Register device', [{ id: 'x', type: 'Device' }], {
      'Device ID': device,
    });
    const comes = signIn(10, BOB, 'bob@contoso.example', { deviceDetail: { deviceId: device } });
    expect(joinsOf([alertOf('a', registers), alertOf('b', comes)])).toEqual(['a+b by link']);
    expect(
      joinsOf([
        alertOf('b', comes),
        alertOf('c', signIn(11, ANN, 'ann@contoso.example', { deviceDetail: { deviceId: device } })),
      ]),
    ).toEqual([]);
  });

  it('and never with what it was for: an application that many sign in to', () => {
    const resource = { resourceId: APP, resourceServicePrincipalId: PIPELINE };
    const [ann, bob] = [
      signIn(0, ANN, 'ann@contoso.example', resource),
      signIn(1, BOB, 'bob@contoso.example', resource),
    ];
    expect(joinsOf([alertOf('a', ann), alertOf('b', bob)])).toEqual([]);
    expect(joinsOf([alertOf('a', ann), alertOf('b', workloadSignIn(5))])).toEqual([]);
    expect(
      joinsOf([alertOf('a', ann), alertOf('c', kube(5, 'bob@contoso.example', 'list', { resource: 'nodes' }))]),
    ).toEqual([]);
    const inCluster = activity(0, asAnn, 'Microsoft.ContainerService/managedClusters/write', CLUSTER);
    expect(
      joinsOf([alertOf('a', inCluster), alertOf('c', kube(5, 'bob@contoso.example', 'list', { resource: 'nodes' }))]),
    ).toEqual([]);
  });
});
