import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { readRecord } from '../../sources/registry.ts';
import type { Event } from '../event.ts';
import { upnKey } from '../entity-keys.ts';
import { IdentityGraph } from './identity-graph.ts';
import { linksOf, principalOf } from './links-of.ts';
import { linkOf } from './link.ts';
import { subjectOfIssuer, trustsOf } from './trust.ts';

const TENANT = '00000000-0000-4000-8000-00000000aaaa';
const ANN = '00000000-0000-4000-8000-0000000000a1';
const BOB = '00000000-0000-4000-8000-0000000000b1';
const PIPELINE = '00000000-0000-4000-8000-0000000000c1';
const APP = '00000000-0000-4000-8000-0000000000c2';
const IDENTITY =
  '/subscriptions/00000000-0000-4000-8000-000000000010/resourcegroups/shop/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop';
const CLUSTER =
  '/SUBSCRIPTIONS/00000000-0000-4000-8000-000000000010/RESOURCEGROUPS/SHOP/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/SHOP';
const AKS_ISSUER = 'https://westeurope.oic.prod-aks.azure.com/tenant/00000000-0000-4000-8000-000000000077/';
const GITHUB = 'token.actions.githubusercontent.com';
const user = (oid: string): string => `entra-user:${TENANT}/${oid}`;
const workload = (oid: string): string => `entra-sp:${TENANT}/${oid}`;

let count = 0;
const nextId = (): string => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
const event = (record: JsonObject): Event => readRecord(record).event;

function signIn(oid: string, upn: string, more: JsonObject = {}, status = 0): Event {
  return event({
    time: '2026-11-20T09:00:00Z',
    category: 'SignInLogs',
    operationName: 'Sign-in activity',
    tenantId: TENANT,
    resultType: String(status),
    callerIpAddress: '203.0.113.7',
    properties: {
      id: nextId(),
      createdDateTime: '2026-11-20T09:00:00Z',
      userId: oid,
      userPrincipalName: upn,
      status: { errorCode: status },
      ipAddress: '203.0.113.7',
      ...more,
    },
  });
}

function workloadSignIn(more: JsonObject = {}): Event {
  return event({
    time: '2026-11-20T09:00:00Z',
    category: 'ServicePrincipalSignInLogs',
    operationName: 'Sign-in activity',
    tenantId: TENANT,
    resultType: '0',
    properties: {
      id: nextId(),
      createdDateTime: '2026-11-20T09:00:00Z',
      servicePrincipalId: PIPELINE,
      appId: APP,
      status: { errorCode: 0 },
      ipAddress: '203.0.113.7',
      ...more,
    },
  });
}

function activity(claims: JsonObject): Event {
  return event({
    time: '2026-11-20T09:30:00Z',
    resourceId: '/SUBSCRIPTIONS/00000000-0000-4000-8000-000000000010/RESOURCEGROUPS/SHOP',
    operationName: 'MICROSOFT.RESOURCES/SUBSCRIPTIONS/RESOURCEGROUPS/WRITE',
    category: 'Administrative',
    resultType: 'Success',
    callerIpAddress: '203.0.113.7',
    correlationId: nextId(),
    identity: { claims: { 'http://schemas.microsoft.com/identity/claims/tenantid': TENANT, ...claims } },
    level: 'Information',
  });
}

function cloudtrail(userIdentity: JsonObject, eventName: string, more: JsonObject = {}): Event {
  return event({
    eventVersion: '1.11',
    userIdentity,
    eventTime: '2026-11-20T09:15:00Z',
    eventSource: eventName.startsWith('Assume') ? 'sts.amazonaws.com' : 's3.amazonaws.com',
    eventName,
    awsRegion: 'eu-central-1',
    sourceIPAddress: '203.0.113.7',
    recipientAccountId: '111122223333',
    eventID: nextId(),
    eventType: 'AwsApiCall',
    ...more,
  });
}

const sessionArn = (role: string, name: string): string => `arn:aws:sts::111122223333:assumed-role/${role}/${name}`;
const session = (role: string, name: string, accessKeyId: string, more: JsonObject = {}): JsonObject => ({
  type: 'AssumedRole',
  principalId: `AROACONTOSO000000001:${name}`,
  arn: sessionArn(role, name),
  accountId: '111122223333',
  accessKeyId,
  sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::111122223333:role/${role}` } },
  ...more,
});
const iamUser = (name: string, uniqueId = 'AIDACONTOSO000000001'): JsonObject => ({
  type: 'IAMUser',
  principalId: uniqueId,
  arn: `arn:aws:iam::111122223333:user/${name}`,
  accountId: '111122223333',
  accessKeyId: 'AKIACONTOSO000000001',
  userName: name,
});
const assumes = (who: JsonObject, role: string, name: string, accessKeyId: string, operation = 'AssumeRole'): Event =>
  cloudtrail(who, operation, {
    requestParameters: { roleArn: `arn:aws:iam::111122223333:role/${role}`, roleSessionName: name },
    responseElements: {
      credentials: { accessKeyId, sessionToken: 'kept by nobody', expiration: 'Nov 20, 2026, 10:15:00 AM' },
      assumedRoleUser: { assumedRoleId: `AROACONTOSO000000001:${name}`, arn: sessionArn(role, name) },
    },
  });
const saml = (subject: string, qualifier = 'c2FtcGxl'): JsonObject => ({
  type: 'SAMLUser',
  principalId: `${qualifier}:${subject}`,
  userName: subject,
  identityProvider: qualifier,
});
const webIdentity = (issuer: string, subject: string): JsonObject => ({
  type: 'WebIdentityUser',
  principalId: `arn:aws:iam::111122223333:oidc-provider/${issuer}:sts.amazonaws.com:${subject}`,
  userName: subject,
  identityProvider: `arn:aws:iam::111122223333:oidc-provider/${issuer}`,
});

const audit = (username: string, more: JsonObject = {}, extra?: JsonObject): Event =>
  event({
    time: '2026-11-20T09:20:00Z',
    category: 'kube-audit',
    operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
    resourceId: CLUSTER,
    properties: {
      log: JSON.stringify({
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        level: 'Metadata',
        auditID: nextId(),
        stage: 'ResponseComplete',
        requestURI: '/api/v1/namespaces/shop/secrets',
        verb: 'list',
        user: { username, groups: ['system:authenticated'], ...(extra === undefined ? {} : { extra }) },
        sourceIPs: ['203.0.113.7'],
        objectRef: { resource: 'secrets', namespace: 'shop', apiVersion: 'v1' },
        requestReceivedTimestamp: '2026-11-20T09:20:00.000000Z',
        stageTimestamp: '2026-11-20T09:20:00.100000Z',
        ...more,
      }),
    },
  });

const TRUSTS = trustsOf([{ issuer: AKS_ISSUER, cluster: CLUSTER }], []);

/** The principal of each event, once all are read. */
function principals(...events: Event[]): string[] {
  const graph = new IdentityGraph();
  for (const each of events) for (const link of linksOf(each, TRUSTS)) graph.add(link);
  return events.map((each) => principalOf(each, (key) => graph.resolve(key)));
}
const kindsOf = (of: Event): string[] => linksOf(of, TRUSTS).map(({ kind, one, other }) => `${kind} ${one} ${other}`);

describe('from an Entra user through SAML and role chaining', () => {
  const chain = () => [
    signIn(ANN, 'Ann@contoso.example', { sessionId: 'session-1', uniqueTokenIdentifier: 'Token_1' }),
    assumes(
      saml('ann@contoso.example'),
      'console',
      'ann@contoso.example',
      'ASIACONTOSO000000001',
      'AssumeRoleWithSAML',
    ),
    cloudtrail(session('console', 'ann@contoso.example', 'ASIACONTOSO000000001'), 'ListBuckets'),
    assumes(session('console', 'ann@contoso.example', 'ASIACONTOSO000000001'), 'admin', 'tmp', 'ASIACONTOSO000000002'),
    cloudtrail(session('admin', 'tmp', 'ASIACONTOSO000000002'), 'DeleteBucket'),
  ];

  it('every step is hers', () => {
    expect(principals(...chain())).toEqual(Array(5).fill(user(ANN)));
  });

  it('is not, where the call that opened the session was not seen', () => {
    const [first, , , , last] = chain();
    if (first === undefined || last === undefined) throw new Error('no chain');
    expect(principals(first, last)[1]).toBe(`aws:${sessionArn('admin', 'tmp')}`);
  });

  it('keeps two people apart who open sessions of one name', () => {
    const second = 'ASIACONTOSO000000009';
    const events = [
      ...chain(),
      signIn(BOB, 'bob@contoso.example'),
      assumes(saml('bob@contoso.example'), 'admin', 'tmp', second, 'AssumeRoleWithSAML'),
      cloudtrail(session('admin', 'tmp', second), 'DeleteBucket'),
    ];
    expect(principals(...events)).toEqual([...Array<string>(5).fill(user(ANN)), ...Array<string>(3).fill(user(BOB))]);
  });

  it('does not believe a session name that its caller chose', () => {
    const events = [
      signIn(ANN, 'ann@contoso.example'),
      assumes(iamUser('bob'), 'admin', 'ann@contoso.example', 'ASIACONTOSO000000003'),
      cloudtrail(session('admin', 'ann@contoso.example', 'ASIACONTOSO000000003'), 'DeleteBucket'),
    ];
    expect(principals(...events)).toEqual([user(ANN), 'aws-id:AIDACONTOSO000000001', 'aws-id:AIDACONTOSO000000001']);
    expect(linksOf(events[2] ?? signIn('', ''), TRUSTS)).toContainEqual(
      expect.objectContaining({ kind: 'session-name', one: 'upn:ann@contoso.example', confidence: 0.3 }),
    );
  });
});

it('links nobody who merely shares an address', () => {
  expect(principals(signIn(ANN, 'ann@contoso.example'), cloudtrail(iamUser('ops'), 'ListBuckets'))).toEqual([
    user(ANN),
    'aws-id:AIDACONTOSO000000001',
  ]);
  const ends = [signIn(ANN, 'ann@contoso.example'), audit('masterclient'), cloudtrail(iamUser('ops'), 'ListBuckets')]
    .flatMap((each) => linksOf(each))
    .flatMap(({ one, other }) => [one, other]);
  expect(ends.filter((key) => key.startsWith('ip:'))).toEqual([]);
});

describe('Entra', () => {
  it('joins a person’s session and token, where the sign-in succeeded', () => {
    const credentials = { sessionId: 'S-1', uniqueTokenIdentifier: 'T-1' };
    expect(kindsOf(signIn(ANN, 'ann@contoso.example', credentials))).toEqual([
      `immutable-id ${user(ANN)} entra-oid:${ANN}`,
      `upn ${user(ANN)} upn:ann@contoso.example`,
      `session ${user(ANN)} entra-session:s-1`,
      `token ${user(ANN)} entra-token:T-1`,
    ]);
    expect(kindsOf(signIn(ANN, 'ann@contoso.example', credentials, 50126))).toHaveLength(2);
  });

  it('gives a name that two people had to neither', () => {
    const events = [
      signIn(ANN, 'ann@contoso.example'),
      signIn(BOB, 'ann@contoso.example'),
      audit('ann@contoso.example'),
    ];
    expect(principals(...events)).toEqual([user(ANN), user(BOB), 'upn:ann@contoso.example']);
  });

  it('joins a guest with whom she is at home', () => {
    const guest = event({
      time: '2026-11-20T09:00:00Z',
      category: 'SignInLogs',
      operationName: 'Sign-in activity',
      tenantId: '00000000-0000-4000-8000-00000000bbbb',
      resultType: '0',
      properties: { id: nextId(), userId: BOB, userPrincipalName: 'ann_contoso.example#EXT#@fabrikam.example' },
    });
    expect(new Set(principals(signIn(ANN, 'ann@contoso.example'), guest))).toEqual(new Set([user(ANN)]));
  });

  it('joins a service principal with its application and the Azure token that it used', () => {
    const claims = { idtyp: 'app', appid: APP, uti: 'T-9' };
    expect(principals(workloadSignIn({ uniqueTokenIdentifier: 'T-9' }), activity(claims))).toEqual([
      workload(PIPELINE),
      workload(PIPELINE),
    ]);
  });
});

describe('Azure activity', () => {
  const OID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

  it('joins a managed identity with its resource', () => {
    const named = activity({ [OID]: PIPELINE, idtyp: 'app', appid: APP, xms_mirid: IDENTITY });
    const byResource = activity({ idtyp: 'app', xms_mirid: IDENTITY });
    expect(principals(named, byResource)).toEqual([workload(PIPELINE), workload(PIPELINE)]);
  });

  it('does not take the client that a person used for the person', () => {
    const claims = {
      [OID]: ANN,
      idtyp: 'user',
      appid: APP,
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'ann@contoso.example',
    };
    expect(kindsOf(activity(claims)).join()).not.toContain('entra-app');
  });
});

describe('AKS', () => {
  it('joins a person by name and a service principal by object id', () => {
    const events = [
      signIn(ANN, 'ann@contoso.example'),
      workloadSignIn(),
      audit('ann@contoso.example'),
      audit(PIPELINE),
    ];
    expect(principals(...events)).toEqual([user(ANN), workload(PIPELINE), user(ANN), workload(PIPELINE)]);
  });

  it('never takes the cluster’s certificate user for anybody', () => {
    const events = [
      audit('masterclient', {}, { oid: [ANN] }),
      audit('masterclient', {}, { oid: [BOB] }),
      signIn(ANN, 'ann@contoso.example'),
    ];
    expect(principals(...events)[0]).toMatch(/^k8s-user:.*:masterclient$/);
  });

  it('keeps the one who impersonates apart from the one impersonated', () => {
    const impersonating = audit('ann@contoso.example', { impersonatedUser: { username: 'bob@contoso.example' } });
    expect(kindsOf(impersonating)).toEqual(['impersonation upn:ann@contoso.example upn:bob@contoso.example']);
    expect(principals(signIn(ANN, 'ann@contoso.example'), signIn(BOB, 'bob@contoso.example'), impersonating)).toEqual([
      user(ANN),
      user(BOB),
      user(ANN),
    ]);
  });

  it('joins a service account with the AWS session that its token opened, where the issuer is trusted', () => {
    const account = 'system:serviceaccount:shop:checkout';
    const key = `k8s-user:${CLUSTER.toLowerCase()}:${account}`;
    const opens = (issuer: string) =>
      assumes(webIdentity(issuer, account), 'shop', 'pod', 'ASIACONTOSO000000005', 'AssumeRoleWithWebIdentity');
    const uses = cloudtrail(session('shop', 'pod', 'ASIACONTOSO000000005'), 'GetObject');
    const issuer = AKS_ISSUER.replace('https://', '').replace(/\/$/, '');
    expect(principals(audit(account), opens(issuer), uses)).toEqual([key, key, key]);
    expect(principals(audit(account), opens('oidc.example'), uses)[2]).toBe(`federated:oidc.example|${account}`);
  });
});

describe('AWS', () => {
  it('joins an Entra service principal with the session that its token opened', () => {
    const opens = assumes(
      webIdentity(`sts.windows.net/${TENANT}/`, PIPELINE),
      'ci',
      'ci',
      'ASIACONTOSO000000006',
      'AssumeRoleWithWebIdentity',
    );
    const uses = cloudtrail(session('ci', 'ci', 'ASIACONTOSO000000006'), 'PutObject');
    expect(principals(workloadSignIn(), opens, uses)).toEqual(Array(3).fill(workload(PIPELINE)));
  });

  it.each([
    [GITHUB, 'repo:contoso-example/shop:ref:refs/heads/main'],
    ['accounts.google.com', '100000000000000000001'],
  ])('takes the subject of %s for the principal of its session', (issuer, subject) => {
    const opens = assumes(
      webIdentity(issuer, subject),
      'ci',
      'ci',
      'ASIACONTOSO000000007',
      'AssumeRoleWithWebIdentity',
    );
    const uses = cloudtrail(session('ci', 'ci', 'ASIACONTOSO000000007'), 'PutObject');
    expect(principals(opens, uses)).toEqual(Array(2).fill(`federated:${issuer}|${subject}`));
  });

  it('joins GitHub in AWS with the service principal that trusts the same subject', () => {
    const subject = 'repo:contoso-example/shop:ref:refs/heads/main';
    const opens = assumes(
      webIdentity(GITHUB, subject),
      'ci',
      'ci',
      'ASIACONTOSO000000007',
      'AssumeRoleWithWebIdentity',
    );
    const uses = cloudtrail(session('ci', 'ci', 'ASIACONTOSO000000007'), 'PutObject');
    const graph = new IdentityGraph();
    for (const each of [opens, uses, workloadSignIn()]) for (const link of linksOf(each)) graph.add(link);
    expect(principalOf(uses, (key) => graph.resolve(key))).toBe(`federated:${GITHUB}|${subject}`);
    const evidence = { eventId: 'row 1', source: 'directory', time: 0, what: 'federated credential' } as const;
    graph.takeChanges();
    graph.add(linkOf('federation', workload(PIPELINE), subjectOfIssuer(`https://${GITHUB}`, subject), evidence));
    expect(principalOf(uses, (key) => graph.resolve(key))).toBe(workload(PIPELINE));
    expect(graph.takeChanges().map(({ key }) => key)).toContain('aws-key:ASIACONTOSO000000007');
  });

  it('joins the calls on behalf of one Identity Center user', () => {
    const onBehalfOf = {
      userId: ANN,
      identityStoreArn: 'arn:aws:identitystore::111122223333:identitystore/d-1234567890',
    };
    const uses = (key: string) =>
      cloudtrail(
        session('AWSReservedSSO_Admin_0123456789abcdef', 'ann@contoso.example', key, { onBehalfOf }),
        'ListBuckets',
      );
    const idc = `aws-idc-user:d-1234567890/${ANN}`;
    expect(principals(uses('ASIACONTOSO000000011'), uses('ASIACONTOSO000000012'))).toEqual([idc, idc]);
    expect(linksOf(uses('ASIACONTOSO000000011'))).toContainEqual(
      expect.objectContaining({ kind: 'sso-session-name', one: 'upn:ann@contoso.example', confidence: 0.6 }),
    );
  });

  it('tells an IAM user from another who has the name later', () => {
    const events = [
      cloudtrail(iamUser('ops'), 'ListBuckets'),
      cloudtrail({ ...iamUser('ops', 'AIDACONTOSO000000002'), accessKeyId: 'AKIACONTOSO000000002' }, 'ListBuckets'),
    ];
    expect(principals(...events)).toEqual(['aws-id:AIDACONTOSO000000001', 'aws-id:AIDACONTOSO000000002']);
    const graph = new IdentityGraph();
    for (const each of events) for (const link of linksOf(each)) graph.add(link);
    expect(graph.explain('aws:arn:aws:iam::111122223333:user/ops').weakness).toBe('contested');
  });

  it('gives no access key to the service that asked for it', () => {
    const byService = assumes(
      { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
      'web',
      'i-0123456789abcdef0',
      'ASIACONTOSO000000013',
    );
    expect(kindsOf(byService)).toEqual([
      `role-session aws-key:ASIACONTOSO000000013 aws:${sessionArn('web', 'i-0123456789abcdef0')}`,
    ]);
  });

  it('links nothing by a call that was refused', () => {
    const refused = cloudtrail(saml('ann@contoso.example'), 'AssumeRoleWithSAML', {
      errorCode: 'AccessDenied',
      responseElements: null,
    });
    expect(kindsOf(refused)).toEqual(['upn upn:ann@contoso.example federated:c2FtcGxl|ann@contoso.example']);
  });

  it('shows whom a source identity names, and joins nobody by it', () => {
    const identity = session('admin', 'x', 'ASIACONTOSO000000014');
    const context = { ...(identity.sessionContext as JsonObject), sourceIdentity: 'ann@contoso.example' };
    const uses = cloudtrail({ ...identity, sessionContext: context }, 'ListBuckets');
    expect(linksOf(uses).filter(({ kind }) => kind === 'source-identity')).toMatchObject([
      { other: 'aws-key:ASIACONTOSO000000014', confidence: 0.7 },
      { one: upnKey('ann@contoso.example') },
    ]);
    expect(principals(signIn(ANN, 'ann@contoso.example'), uses)[1]).toBe(uses.principal);
  });

  it('knows the users of a SAML provider whose trust is stated', () => {
    const provider = 'arn:aws:iam::111122223333:saml-provider/entra';
    const issuer = `https://sts.windows.net/${TENANT}/`;
    const trusts = trustsOf([], [{ provider, issuer, tenant: TENANT }]);
    const qualifier = [...trusts.saml.keys()][0] ?? '';
    expect(qualifier).toBe('qr1xgNNuTPNGkH8FFDSb/iYJ0H0=');
    const opens = assumes(
      saml('ann@contoso.example', qualifier),
      'a',
      'b',
      'ASIACONTOSO000000015',
      'AssumeRoleWithSAML',
    );
    expect(linksOf(opens, trusts)).toContainEqual(
      expect.objectContaining({ kind: 'federation', one: 'upn:ann@contoso.example' }),
    );
    const other = assumes(saml('ann@contoso.example'), 'a', 'b', 'ASIACONTOSO000000015', 'AssumeRoleWithSAML');
    expect(linksOf(other, trusts).map(({ kind }) => kind)).not.toContain('federation');
  });
});
