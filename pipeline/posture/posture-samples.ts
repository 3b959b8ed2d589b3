/** Records in the shapes of their sources, for tests of posture: one operation of each kind, laid over what its source writes with all of them. */
import type { JsonObject } from '../../platform/json.ts';
import { observationOf } from '../correlation/observe.ts';
import { readRecord } from '../sources/registry.ts';
import type { Observation } from '../timeline/observation.ts';
import type { PostureChange } from '../timeline/posture-change.ts';
import { postureChanges } from './posture-changes.ts';

export const TENANT = '00000000-0000-4000-8000-00000000c0de';
export const SUBSCRIPTION = '/subscriptions/00000000-0000-4000-8000-0000000005ab';
export const GROUP = `${SUBSCRIPTION}/resourceGroups/rg-shop`;
export const ADA = { id: '00000000-0000-4000-8000-0000000000a1', upn: 'ada@contoso.example' };
export const ACCOUNT = '111122223333';
const START = Date.parse('2026-11-20T10:00:00Z');

/** Minutes after the first record, as records write times. */
export const minute = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();

interface Row {
  readonly operation: string;
  readonly id: string;
  readonly result?: 'Start' | 'Accept' | 'Success' | 'Failure';
  readonly body?: unknown;
  /** Rows of one operation have one. */
  readonly correlation?: string;
  readonly at?: number;
  /** The application that called, by client id and object id, instead of Ada. */
  readonly app?: { readonly appId: string; readonly objectId: string };
}

const WS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const MS = 'http://schemas.microsoft.com/identity/claims/';
let rows = 0;

/** A row of the Activity log, as its diagnostic export writes it. */
export function activityRow({ operation, id, result = 'Start', body, correlation, at = 0, app }: Row): JsonObject {
  const caller: JsonObject =
    app === undefined
      ? { appid: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', idtyp: 'user', [`${MS}objectidentifier`]: ADA.id }
      : { appid: app.appId, idtyp: 'app', [`${MS}objectidentifier`]: app.objectId };
  if (app === undefined) caller[`${WS}upn`] = ADA.upn;
  return {
    time: minute(at),
    resourceId: id.toUpperCase(),
    operationName: operation.toUpperCase(),
    category: 'Administrative',
    resultType: result,
    resultSignature: result === 'Start' ? 'Started.' : `${result}.`,
    durationMs: '0',
    callerIpAddress: '203.0.113.24',
    correlationId: correlation ?? `00000000-0000-4000-8000-${String(++rows).padStart(12, '0')}`,
    identity: { authorization: { scope: id, action: operation }, claims: { ...caller, [`${MS}tenantid`]: TENANT } },
    level: 'Informational',
    tenantId: TENANT,
    properties: {
      eventCategory: 'Administrative',
      entity: id,
      message: operation,
      hierarchy: TENANT,
      ...(body !== undefined && { requestbody: JSON.stringify(body) }),
    },
  };
}

interface Call {
  readonly source: string;
  readonly name: string;
  readonly request?: JsonObject | null;
  readonly response?: JsonObject | null;
  readonly error?: string;
  readonly at?: number;
  /** A session of this role instead of the user ada. */
  readonly role?: string;
  readonly region?: string;
}

let calls = 0;

/** A record of CloudTrail. @param call `source` is the first part of `eventSource` */
export function trailRecord({ source, name, request, response, error, at = 0, role, region }: Call): JsonObject {
  return {
    eventVersion: '1.11',
    eventID: `00000000-0000-4000-9000-${String(++calls).padStart(12, '0')}`,
    eventTime: minute(at).replace('.000', ''),
    eventSource: `${source}.amazonaws.com`,
    eventName: name,
    eventType: 'AwsApiCall',
    awsRegion: region ?? 'eu-west-1',
    sourceIPAddress: '203.0.113.24',
    userAgent: 'aws-cli/2.31.0',
    recipientAccountId: ACCOUNT,
    userIdentity: role === undefined ? user : session(role),
    requestParameters: request ?? null,
    responseElements: response ?? null,
    ...(error !== undefined && { errorCode: error }),
  };
}

const user: JsonObject = {
  type: 'IAMUser',
  principalId: 'AIDAEXAMPLEADA0000001',
  arn: `arn:aws:iam::${ACCOUNT}:user/ada`,
  accountId: ACCOUNT,
  accessKeyId: 'AKIAEXAMPLE000000ADA',
  userName: 'ada',
};

const session = (role: string): JsonObject => ({
  type: 'AssumedRole',
  principalId: 'AROAEXAMPLE0000000001:run',
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role.slice(role.lastIndexOf('/') + 1)}/run`,
  accountId: ACCOUNT,
  accessKeyId: 'ASIAEXAMPLE000000001',
  sessionContext: {
    sessionIssuer: {
      type: 'Role',
      principalId: 'AROAEXAMPLE0000000001',
      arn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
      accountId: ACCOUNT,
      userName: role,
    },
    attributes: { creationDate: '2026-11-20T09:00:00Z', mfaAuthenticated: 'false' },
  },
});

interface Audit {
  readonly activity: string;
  readonly target: JsonObject;
  readonly result?: string;
  readonly at?: number;
}

let audits = 0;

/** An entry of Entra's audit log. */
export function auditEntry({ activity, target, result = 'success', at = 0 }: Audit): JsonObject {
  const id = `Directory_00000000-0000-4000-a000-${String(++audits).padStart(12, '0')}`;
  return {
    time: minute(at),
    resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`,
    operationName: activity,
    operationVersion: '1.0',
    category: 'AuditLogs',
    tenantId: TENANT,
    resultSignature: 'None',
    durationMs: 0,
    callerIpAddress: '203.0.113.24',
    correlationId: id.slice('Directory_'.length),
    Level: 4,
    properties: {
      id,
      category: 'Policy',
      activityDisplayName: activity,
      activityDateTime: minute(at),
      loggedByService: 'Core Directory',
      operationType: 'Update',
      result,
      resultReason: '',
      initiatedBy: { user: { id: ADA.id, userPrincipalName: ADA.upn, ipAddress: '203.0.113.24' } },
      targetResources: [target],
      additionalDetails: [],
    },
  };
}

/** Ada signs in to Entra. */
export const signIn: JsonObject = {
  time: minute(-5),
  category: 'SignInLogs',
  operationName: 'Sign-in activity',
  tenantId: TENANT,
  resultType: '0',
  properties: { id: 'sign-in-1', userId: ADA.id, userPrincipalName: ADA.upn, status: { errorCode: 0 } },
};

/** What a record changes. */
export const changesOf = (record: JsonObject): readonly PostureChange[] => postureChanges(readRecord(record));

/** The observation of a record. */
export function observed(record: JsonObject): Observation {
  const read = readRecord(record);
  return observationOf({ ...read.event, signals: [], posture: postureChanges(read) });
}
