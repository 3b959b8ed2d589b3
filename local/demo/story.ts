import type { JsonObject } from '../../platform/json.ts';
import { SeededRandom } from './random.ts';
import { RecordMaker, resource } from './records.ts';
import { ATTACKER, AWS_ACCOUNT, PIPELINE, STAFF, SUBSCRIPTION, VICTIM, type Person } from './tenant.ts';

/** One record of the demo, on its way to a hub. */
export interface DemoRecord {
  readonly hub: 'entra' | 'azure-activity' | 'aks-audit' | 'cloudtrail' | 'defender';
  /** Event time: milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  readonly record: JsonObject;
}

const SEED = 20_261_120;
const MINUTE = 60_000;
/** How much event time the demo covers before `end`, and how many harmless actions happen in it. */
const SPAN = 90 * MINUTE;
const ACTIONS = 240;

/**
 * The demo: a working morning of a small company, and within it one attacker who takes a developer's account over by device-code phishing and goes
 * from Entra to Azure, to the AKS cluster and to AWS.
 * @param end event time of the last record, milliseconds since 1970; everything else is the same at every call
 * @param seed another gives other ids and another background
 * @returns records in order of time
 */
export function demoStory(end: number, seed = SEED): DemoRecord[] {
  const random = new SeededRandom(seed);
  const make = new RecordMaker(random);
  const start = end - SPAN;
  const records: DemoRecord[] = [];
  for (let i = 0; i < ACTIONS; i++) records.push(...everyday(start + random.below(SPAN), random, make));
  records.push(...attack(start + 40 * MINUTE, make), ...weaknesses(start, make));
  return records.sort((a, b) => a.time - b.time);
}

/** What a scanner found before: a vulnerability that is exploited in the wild, where everybody can reach it, and one where nobody can. */
function weaknesses(time: number, make: RecordMaker): DemoRecord[] {
  const found = [
    {
      cve: 'CVE-2025-55182',
      severity: 'Critical',
      score: 10,
      cluster: 'Microsoft.ContainerService/managedClusters/shop',
      image: 'shop/web',
      software: 'react-server-dom-webpack',
      fix: '19.2.1',
    },
    {
      cve: 'CVE-2024-21626',
      severity: 'High',
      score: 8.6,
      cluster: 'Microsoft.ContainerService/managedClusters/batch',
      image: 'shop/batch',
      software: 'runc',
      fix: '1.1.12',
    },
  ];
  return found.map((one) => ({
    hub: 'defender',
    time,
    record: make.vulnerability(time, { ...one, cluster: resource(one.cluster) }),
  }));
}

const DEVELOPER_GROUPS = ['system:authenticated', 'shop-developers'];

/** One harmless action of a member of staff, or of the pipeline. */
function everyday(time: number, random: SeededRandom, make: RecordMaker): DemoRecord[] {
  const who = random.pick(STAFF);
  const aws = (service: string, name: string, request: JsonObject): DemoRecord[] => [
    {
      hub: 'cloudtrail',
      time,
      record: make.awsCall(time, {
        service,
        name,
        identity: make.awsSession(who, time),
        ip: who.ip,
        readOnly: true,
        request,
      }),
    },
  ];
  const cluster = (verb: string, name: string): DemoRecord[] => [
    {
      hub: 'aks-audit',
      time,
      record: make.clusterCall(time, {
        user: who.upn,
        groups: DEVELOPER_GROUPS,
        ip: who.ip,
        verb,
        uri: `/api/v1/namespaces/shop/pods/${name}`,
        object: { resource: 'pods', namespace: 'shop', name, apiVersion: 'v1' },
        agent: 'kubectl/v1.34.1 (linux/amd64)',
      }),
    },
  ];
  const acts: readonly [() => DemoRecord[], ...(() => DemoRecord[])[]] = [
    () => [{ hub: 'entra', time, record: make.signIn(time, who, who) }],
    () => [
      {
        hub: 'entra',
        time,
        record: make.signIn(time, who, who, { error: 50126, reason: 'Invalid username or password.' }),
      },
    ],
    () => aws('ec2', 'DescribeInstances', {}),
    () => aws('s3', 'ListBuckets', {}),
    () => aws('cloudwatch', 'GetMetricData', {}),
    () => cluster('get', `web-${random.below(5)}`),
    () => cluster('list', ''),
    () =>
      rows(
        make.azureOperation(
          time,
          PIPELINE,
          'Microsoft.Resources/deployments/write',
          resource(`Microsoft.Resources/deployments/shop-${random.below(100)}`),
        ),
        'azure-activity',
        time,
      ),
    () =>
      rows(
        make.azureOperation(
          time,
          identity(who, who.ip),
          'Microsoft.Web/sites/restart/action',
          resource('Microsoft.Web/sites/shop-web'),
        ),
        'azure-activity',
        time,
      ),
  ];
  return random.pick(acts)();
}

/** What the attacker does, step by step; `start` is the event time of the first. */
function attack(start: number, make: RecordMaker): DemoRecord[] {
  const at = (minutes: number) => start + minutes * MINUTE;
  return [...intoEntra(at, make), ...intoAzure(at, make), ...intoTheCluster(at, make), ...intoAws(at, make)];
}

type At = (minutes: number) => number;

/** In by a device code that the developer was talked into entering; then a way back in, a new secret on the pipeline's application. */
function intoEntra(at: At, make: RecordMaker): DemoRecord[] {
  const signIn = make.signIn(at(0), VICTIM, ATTACKER, {
    app: { id: '29d9ed98-a469-4536-ade2-f981bc1d605e', name: 'Microsoft Authentication Broker' },
    protocol: 'deviceCode',
    agent: 'python-requests/2.32.3',
  });
  const secret = make.directoryChange(at(6), VICTIM, ATTACKER.ip, {
    operation: 'Add service principal credentials',
    area: 'ApplicationManagement',
    type: 'Update',
    target: {
      id: PIPELINE.objectId,
      displayName: PIPELINE.name,
      type: 'ServicePrincipal',
      modifiedProperties: [
        {
          displayName: 'KeyDescription',
          oldValue: '[]',
          newValue: '["[KeyIdentifier=1,KeyType=Password,KeyUsage=Verify,DisplayName=backup]"]',
        },
      ],
    },
  });
  return [
    { hub: 'entra', time: at(0), record: signIn },
    { hub: 'entra', time: at(6), record: secret },
  ];
}

/** Owner of the subscription, logs off, credentials of the cluster's administrator. */
function intoAzure(at: At, make: RecordMaker): DemoRecord[] {
  const me = identity(VICTIM, ATTACKER.ip);
  const azure = (minutes: number, operation: string, target: string, request: JsonObject = {}) =>
    rows(make.azureOperation(at(minutes), me, operation, target, request), 'azure-activity', at(minutes));
  const scope = `/subscriptions/${SUBSCRIPTION}`;
  const owner = '/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
  const assignment = `${scope}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-00000000a551`;
  const vault = 'Microsoft.KeyVault/vaults/kv-shop/providers/Microsoft.Insights/diagnosticSettings/to-siem';
  return [
    ...azure(9, 'Microsoft.Authorization/roleAssignments/write', assignment, {
      requestbody: JSON.stringify({
        Properties: { PrincipalId: VICTIM.objectId, RoleDefinitionId: owner, Scope: scope },
      }),
    }),
    ...azure(12, 'Microsoft.Insights/diagnosticSettings/delete', resource(vault)),
    ...azure(
      15,
      'Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action',
      resource('Microsoft.ContainerService/managedClusters/shop'),
    ),
  ];
}

/** Secrets, a shell in a pod, and rights over the whole cluster. */
function intoTheCluster(at: At, make: RecordMaker): DemoRecord[] {
  const admin = {
    user: 'masterclient',
    groups: ['system:masters', 'system:authenticated'],
    ip: ATTACKER.ip,
    agent: 'kubectl/v1.34.1 (linux/amd64)',
  };
  const cluster = (
    minutes: number,
    call: { verb: string; uri: string; object: JsonObject; request?: JsonObject },
  ): DemoRecord => ({
    hub: 'aks-audit',
    time: at(minutes),
    record: make.clusterCall(at(minutes), { ...admin, ...call }),
  });
  return [
    cluster(18, { verb: 'list', uri: '/api/v1/secrets?limit=500', object: { resource: 'secrets', apiVersion: 'v1' } }),
    cluster(19, {
      verb: 'create',
      uri: '/api/v1/namespaces/shop/pods/web-0/exec?command=sh',
      object: { resource: 'pods', namespace: 'shop', name: 'web-0', subresource: 'exec', apiVersion: 'v1' },
    }),
    cluster(21, {
      verb: 'create',
      uri: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      object: {
        resource: 'clusterrolebindings',
        name: 'metrics',
        apiGroup: 'rbac.authorization.k8s.io',
        apiVersion: 'v1',
      },
      request: {
        kind: 'ClusterRoleBinding',
        metadata: { name: 'metrics' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'shop' }],
      },
    }),
  ];
}

/** Over to AWS as the same person, through Identity Center. */
function intoAws(at: At, make: RecordMaker): DemoRecord[] {
  const session = make.awsSession(VICTIM, at(24));
  const opened: DemoRecord = {
    hub: 'cloudtrail',
    time: at(24),
    record: make.awsSignIn(at(24), VICTIM, session, ATTACKER.ip),
  };
  const aws = (minutes: number, service: string, name: string, request: JsonObject, response?: JsonObject) => ({
    hub: 'cloudtrail' as const,
    time: at(minutes),
    record: make.awsCall(at(minutes), {
      service,
      name,
      identity: session,
      ip: ATTACKER.ip,
      request,
      ...(response === undefined ? {} : { response }),
    }),
  });
  const key = { accessKey: { accessKeyId: 'AKIAEXAMPLE0000BACKUP', userName: 'backup', status: 'Active' } };
  return [
    opened,
    aws(26, 'cloudtrail', 'StopLogging', {
      name: `arn:aws:cloudtrail:eu-north-1:${AWS_ACCOUNT}:trail/organisation`,
    }),
    aws(28, 'iam', 'CreateAccessKey', { userName: 'backup' }, key),
    aws(29, 'iam', 'AttachUserPolicy', {
      userName: 'backup',
      policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    }),
    aws(34, 'ec2', 'ModifySnapshotAttribute', {
      snapshotId: 'snap-0123456789abcdef0',
      createVolumePermission: { add: { items: [{ userId: '999988887777' }] } },
      attributeType: 'CREATE_VOLUME_PERMISSION',
    }),
  ];
}

const identity = (who: Person, ip: string) => ({ objectId: who.objectId, upn: who.upn, ip });

const rows = (records: readonly JsonObject[], hub: DemoRecord['hub'], time: number): DemoRecord[] =>
  records.map((record, at) => ({ hub, time: time + at * 2000, record }));
