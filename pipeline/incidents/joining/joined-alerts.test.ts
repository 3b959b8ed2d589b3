import { describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  activity,
  alertOf,
  ANN,
  APP,
  aws,
  azure,
  BOB,
  byAnn,
  byBob,
  byUser,
  CLUSTER,
  directoryChange,
  iamUser,
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

const ann = (minute: number) =>
  activity(
    minute,
    user(ANN, 'ann@contoso.example'),
    'Microsoft.Compute/disks/beginGetAccess/action',
    azure('Microsoft.Compute/disks/ann'),
  );
const bob = (minute: number) =>
  activity(
    minute,
    user(BOB, 'bob@contoso.example'),
    'Microsoft.Compute/disks/beginGetAccess/action',
    azure('Microsoft.Compute/disks/bob'),
  );
const day = 24 * 60;

describe('alerts of one principal', () => {
  it('join across clouds, whatever name each gives her', () => {
    const signs = signIn(0, ANN, 'ann@contoso.example');
    const execs = kube(10, 'ann@contoso.example', 'create', {
      namespace: 'shop',
      resource: 'pods',
      subresource: 'exec',
      name: 'web',
    });
    const assumes = aws(
      20,
      {
        type: 'SAMLUser',
        principalId: 'q:ann@contoso.example',
        userName: 'ann@contoso.example',
        identityProvider: 'q',
      },
      'sts',
      'AssumeRoleWithSAML',
      opens('Admin', 'whoever', 'ASIACONTOSO000000001'),
    );
    const stops = aws(30, roleSession('Admin', 'whoever', 'ASIACONTOSO000000001'), 'cloudtrail', 'StopLogging', {
      requestParameters: { name: 'all' },
    });
    expect(joinsOf([alertOf('a', signs), alertOf('b', execs), alertOf('c', assumes), alertOf('d', stops)])).toEqual([
      'a+b by principal',
      'b+c by principal',
      'c+d by principal',
    ]);
  });

  it('stay apart beyond the horizon, unless something between them joins both', () => {
    const alerts = [alertOf('a', ann(0)), alertOf('b', ann(day + 1))];
    expect(joinsOf(alerts)).toEqual([]);
    expect(joinsOf([...alerts, alertOf('c', ann(600))])).toEqual(['a+c by principal', 'b+c by principal']);
  });

  it('do not join those of another from the same address', () => {
    expect(joinsOf([alertOf('a', ann(0)), alertOf('b', bob(1))])).toEqual([]);
  });

  it('join when they were refused, unless they are several at once: then only those who were got into', () => {
    const refused = (n: number) =>
      signIn(
        0,
        `00000000-0000-4000-8000-0000000001${String(n).padStart(2, '0')}`,
        `person${n}@contoso.example`,
        {},
        50126,
      );
    const lone = signIn(0, ANN, 'ann@contoso.example', {}, 50126);
    expect(joinsOf([alertOf('a', lone), alertOf('b', ann(10))])).toEqual(['a+b by principal']);
    const spray = Array.from({ length: 2 }, (_, n) => refused(n));
    expect(joinsOf([alertOf('a', ...spray, lone), alertOf('b', ann(10))])).toEqual([]);
    expect(joinsOf([alertOf('a', ...spray, signIn(1, ANN, 'ann@contoso.example')), alertOf('b', ann(10))])).toEqual([
      'a+b by principal',
    ]);
  });

  it('do not join those of a crowd', () => {
    const crowd = (size: number) =>
      alertOf(
        'crowd',
        ...Array.from({ length: size }, (_, n) =>
          signIn(
            n,
            n === 0 ? ANN : `00000000-0000-4000-8000-0000000001${n}0`,
            n === 0 ? 'ann@contoso.example' : `person${n}@contoso.example`,
          ),
        ),
      );
    expect(joinsOf([crowd(8), alertOf('a', ann(10))])).toEqual(['a+crowd by principal']);
    expect(joinsOf([crowd(9), alertOf('a', ann(10))])).toEqual([]);
  });

  it('do not join where the cloud itself or a controller is the one', () => {
    const controller = (minute: number) =>
      kube(minute, 'system:serviceaccount:kube-system:generic-garbage-collector', 'delete', {
        namespace: 'shop',
        resource: 'pods',
        name: `p${minute}`,
      });
    expect(joinsOf([alertOf('a', controller(0)), alertOf('b', controller(1))])).toEqual([]);
    const pim = { app: { displayName: 'MS-PIM', servicePrincipalId: '00000000-0000-4000-8000-0000000000f9' } };
    const adds = (minute: number, id: string) =>
      directoryChange(minute, pim, 'Add member to role', [
        { id, type: 'User', userPrincipalName: `${id}@contoso.example` },
        { id: '00000000-0000-4000-8000-000000000601', type: 'Role', displayName: 'Global Administrator' },
      ]);
    expect(joinsOf([alertOf('a', adds(0, ANN)), alertOf('b', adds(1, BOB))])).toEqual([]);
    const scaling = (minute: number) =>
      aws(minute, { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' }, 'ec2', 'TerminateInstances');
    expect(joinsOf([alertOf('a', scaling(0)), alertOf('b', scaling(1))])).toEqual([]);
  });
});

describe('alerts of one session or credential', () => {
  it('join where nobody knows whose it is', () => {
    const calls = (minute: number, key: string) =>
      aws(minute, roleSession('Ops', 'session', key), 's3', 'DeleteBucket', {
        sourceIPAddress: `198.51.100.${minute}`,
      });
    expect(
      joinsOf([alertOf('a', calls(0, 'ASIACONTOSO000000001')), alertOf('b', calls(1, 'ASIACONTOSO000000001'))]),
    ).toEqual(['a+b by session']);
    expect(
      joinsOf([alertOf('a', calls(0, 'ASIACONTOSO000000001')), alertOf('b', calls(1, 'ASIACONTOSO000000002'))]),
    ).toEqual([]);
  });

  it('join where one session opened the other', () => {
    const session = (key: string) => roleSession('AWSReservedSSO_Admin_0123456789abcdef', 'ann', key);
    const assumes = aws(
      0,
      session('ASIACONTOSO000000001'),
      'sts',
      'AssumeRole',
      opens('Ops', 'book', 'ASIACONTOSO000000002'),
    );
    const before = aws(-5, session('ASIACONTOSO000000001'), 'iam', 'CreateUser', {
      requestParameters: { userName: 'x' },
    });
    const after = aws(5, roleSession('Ops', 'book', 'ASIACONTOSO000000002'), 's3', 'DeleteBucket');
    expect(joinsOf([alertOf('a', before), alertOf('b', after)], assumes)).toEqual(['a+b by session']);
    expect(joinsOf([alertOf('a', before), alertOf('b', after)])).toEqual([]);
  });

  it('join under the name that Identity Center or EC2 gave the session, and under no name that people choose', () => {
    const calls = (minute: number, role: string, name: string) =>
      alertOf(
        `at-${minute}`,
        aws(minute, roleSession(role, name, `ASIACONTOSO00000000${minute}`), 's3', 'ListBuckets'),
      );
    const joined = (role: string, name: string) => joinsOf([calls(0, role, name), calls(1, role, name)]).length === 1;
    expect(joined('AWSReservedSSO_Admin_0123456789abcdef', 'ann')).toBe(true);
    expect(joined('web', 'i-0123456789abcdef0')).toBe(true);
    expect(joined('Deploy', 'session')).toBe(false);
    expect(joined('AWSServiceRoleForEcs', 'i-0123456789abcdef0')).toBe(false);
  });
});

describe('alerts on one resource', () => {
  const deletes = (minute: number, who: [string, string], path: string) =>
    activity(minute, user(...who), 'Microsoft.Storage/storageAccounts/write', azure(path));
  const asAnn: [string, string] = [ANN, 'ann@contoso.example'];
  const asBob: [string, string] = [BOB, 'bob@contoso.example'];

  it('join those who acted on it or on a part of it', () => {
    const whole = 'Microsoft.Storage/storageAccounts/shop';
    expect(
      joinsOf([
        alertOf('a', deletes(0, asAnn, whole)),
        alertOf('b', deletes(1, asBob, `${whole}/blobServices/default/containers/x`)),
      ]),
    ).toEqual(['a+b by resource']);
  });

  it('do not join those who acted on one cluster, one namespace or all of something', () => {
    const cluster = 'Microsoft.ContainerService/managedClusters/shop';
    expect(joinsOf([alertOf('a', deletes(0, asAnn, cluster)), alertOf('b', deletes(1, asBob, cluster))])).toEqual([]);
    const lists = (minute: number, who: string) =>
      kube(minute, who, 'list', { namespace: 'shop', resource: 'secrets' });
    expect(
      joinsOf([alertOf('a', lists(0, 'ann@contoso.example')), alertOf('b', lists(1, 'bob@contoso.example'))]),
    ).toEqual([]);
  });

  it('do not join those who gave out rights to the same interface, or the same broad policy or role', () => {
    const graph = {
      id: '00000000-0000-4000-8000-0000000000f1',
      type: 'ServicePrincipal',
      displayName: 'Microsoft Graph',
    };
    const grants = (minute: number, by: typeof byAnn, id: string) =>
      directoryChange(
        minute,
        by,
        'Add app role assignment to service principal',
        [graph, { id, type: 'ServicePrincipal', displayName: 'app' }],
        { AppId: '00000003-0000-0000-c000-000000000000' },
      );
    expect(joinsOf([alertOf('a', grants(0, byAnn, APP)), alertOf('b', grants(1, byBob, PIPELINE))])).toEqual([]);
    const attaches = (minute: number, name: string, to: string) =>
      aws(minute, iamUser(name, `AKIACONTOSO00000000${minute}`), 'iam', 'AttachUserPolicy', {
        requestParameters: { userName: to, policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
      });
    expect(joinsOf([alertOf('a', attaches(0, 'one', 'x')), alertOf('b', attaches(1, 'two', 'y'))])).toEqual([]);
    const assumes = (minute: number, name: string) =>
      aws(
        minute,
        iamUser(name, `AKIACONTOSO00000000${minute}`),
        'sts',
        'AssumeRole',
        opens('Admin', name, `ASIACONTOSO00000000${minute}`),
      );
    expect(joinsOf([alertOf('a', assumes(0, 'one')), alertOf('b', assumes(1, 'two'))])).toEqual([]);
  });

  it('do not join where one of them is a workload, for pipelines touch everything', () => {
    const vault = azure('Microsoft.KeyVault/vaults/shop');
    const deploys = activity(1, workload(PIPELINE), 'Microsoft.KeyVault/vaults/write', vault);
    expect(joinsOf([alertOf('a', deletes(0, asAnn, 'Microsoft.KeyVault/vaults/shop')), alertOf('b', deploys)])).toEqual(
      [],
    );
  });

  it('do not join where more than eight principals or more than eight resources are concerned', () => {
    const shared = (count: number) =>
      Array.from({ length: count }, (_, n) => {
        const id = `00000000-0000-4000-8000-0000000001${String(n).padStart(2, '0')}`;
        return alertOf(`by-${n}`, deletes(n, [id, `person${n}@contoso.example`], 'Microsoft.KeyVault/vaults/shop'));
      });
    expect(joinsOf(shared(8))).toHaveLength(7);
    expect(joinsOf(shared(9))).toEqual([]);
    const many = (count: number) =>
      alertOf(
        'many',
        ...Array.from({ length: count }, (_, n) => deletes(n, asAnn, `Microsoft.KeyVault/vaults/shop${n}`)),
      );
    const one = alertOf('one', deletes(1, asBob, 'Microsoft.KeyVault/vaults/shop1'));
    expect(joinsOf([many(8), one])).toHaveLength(1);
    expect(joinsOf([many(9), one])).toEqual([]);
  });
});

describe('alerts by what one gave and the other used', () => {
  it('join a secret that was added with its use, and an application with its service principal', () => {
    const key = '00000000-0000-4000-8000-0000000000e1';
    const description = `["[KeyIdentifier=${key},KeyType=Password,KeyUsage=Verify,DisplayName=x]"]`;
    const adds = directoryChange(
      0,
      byAnn,
      'Update application – Certificates and secrets management ',
      [
        {
          id: '00000000-0000-4000-8000-0000000000c3',
          type: 'Application',
          displayName: 'shop',
          modifiedProperties: [{ displayName: 'KeyDescription', oldValue: '[]', newValue: description }],
        },
      ],
      { AppId: APP },
    );
    const uses = workloadSignIn(5, { servicePrincipalCredentialKeyId: key });
    const acts = activity(
      10,
      workload(PIPELINE),
      'Microsoft.Compute/virtualMachines/runCommand/action',
      azure('Microsoft.Compute/virtualMachines/vm'),
    );
    expect(joinsOf([alertOf('a', adds), alertOf('b', uses)])).toEqual(['a+b by link']);
    // The sign-in that raised no alert tells which application the service principal is of.
    expect(joinsOf([alertOf('a', adds), alertOf('c', acts)], uses)).toEqual(['a+c by link']);
    expect(joinsOf([alertOf('a', adds), alertOf('c', acts)])).toEqual([]);
  });

  it('join the new password of a person with what is done as her after it, not before', () => {
    const resets = directoryChange(0, byBob, 'Reset password (by admin)', [
      { id: ANN, type: 'User', userPrincipalName: 'ann@contoso.example' },
    ]);
    expect(joinsOf([alertOf('a', resets), alertOf('b', ann(30))])).toEqual(['a+b by link']);
    expect(joinsOf([alertOf('a', resets), alertOf('b', ann(-30))])).toEqual([]);
  });

  it('join the administrator’s certificate of a cluster with what is done by it, of several holders the one from the same address', () => {
    const lists = (minute: number, id: string, name: string, ip: string) =>
      activity(
        minute,
        user(id, name),
        'Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action',
        CLUSTER,
        { callerIpAddress: ip },
      );
    const reads = (minute: number, ip: string) =>
      kube(minute, 'masterclient', 'list', { resource: 'secrets' }, { sourceIPs: [ip] });
    const byAnnToo = alertOf('a', lists(0, ANN, 'ann@contoso.example', '198.51.100.1'));
    const byBobToo = alertOf('b', lists(5, BOB, 'bob@contoso.example', '198.51.100.2'));
    expect(joinsOf([byAnnToo, byBobToo])).toEqual([]);
    expect(joinsOf([byAnnToo, alertOf('m', reads(10, '198.51.100.9'))])).toEqual(['a+m by link']);
    expect(joinsOf([byAnnToo, byBobToo, alertOf('m', reads(10, '198.51.100.1'))])).toEqual(['a+m by link']);
    expect(joinsOf([byAnnToo, byBobToo, alertOf('m', reads(10, '198.51.100.9'))])).toEqual(['b+m by link']);
    expect(joinsOf([alertOf('m', reads(10, '198.51.100.1')), alertOf('n', reads(20, '198.51.100.1'))])).toEqual([
      'm+n by session',
    ]);
    expect(joinsOf([alertOf('m', reads(10, '198.51.100.1')), alertOf('n', reads(20, '198.51.100.2'))])).toEqual([]);
  });

  it('join the token of a service account with its use, and the pod that was entered with the account whose token it has', () => {
    const makes = kube(0, 'ann@contoso.example', 'create', {
      namespace: 'shop',
      resource: 'serviceaccounts',
      subresource: 'token',
      name: 'web',
    });
    const enters = kube(0, 'ann@contoso.example', 'create', {
      namespace: 'shop',
      resource: 'pods',
      subresource: 'exec',
      name: 'web-0',
    });
    const acts = kube(
      10,
      'system:serviceaccount:shop:web',
      'list',
      { resource: 'secrets' },
      {
        user: {
          username: 'system:serviceaccount:shop:web',
          groups: [],
          extra: { 'authentication.kubernetes.io/pod-name': ['web-0'] },
        },
      },
    );
    expect(joinsOf([alertOf('a', makes), alertOf('b', acts)])).toEqual(['a+b by link']);
    expect(joinsOf([alertOf('a', enters), alertOf('b', acts)])).toEqual(['a+b by link']);
    const controller = 'system:serviceaccount:kube-system:builder';
    const makesOfController = kube(0, 'ann@contoso.example', 'create', {
      namespace: 'kube-system',
      resource: 'serviceaccounts',
      subresource: 'token',
      name: 'builder',
    });
    expect(
      joinsOf([alertOf('a', makesOfController), alertOf('b', kube(10, controller, 'list', { resource: 'secrets' }))]),
    ).toEqual(['a+b by link']);
  });

  it('join nobody with whom somebody impersonated', () => {
    const impersonates = kube(
      0,
      'ann@contoso.example',
      'list',
      { resource: 'secrets' },
      { impersonatedUser: { username: 'bob@contoso.example' } },
    );
    expect(joinsOf([alertOf('a', impersonates), alertOf('b', bob(10))])).toEqual([]);
  });

  it('join an access key that was made with its use', () => {
    const makes = aws(0, iamUser('one', 'AKIACONTOSO000000001'), 'iam', 'CreateAccessKey', {
      requestParameters: { userName: 'two' },
      responseElements: { accessKey: { accessKeyId: 'AKIACONTOSO000000002', userName: 'two', status: 'Active' } },
    });
    const uses = aws(10, iamUser('two', 'AKIACONTOSO000000002'), 's3', 'ListBuckets');
    expect(joinsOf([alertOf('a', makes), alertOf('b', uses)])).toEqual(['a+b by link']);
    expect(
      joinsOf([
        alertOf('a', makes),
        alertOf('b', aws(10, iamUser('three', 'AKIACONTOSO000000003'), 's3', 'ListBuckets')),
      ]),
    ).toEqual([]);
  });

  it('join a password that was made for a user with the sign-in of that user', () => {
    const makes = aws(0, iamUser('one', 'AKIACONTOSO000000001'), 'iam', 'CreateLoginProfile', {
      requestParameters: { userName: 'two' },
      responseElements: { loginProfile: { userName: 'two' } },
    });
    const signsIn = aws(5, iamUser('two', 'AKIACONTOSO000000002'), 'iam', 'ListUsers');
    expect(joinsOf([alertOf('a', makes), alertOf('b', signsIn)])).toEqual(['a+b by link']);
  });

  it('join the trust of a role with what is done in it after', () => {
    const opensTrust = aws(0, iamUser('one', 'AKIACONTOSO000000001'), 'iam', 'UpdateAssumeRolePolicy', {
      requestParameters: { roleName: 'Admin', policyDocument: '{}' },
    });
    const acts = (minute: number) =>
      aws(minute, roleSession('Admin', 'x', 'ASIACONTOSO000000009'), 's3', 'DeleteBucket');
    expect(joinsOf([alertOf('a', opensTrust), alertOf('b', acts(5))])).toEqual(['a+b by link']);
    expect(joinsOf([alertOf('a', opensTrust), alertOf('b', acts(-5))])).toEqual([]);
  });

  it('join an identity provider that was changed with who comes in through it', () => {
    const issuer = 'oidc.fabrikam.example';
    const arn = `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer}`;
    const makes = aws(0, iamUser('one', 'AKIACONTOSO000000001'), 'iam', 'CreateOpenIDConnectProvider', {
      requestParameters: { url: `https://${issuer}` },
      responseElements: { openIDConnectProviderArn: arn },
    });
    const session = opens('Admin', 'x', 'ASIACONTOSO000000009');
    const comes = (minute: number) =>
      aws(minute, webIdentity(issuer, `subject-${minute}`), 'sts', 'AssumeRoleWithWebIdentity', {
        ...session,
        responseElements: { ...(session.responseElements as object), provider: arn },
      });
    expect(joinsOf([alertOf('a', makes), alertOf('b', comes(5))])).toEqual(['a+b by link']);
    expect(joinsOf([alertOf('b', comes(5)), alertOf('c', comes(6))])).toEqual([]);
  });

  it('join a command on a machine with what the machine’s own identity does', () => {
    const machine = azure('Microsoft.Compute/virtualMachines/vm');
    const commands = activity(
      0,
      user(ANN, 'ann@contoso.example'),
      'Microsoft.Compute/virtualMachines/runCommand/action',
      machine,
    );
    const acts = activity(
      5,
      { ...workload(PIPELINE), xms_mirid: machine },
      'Microsoft.KeyVault/vaults/write',
      azure('Microsoft.KeyVault/vaults/shop'),
    );
    expect(joinsOf([alertOf('a', commands), alertOf('b', acts)])).toEqual(['a+b by link']);
    const sends = aws(0, iamUser('one', 'AKIACONTOSO000000001'), 'ssm', 'SendCommand', {
      requestParameters: { instanceIds: ['i-0123456789abcdef0'] },
    });
    const machineActs = aws(5, roleSession('web', 'i-0123456789abcdef0', 'ASIACONTOSO000000009'), 's3', 'ListBuckets');
    expect(joinsOf([alertOf('a', sends), alertOf('b', machineActs)])).toEqual(['a+b by link']);
  });

  it('join nothing that was refused', () => {
    const refused = directoryChange(0, byUser(BOB, 'bob@contoso.example'), 'Reset password (by admin)', [
      { id: ANN, type: 'User' },
    ]);
    const failed = { ...refused, action: { ...refused.action, outcome: 'failure' as const } };
    expect(joinsOf([alertOf('a', failed), alertOf('b', ann(30))])).toEqual([]);
  });
});
