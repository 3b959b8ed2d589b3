/** For tests: invented records of the four sources as alerts, and who is behind them. */

import type { JsonObject } from '../../../platform/json.ts';
import { observationOf } from '../../correlation/observe.ts';
import { readRecord } from '../../sources/registry.ts';
import type { IncidentAlert, IncidentGroup, PrincipalNames } from '../../timeline/incident.ts';
import { IdentityGraph } from '../../timeline/identity/identity-graph.ts';
import { principalOf } from '../../timeline/identity/links-of.ts';
import type { Observation } from '../../timeline/observation.ts';
import { IncidentGroups } from './incident-groups.ts';

export const TENANT = '00000000-0000-4000-8000-00000000aaaa';
export const ANN = '00000000-0000-4000-8000-0000000000a1';
export const BOB = '00000000-0000-4000-8000-0000000000b1';
export const PIPELINE = '00000000-0000-4000-8000-0000000000c1';
export const APP = '00000000-0000-4000-8000-0000000000c2';
export const ACCOUNT = '111122223333';
const SUBSCRIPTION = '/subscriptions/00000000-0000-4000-8000-000000000010';
export const azure = (path: string): string => `${SUBSCRIPTION}/resourceGroups/Shop/providers/${path}`;
export const CLUSTER = azure('Microsoft.ContainerService/managedClusters/shop');
/** 2026-11-20T09:00:00Z. */
export const NINE = Date.UTC(2026, 10, 20, 9);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

let made = 0;
const nextId = (): string => `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`;
const at = (minute: number): string => new Date(NINE + minute * MINUTE).toISOString();

/** A record as an observation; the registry says whose it is. */
export const observed = (record: JsonObject): Observation =>
  observationOf({ ...readRecord(record).event, signals: [] });

/** A sign-in of a person; `more` goes into its properties. @param minute after nine o'clock, as of all that follow */
export const signIn = (minute: number, objectId: string, upn: string, more: JsonObject = {}, error = 0): Observation =>
  observed({
    ...entra(minute, 'SignInLogs', 'Sign-in activity'),
    resultType: String(error),
    properties: {
      id: nextId(),
      userId: objectId,
      userPrincipalName: upn,
      status: { errorCode: error },
      isInteractive: true,
      ipAddress: '203.0.113.7',
      resourceServicePrincipalId: '00000000-0000-4000-8000-0000000000f1',
      ...more,
    },
  });

export const workloadSignIn = (minute: number, more: JsonObject = {}): Observation =>
  observed({
    ...entra(minute, 'ServicePrincipalSignInLogs', 'Sign-in activity'),
    resultType: '0',
    properties: { id: nextId(), servicePrincipalId: PIPELINE, appId: APP, status: { errorCode: 0 }, ...more },
  });

/** A change of the directory by a person. */
export const directoryChange = (
  minute: number,
  by: JsonObject,
  operation: string,
  targets: JsonObject[],
  details: Record<string, string> = {},
): Observation =>
  observed({
    ...entra(minute, 'AuditLogs', operation),
    properties: {
      id: `Directory_${nextId()}`,
      activityDisplayName: operation,
      result: 'success',
      operationType: 'Update',
      initiatedBy: by,
      targetResources: targets,
      additionalDetails: Object.entries(details).map(([key, value]) => ({ key, value })),
    },
  });

export const byUser = (objectId: string, upn: string, ipAddress = '203.0.113.7'): JsonObject => ({
  user: { id: objectId, userPrincipalName: upn, ipAddress },
});
export const byAnn = byUser(ANN, 'ann@contoso.example');
export const byBob = byUser(BOB, 'bob@contoso.example');

const entra = (minute: number, category: string, operationName: string): JsonObject => ({
  time: at(minute),
  category,
  operationName,
  tenantId: TENANT,
});

/** An operation of Azure Resource Manager. @param claims beside the tenant's */
export const activity = (
  minute: number,
  claims: JsonObject,
  operation: string,
  resourceId: string,
  more: JsonObject = {},
): Observation =>
  observed({
    time: at(minute),
    resourceId: resourceId.toUpperCase(),
    operationName: operation.toUpperCase(),
    category: 'Administrative',
    resultType: 'Success',
    callerIpAddress: '203.0.113.7',
    correlationId: nextId(),
    identity: { claims: { 'http://schemas.microsoft.com/identity/claims/tenantid': TENANT, ...claims } },
    level: 'Information',
    ...more,
  });

export const user = (objectId: string, upn: string): JsonObject => ({
  'http://schemas.microsoft.com/identity/claims/objectidentifier': objectId,
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': upn,
  idtyp: 'user',
});
export const workload = (objectId: string): JsonObject => ({
  'http://schemas.microsoft.com/identity/claims/objectidentifier': objectId,
  idtyp: 'app',
});

/** A call to the API server of an AKS cluster: `verb resource`, on an object. */
export const kube = (
  minute: number,
  username: string,
  verb: string,
  objectRef: JsonObject,
  more: JsonObject = {},
): Observation =>
  observed({
    time: at(minute),
    category: 'kube-audit',
    resourceId: CLUSTER.toUpperCase(),
    operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
    properties: {
      log: JSON.stringify({
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        level: 'Metadata',
        auditID: nextId(),
        stage: 'ResponseComplete',
        verb,
        user: { username, groups: [] },
        sourceIPs: ['203.0.113.7'],
        objectRef,
        responseStatus: { code: 200 },
        requestReceivedTimestamp: at(minute),
        stageTimestamp: at(minute),
        ...more,
      }),
    },
  });

/** A call to AWS. */
export const aws = (
  minute: number,
  userIdentity: JsonObject,
  source: string,
  name: string,
  more: JsonObject = {},
): Observation =>
  observed({
    eventVersion: '1.11',
    userIdentity,
    eventTime: at(minute),
    eventSource: `${source}.amazonaws.com`,
    eventName: name,
    awsRegion: 'eu-central-1',
    sourceIPAddress: '203.0.113.7',
    recipientAccountId: ACCOUNT,
    eventID: nextId(),
    eventType: 'AwsApiCall',
    ...more,
  });

export const iamUser = (name: string, accessKeyId: string): JsonObject => ({
  type: 'IAMUser',
  principalId: `AIDACONTOSO${name.toUpperCase().padEnd(9, '0')}`,
  arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
  accountId: ACCOUNT,
  accessKeyId,
  userName: name,
});
export const roleSession = (role: string, name: string, accessKeyId: string): JsonObject => ({
  type: 'AssumedRole',
  principalId: `AROACONTOSO000000001:${name}`,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`,
  accountId: ACCOUNT,
  accessKeyId,
  sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${ACCOUNT}:role/ops/${role}` } },
});
export const webIdentity = (issuer: string, subject: string): JsonObject => ({
  type: 'WebIdentityUser',
  principalId: `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer}:sts.amazonaws.com:${subject}`,
  userName: subject,
  identityProvider: `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer}`,
});
/** What a call of STS asks for and is answered. */
export const opens = (role: string, name: string, accessKeyId: string): JsonObject => ({
  requestParameters: { roleArn: `arn:aws:iam::${ACCOUNT}:role/ops/${role}`, roleSessionName: name },
  responseElements: {
    credentials: { accessKeyId, expiration: 'Nov 20, 2026, 10:15:00 AM' },
    assumedRoleUser: {
      assumedRoleId: `AROACONTOSO000000001:${name}`,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`,
    },
  },
});

/** An alert of some events. */
export function alertOf(id: string, ...events: readonly Observation[]): IncidentAlert {
  const sorted = [...events].sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  const times = sorted.map(({ time }) => time);
  return {
    alert: {
      id,
      rule: { id: `rule-of-${id}`, title: `Rule of ${id}`, level: 'medium' },
      severity: 'medium',
      decision: 'warn',
      techniques: [],
      principals: [...new Set(events.map(({ principal }) => principal))].sort(),
      group: {},
      count: events.length,
      firstSeen: Math.min(...times),
      lastSeen: Math.max(...times),
    },
    events: sorted,
  };
}

/** Who is who, as what was observed tells. */
export class ObservedNames implements PrincipalNames {
  readonly graph = new IdentityGraph();

  constructor(...observations: readonly Observation[]) {
    this.learn(...observations);
  }

  learn(...observations: readonly Observation[]): void {
    for (const { links } of observations) for (const link of links) this.graph.add(link);
  }

  principalOf(event: Pick<Observation, 'principal' | 'entities'>): string {
    return principalOf(event, (key) => this.graph.resolve(key));
  }

  resolve(key: string): string {
    return this.graph.resolve(key);
  }

  aliasesOf(principal: string): readonly string[] {
    return [...this.graph.keys()].filter((key) => key !== principal && this.resolve(key) === principal).sort();
  }
}

/** The groups of some alerts, what was seen beside them known too. */
export function groupsOf(alerts: readonly IncidentAlert[], ...seen: readonly Observation[]): readonly IncidentGroup[] {
  const names = new ObservedNames(...seen, ...alerts.flatMap(({ events }) => events));
  const groups = new IncidentGroups(names);
  for (const alert of alerts) groups.put(alert);
  return groups.settle().changed;
}

/** The ids of alerts that are in a group together, and why: `a+b by link`. */
export const joinsOf = (alerts: readonly IncidentAlert[], ...seen: readonly Observation[]): string[] =>
  groupsOf(alerts, ...seen)
    .flatMap(({ joins }) => joins.map((join) => `${join.alerts.join('+')} by ${join.by}`))
    .sort();
