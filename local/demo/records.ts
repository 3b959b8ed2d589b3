import { objectOf, type JsonObject } from '../../platform/json.ts';
import type { SeededRandom } from './random.ts';
import { AWS_ACCOUNT, CLUSTER, REGISTRY, SUBSCRIPTION, TENANT, type Person } from './tenant.ts';

/** Records in the shape in which each cloud writes them. Times are milliseconds since 1970-01-01T00:00:00Z. */
export class RecordMaker {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** What Defender for Cloud found in an image that runs in a cluster (continuous export of sub-assessments). */
  vulnerability(
    time: number,
    found: {
      cve: string;
      severity: string;
      score: number;
      cluster: string;
      image: string;
      software: string;
      fix?: string;
    },
  ): JsonObject {
    const id = this.#random.uuid();
    const assessment = `${found.cluster}/providers/Microsoft.Security/assessments/00000000-0000-4000-8000-00000000de42`;
    return {
      subAssessmentEventDataEnrichment: { action: 'Insert', apiVersion: '2019-01-01', isSnapshot: false },
      securityEventDataEnrichment: { action: 'Insert', apiVersion: '2019-01-01', isSnapshot: false },
      tenantId: TENANT,
      type: 'Microsoft.Security/assessments/subAssessments',
      id: `${assessment}/subassessments/${id}`,
      name: id,
      properties: {
        id: found.cve,
        displayName: found.cve,
        status: { code: 'Unhealthy' },
        timeGenerated: stamp(time),
        resourceDetails: { id: found.cluster, source: 'Azure' },
        additionalData: {
          assessedResourceType: 'K8sVulnerability',
          data: { clusterName: found.cluster.split('/').at(-1) ?? '' },
          registryHost: REGISTRY,
          repositoryName: found.image,
          cveSeverity: found.severity,
          cve: [found.cve],
          cvss: { base: found.score },
          softwareDetails: {
            packageName: found.software,
            fixStatus: found.fix === undefined ? 'NoFixAvailable' : 'FixAvailable',
            ...(found.fix !== undefined && { fixedVersion: found.fix }),
          },
        },
      },
    };
  }

  /** An Entra sign-in (category SignInLogs). */
  signIn(
    time: number,
    who: Person,
    from: { ip: string; city: string; country: string },
    more: {
      app?: { id: string; name: string };
      protocol?: string;
      error?: number;
      reason?: string;
      agent?: string;
    } = {},
  ): JsonObject {
    const error = more.error ?? 0;
    const app = more.app ?? { id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', name: 'Microsoft Azure CLI' };
    const id = this.#random.uuid();
    return {
      time: stamp(time),
      resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`,
      operationName: 'Sign-in activity',
      operationVersion: '1.0',
      category: 'SignInLogs',
      tenantId: TENANT,
      resultType: String(error),
      resultSignature: 'None',
      resultDescription: more.reason,
      durationMs: 0,
      callerIpAddress: from.ip,
      correlationId: this.#random.uuid(),
      identity: who.name,
      Level: 4,
      location: from.country,
      properties: {
        id,
        createdDateTime: stamp(time),
        userDisplayName: who.name,
        userPrincipalName: who.upn,
        userId: who.objectId,
        appId: app.id,
        appDisplayName: app.name,
        ipAddress: from.ip,
        status: { errorCode: error, ...(more.reason === undefined ? {} : { failureReason: more.reason }) },
        clientAppUsed: 'Mobile Apps and Desktop clients',
        userAgent: more.agent ?? 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
        authenticationProtocol: more.protocol ?? 'none',
        originalTransferMethod: more.protocol === 'deviceCode' ? 'deviceCodeFlow' : 'none',
        authenticationRequirement: 'multiFactorAuthentication',
        conditionalAccessStatus: error === 0 ? 'success' : 'notApplied',
        isInteractive: true,
        riskLevelDuringSignIn: 'none',
        riskState: 'none',
        sessionId: this.#random.uuid(),
        uniqueTokenIdentifier: this.#random.text(22, 'abcdefghijklmnopqrstuvwxyz0123456789'),
        resourceDisplayName: 'Windows Azure Service Management API',
        location: { city: from.city, countryOrRegion: from.country },
        autonomousSystemNumber: 64500,
      },
    };
  }

  /** An Entra directory change (category AuditLogs). */
  directoryChange(
    time: number,
    who: Person,
    ip: string,
    change: { operation: string; area: string; type: string; target: JsonObject },
  ): JsonObject {
    return {
      time: stamp(time),
      resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`,
      operationName: change.operation,
      operationVersion: '1.0',
      category: 'AuditLogs',
      tenantId: TENANT,
      resultSignature: 'None',
      durationMs: 0,
      callerIpAddress: ip,
      correlationId: this.#random.uuid(),
      Level: 4,
      properties: {
        id: `Directory_${this.#random.uuid()}`,
        category: change.area,
        activityDisplayName: change.operation,
        activityDateTime: stamp(time),
        loggedByService: 'Core Directory',
        operationType: change.type,
        result: 'success',
        resultReason: '',
        initiatedBy: { user: { id: who.objectId, userPrincipalName: who.upn, ipAddress: ip } },
        targetResources: [change.target],
        additionalDetails: [],
      },
    };
  }

  /** The rows of one Azure operation: Start, and Success two seconds later. */
  azureOperation(
    time: number,
    who: { objectId: string; upn?: string; ip: string },
    operation: string,
    resource: string,
    request: JsonObject = {},
  ): JsonObject[] {
    const correlationId = this.#random.uuid();
    return ['Start', 'Success'].map((resultType, at) => ({
      time: stamp(time + at * 2000),
      resourceId: resource.toUpperCase(),
      operationName: operation.toUpperCase(),
      category: 'Administrative',
      resultType,
      resultSignature: resultType === 'Start' ? 'Started.' : 'Succeeded.OK',
      durationMs: at * 2000,
      callerIpAddress: who.ip,
      correlationId,
      identity: {
        authorization: {
          scope: resource,
          action: operation,
          evidence: { role: 'Contributor', principalId: who.objectId.replaceAll('-', '') },
        },
        claims: {
          'http://schemas.microsoft.com/identity/claims/objectidentifier': who.objectId,
          'http://schemas.microsoft.com/identity/claims/tenantid': TENANT,
          ...(who.upn === undefined ? {} : { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': who.upn }),
          ipaddr: who.ip,
        },
      },
      level: 'Information',
      tenantId: TENANT,
      properties: {
        eventCategory: 'Administrative',
        eventDataId: this.#random.uuid(),
        entity: resource,
        message: operation,
        hierarchy: TENANT,
        // Azure writes the body of the request on the first row only.
        ...(at === 0 ? request : {}),
      },
    }));
  }

  /** A call to the API server of an AKS cluster (category kube-audit): the demo's, where no ARM id says which. */
  clusterCall(
    time: number,
    call: {
      user: string;
      groups: string[];
      /** What the authenticator says beside the name, and whom the caller impersonates. */
      extra?: JsonObject;
      impersonated?: JsonObject;
      cluster?: string;
      ip: string;
      verb: string;
      uri: string;
      object: JsonObject;
      agent: string;
      request?: JsonObject;
      code?: number;
    },
  ): JsonObject {
    const log = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: call.request === undefined ? 'Metadata' : 'RequestResponse',
      auditID: this.#random.uuid(),
      stage: 'ResponseComplete',
      requestURI: call.uri,
      verb: call.verb,
      user: { username: call.user, groups: call.groups, ...(call.extra === undefined ? {} : { extra: call.extra }) },
      ...(call.impersonated === undefined ? {} : { impersonatedUser: call.impersonated }),
      sourceIPs: [call.ip],
      userAgent: call.agent,
      objectRef: call.object,
      responseStatus: { metadata: {}, code: call.code ?? 200 },
      ...(call.request === undefined ? {} : { requestObject: call.request }),
      requestReceivedTimestamp: stamp(time),
      stageTimestamp: stamp(time + 3),
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    };
    return {
      time: stamp(time + 3),
      resourceId: call.cluster ?? CLUSTER,
      operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
      category: 'kube-audit',
      ccpNamespace: '00000000000000000000c0de',
      Cloud: 'AzureCloud',
      Environment: 'prod',
      properties: { log: JSON.stringify(log), stream: 'stdout', pod: 'kube-apiserver-0' },
    };
  }

  /** A call to an AWS API (a CloudTrail record). */
  awsCall(
    time: number,
    call: {
      service: string;
      name: string;
      identity: JsonObject;
      ip: string;
      agent?: string;
      readOnly?: boolean;
      request?: JsonObject;
      response?: JsonObject;
      errorCode?: string;
    },
  ): JsonObject {
    return {
      eventVersion: '1.11',
      userIdentity: call.identity,
      eventTime: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
      eventSource: `${call.service}.amazonaws.com`,
      eventName: call.name,
      awsRegion: 'eu-north-1',
      sourceIPAddress: call.ip,
      userAgent: call.agent ?? 'aws-cli/2.31.0 md/awscrt#0.27 ua/2.1 os/linux',
      ...(call.errorCode === undefined ? {} : { errorCode: call.errorCode }),
      requestParameters: call.request ?? null,
      responseElements: call.response ?? null,
      requestID: this.#random.uuid(),
      eventID: this.#random.uuid(),
      readOnly: call.readOnly ?? false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: AWS_ACCOUNT,
      eventCategory: 'Management',
    };
  }

  /** The call by which Identity Center opens a session of a role for a person, who is the subject of its SAML assertion. */
  awsSignIn(time: number, who: Person, session: JsonObject, ip: string): JsonObject {
    const nameQualifier = 'ZXhhbXBsZS9kZW1vL3F1YWw=';
    const provider = `arn:aws:iam::${AWS_ACCOUNT}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE`;
    const role = objectOf(objectOf(session.sessionContext)?.sessionIssuer)?.arn ?? null;
    return this.awsCall(time, {
      service: 'sts',
      name: 'AssumeRoleWithSAML',
      identity: {
        type: 'SAMLUser',
        principalId: `${nameQualifier}:${who.upn}`,
        userName: who.upn,
        identityProvider: nameQualifier,
      },
      ip,
      readOnly: true,
      request: { principalArn: provider, roleArn: role, roleSessionName: who.upn, durationSeconds: 3600 },
      response: {
        subject: who.upn,
        subjectType: 'persistent',
        nameQualifier,
        issuer: 'https://portal.sso.eu-north-1.amazonaws.com/saml/assertion/demo',
        audience: 'https://signin.aws.amazon.com/saml',
        assumedRoleUser: { assumedRoleId: session.principalId ?? null, arn: session.arn ?? null },
        credentials: { accessKeyId: session.accessKeyId ?? null, sessionToken: '<redacted>' },
      },
    });
  }

  /** The identity of a session of a role that Identity Center gave to a person. */
  awsSession(who: Person, time: number): JsonObject {
    const role = 'AWSReservedSSO_Developer_0123456789abcdef';
    return {
      type: 'AssumedRole',
      principalId: `AROAEXAMPLEDEVELOPER1:${who.upn}`,
      arn: `arn:aws:sts::${AWS_ACCOUNT}:assumed-role/${role}/${who.upn}`,
      accountId: AWS_ACCOUNT,
      accessKeyId: `ASIA${this.#random.text(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: 'AROAEXAMPLEDEVELOPER1',
          arn: `arn:aws:iam::${AWS_ACCOUNT}:role/aws-reserved/sso.amazonaws.com/${role}`,
          accountId: AWS_ACCOUNT,
          userName: role,
        },
        attributes: {
          creationDate: new Date(time - 60_000).toISOString().replace(/\.\d+Z$/, 'Z'),
          mfaAuthenticated: 'false',
        },
      },
    };
  }
}

/** A time with seven digits of fraction, as Azure writes it. */
const stamp = (time: number): string => new Date(time).toISOString().replace('Z', '0000Z');

/** The ARM id of something in the demo's subscription. */
export const resource = (path: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-shop/providers/${path}`;
