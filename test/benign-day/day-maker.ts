import { RecordMaker, resource } from '../../local/demo/records.ts';
import type { SeededRandom } from '../../local/demo/random.ts';
import { AWS_ACCOUNT, TENANT, type Person } from '../../local/demo/tenant.ts';
import type { SourceId } from '../../pipeline/timeline/event.ts';
import { objectOf, type JsonObject } from '../../platform/json.ts';
import { guid, roleArn, type Place, type RoleSession, type Workload } from './company.ts';

/** One record of the day. */
export interface DayRecord {
  readonly source: SourceId;
  /** Event time: milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  readonly record: JsonObject;
}

/** A call to an AWS API, by whom is said apart. */
export interface AwsCall {
  readonly service: string;
  readonly name: string;
  readonly request?: JsonObject;
  readonly response?: JsonObject;
  readonly errorCode?: string;
}

/** A call to the API server of the cluster. */
export interface ClusterCall {
  readonly user: string;
  readonly groups?: string[];
  readonly ip?: string;
  readonly agent: string;
  readonly verb: string;
  /** `pods`, or `pods/exec`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly group?: string;
  readonly query?: string;
  readonly request?: JsonObject;
  readonly code?: number;
}

const READING = /^(Describe|Get|List|Lookup|Head|BatchGet)/;
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Records of everything that happens on an ordinary day; by the demo's makers where it has them. */
export class DayMaker {
  readonly random: SeededRandom;
  readonly #make: RecordMaker;

  constructor(random: SeededRandom) {
    this.random = random;
    this.#make = new RecordMaker(random);
  }

  /** An interactive sign-in; `error` is Entra's code and the reason that goes with it. */
  signIn(
    time: number,
    who: Person,
    from: Place,
    app: { id: string; name: string },
    error?: readonly [number, string],
  ): DayRecord {
    const outcome = error === undefined ? {} : { error: error[0], reason: error[1] };
    const record = this.#make.signIn(time, who, from, { app, ...outcome });
    return entra(time, withProperties(record, { clientAppUsed: 'Browser', location: locationOf(from) }));
  }

  /** A token got without the person: by a refresh token. */
  refresh(time: number, who: Person, from: Place, app: { id: string; name: string }): DayRecord {
    const record = { ...this.#make.signIn(time, who, from, { app }), category: 'NonInteractiveUserSignInLogs' };
    const token = { isInteractive: false, incomingTokenType: 'primaryRefreshToken', location: locationOf(from) };
    return entra(time, withProperties(record, token));
  }

  /** A sign-in of a service principal, by a federated credential where it has no secret; of a managed identity, which says no address. */
  workloadSignIn(time: number, who: Workload, target: string, secret = false): DayRecord {
    const managed = who.resource !== undefined;
    const id = this.random.uuid();
    const category = managed ? 'ManagedIdentitySignInLogs' : 'ServicePrincipalSignInLogs';
    const credential = managed
      ? {
          clientCredentialType: 'managedIdentity',
          managedServiceIdentity: { msiType: 'userAssigned', associatedResourceId: who.resource },
        }
      : secret
        ? { clientCredentialType: 'clientSecret', servicePrincipalCredentialKeyId: guid(0xce1) }
        : { clientCredentialType: 'federatedIdentityCredential', federatedCredentialId: guid(0xfed1) };
    const record: JsonObject = {
      time: stamp(time + 4000),
      resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`,
      operationName: 'Sign-in activity',
      operationVersion: '1.0',
      category,
      tenantId: TENANT,
      resultType: '0',
      resultSignature: 'None',
      durationMs: 0,
      ...(managed ? {} : { callerIpAddress: who.ip, location: 'SE' }),
      correlationId: this.random.uuid(),
      Level: 4,
      properties: {
        id,
        createdDateTime: stamp(time),
        userId: null,
        appId: who.appId,
        ipAddress: managed ? '' : who.ip,
        status: { errorCode: 0 },
        conditionalAccessStatus: 'notApplied',
        isInteractive: false,
        riskLevelDuringSignIn: 'none',
        riskState: 'none',
        resourceDisplayName: target,
        servicePrincipalName: who.name,
        servicePrincipalId: who.objectId,
        uniqueTokenIdentifier: this.random.text(22, 'abcdefghijklmnopqrstuvwxyz0123456789'),
        sessionId: '',
        ...credential,
      },
    };
    return entra(time, record);
  }

  /** A change of the directory by a person. */
  directory(
    time: number,
    who: Person,
    change: {
      operation: string;
      area: string;
      type: string;
      target: JsonObject;
      also?: JsonObject[];
      service?: string;
    },
  ): DayRecord {
    const record = this.#make.directoryChange(time, who, who.ip, change);
    const targetResources = [change.target, ...(change.also ?? [])];
    return entra(
      time,
      withProperties(record, {
        targetResources,
        loggedByService: change.service ?? 'Core Directory',
        activityDateTime: stamp(time),
      }),
    );
  }

  /** The rows of an Azure operation, of a person or a workload. */
  azure(
    time: number,
    who: Person | Workload,
    operation: string,
    target: string,
    request: JsonObject = {},
  ): DayRecord[] {
    const caller = 'upn' in who ? { objectId: who.objectId, upn: who.upn, ip: who.ip } : who;
    const scope = target.startsWith('/') ? target : resource(target);
    const rows = this.#make.azureOperation(time, caller, operation, scope, request);
    return rows.map((record, at) => ({
      source: 'azure-activity',
      time: time + at * 2000,
      record: 'appId' in who ? withWorkload(record, who) : record,
    }));
  }

  /** A call in a role's session. */
  aws(time: number, session: RoleSession, ip: string, call: AwsCall, agent?: string): DayRecord {
    const { role, created } = session;
    const issuer = uniqueIdOf(role);
    const identity: JsonObject = {
      type: 'AssumedRole',
      principalId: `${issuer}:${session.session}`,
      arn: sessionArn(session),
      accountId: AWS_ACCOUNT,
      accessKeyId: session.accessKey,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: issuer,
          arn: roleArn(role),
          accountId: AWS_ACCOUNT,
          userName: nameOf(role),
        },
        attributes: { creationDate: second(created), mfaAuthenticated: 'false' },
      },
    };
    // A service that works with a role of its own is named in place of an address.
    if (ip.endsWith('.amazonaws.com')) identity['invokedBy'] = ip;
    return this.awsBy(time, identity, ip, call, agent);
  }

  /** A call by any identity, as CloudTrail writes it. */
  awsBy(time: number, identity: JsonObject, ip: string, call: AwsCall, agent?: string): DayRecord {
    const readOnly = READING.test(call.name);
    const service = ip.endsWith('.amazonaws.com') ? { agent: ip } : {};
    const record = this.#make.awsCall(time, {
      ...call,
      identity,
      ip,
      readOnly,
      ...service,
      ...(agent === undefined ? {} : { agent }),
    });
    return { source: 'cloudtrail', time, record };
  }

  /** A person's session by Identity Center, with its access key. */
  personSession(who: Person, created: number, permissions = 'Developer'): RoleSession {
    const role = `aws-reserved/sso.amazonaws.com/AWSReservedSSO_${permissions}_0123456789abcdef`;
    return { role, session: who.upn, accessKey: this.#accessKey(), created };
  }

  /** Assumes a role with a token of another issuer: GitHub, the cluster, Entra. Gives the record and the session. */
  webIdentity(
    time: number,
    from: { issuer: string; audience: string; subject: string; ip: string },
    role: string,
    session: string,
  ): { record: DayRecord; opened: RoleSession } {
    const provider = `arn:aws:iam::${AWS_ACCOUNT}:oidc-provider/${from.issuer}`;
    const identity = {
      type: 'WebIdentityUser',
      principalId: `${provider}:${from.audience}:${from.subject}`,
      userName: from.subject,
      identityProvider: provider,
    };
    const opened = this.#opened(time, role, session);
    const call = {
      service: 'sts',
      name: 'AssumeRoleWithWebIdentity',
      request: { roleArn: roleArn(role), roleSessionName: session, durationSeconds: 3600 },
      response: { ...given(opened), subjectFromWebIdentityToken: from.subject, provider, audience: from.audience },
    };
    return { record: this.awsBy(time, identity, from.ip, call), opened };
  }

  /** Assumes a role as any identity: a service, a session, another account. */
  assume(
    time: number,
    identity: JsonObject,
    ip: string,
    role: string,
    session: string,
  ): { record: DayRecord; opened: RoleSession } {
    const opened = this.#opened(time, role, session);
    const request = { roleArn: roleArn(role), roleSessionName: session };
    const call = { service: 'sts', name: 'AssumeRole', request, response: given(opened) };
    return { record: this.awsBy(time, identity, ip, call), opened };
  }

  /** A call to the cluster's API server. */
  cluster(time: number, call: ClusterCall): DayRecord {
    const [kind = '', subresource] = call.resource.split('/');
    const version = call.group === undefined ? '/api/v1' : `/apis/${call.group}/v1`;
    const path = [
      version,
      call.namespace === undefined ? '' : `/namespaces/${call.namespace}`,
      `/${kind}`,
      call.name === undefined ? '' : `/${call.name}`,
      subresource === undefined ? '' : `/${subresource}`,
      call.query === undefined ? '' : `?${call.query}`,
    ].join('');
    const object: JsonObject = {
      resource: kind,
      apiVersion: 'v1',
      ...(call.group === undefined ? {} : { apiGroup: call.group }),
      ...(call.namespace === undefined ? {} : { namespace: call.namespace }),
      ...(call.name === undefined ? {} : { name: call.name }),
      ...(subresource === undefined ? {} : { subresource }),
    };
    const record = this.#make.clusterCall(time, {
      user: call.user,
      groups: call.groups ?? ['system:authenticated'],
      ip: call.ip ?? '172.31.0.9',
      verb: call.verb,
      uri: path,
      object,
      agent: call.agent,
      ...(call.request === undefined ? {} : { request: call.request }),
      code: call.code ?? (call.verb === 'create' ? 201 : 200),
    });
    return { source: 'aks-audit', time, record };
  }

  #opened(created: number, role: string, session: string): RoleSession {
    return { role, session, accessKey: this.#accessKey(), created };
  }

  #accessKey(): string {
    return `ASIA${this.random.text(16, UPPER)}`;
  }
}

/** The identity of an AWS service. */
export const awsService = (service: string): JsonObject => ({
  type: 'AWSService',
  invokedBy: `${service}.amazonaws.com`,
});

const sessionArn = ({ role, session }: RoleSession): string =>
  `arn:aws:sts::${AWS_ACCOUNT}:assumed-role/${nameOf(role)}/${session}`;

/** A role's name, without its path. */
const nameOf = (role: string): string => role.slice(role.lastIndexOf('/') + 1);

/** The id that AWS gives a role; made of its name, so that it is the same in every record. */
const uniqueIdOf = (role: string): string =>
  `AROAEXAMPLE${nameOf(role)
    .replace(/[^A-Za-z0-9]/g, '')
    .toUpperCase()}0000000000`.slice(0, 21);

const given = (opened: RoleSession): JsonObject => ({
  credentials: {
    accessKeyId: opened.accessKey,
    sessionToken: '<redacted>',
    expiration: second(opened.created + 3_600_000),
  },
  assumedRoleUser: { assumedRoleId: `${uniqueIdOf(opened.role)}:${opened.session}`, arn: sessionArn(opened) },
});

const entra = (time: number, record: JsonObject): DayRecord => ({ source: 'entra', time, record });

const locationOf = ({ city, country, latitude, longitude }: Place): JsonObject => ({
  city,
  state: city,
  countryOrRegion: country,
  geoCoordinates: { latitude, longitude },
});

function withProperties(record: JsonObject, more: JsonObject): JsonObject {
  return { ...record, properties: { ...objectOf(record['properties']), ...more } };
}

/** The claims of an application's token, in place of a person's. */
function withWorkload(record: JsonObject, { appId, resource: mirid }: Workload): JsonObject {
  const identity = objectOf(record['identity']);
  const claims = {
    ...objectOf(identity?.['claims']),
    appid: appId,
    appidacr: '2',
    idtyp: 'app',
    ...(mirid === undefined ? {} : { xms_mirid: mirid }),
  };
  return { ...record, identity: { ...identity, claims } };
}

/** A time as Azure writes it. */
const stamp = (time: number): string => new Date(time).toISOString().replace('Z', '0000Z');

/** A time to the second, as AWS writes it. */
const second = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
