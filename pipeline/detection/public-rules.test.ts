import { beforeAll, describe, expect, it } from 'vitest';
import { CORPUS, corpus } from '../../test/corpus.ts';
import { witnesses } from '../../test/witness.ts';
import type { JsonObject } from '../../platform/json.ts';
import { jsonSource } from '../sources/json/index.ts';
import { readRecord } from '../sources/registry.ts';
import { firingOf } from './lint/can-fire.ts';
import { loadRules } from './loading/load.ts';
import { takesIn } from './log-source.ts';
import type { RuleSet } from './matching/rule-set.ts';
import type { SigmaRule } from './rule.ts';
import type { LogSource, ReadRecord } from '../timeline/read-record.ts';

const TENANT = '/tenants/00000000-0000-4000-8000-00000000000a/providers/Microsoft.aadiam';
const AROUND = { time: '2026-11-20T10:00:00Z', resourceId: TENANT, tenantId: '00000000-0000-4000-8000-00000000000a' };

/** A record of each log source that no rule wants, where keywords may stand in it, and how what rules see is wrapped. */
interface Base {
  readonly logsource: LogSource;
  readonly record: JsonObject;
  readonly freeText: string;
  readonly wrapped?: (fields: JsonObject) => JsonObject;
}

const BASES: readonly Base[] = [
  {
    logsource: { product: 'aws', service: 'cloudtrail' },
    record: {
      eventVersion: '1.11',
      eventTime: '2026-11-20T10:00:00Z',
      eventID: '00000000-0000-4000-8000-000000000001',
      eventSource: 'example.amazonaws.com',
      eventName: 'DescribeExamples',
      awsRegion: 'eu-west-1',
      sourceIPAddress: '203.0.113.7',
      userAgent: 'aws-cli/2.0',
      eventType: 'AwsApiCall',
      recipientAccountId: '111122223333',
      userIdentity: {
        type: 'IAMUser',
        arn: 'arn:aws:iam::111122223333:user/ada',
        accountId: '111122223333',
        userName: 'ada',
        sessionContext: { sessionIssuer: {} },
      },
      requestParameters: {},
      responseElements: {},
    },
    freeText: 'requestParameters.name',
  },
  {
    logsource: { product: 'azure', service: 'activitylogs' },
    record: {
      ...AROUND,
      resourceId: '/SUBSCRIPTIONS/00000000-0000-4000-8000-000000000051/PROVIDERS/MICROSOFT.EXAMPLE/THINGS/ONE',
      operationName: 'MICROSOFT.EXAMPLE/THINGS/READ',
      category: 'Administrative',
      resultType: 'Success',
      correlationId: '00000000-0000-4000-8000-000000000002',
      properties: { eventCategory: 'Administrative' },
    },
    freeText: 'operationName',
  },
  {
    logsource: { product: 'azure', service: 'auditlogs' },
    record: {
      ...AROUND,
      operationName: 'Update example',
      category: 'AuditLogs',
      properties: {
        id: 'Directory_1',
        category: 'Other',
        result: 'timeout',
        activityDisplayName: 'Update example',
        activityDateTime: '2026-11-20T10:00:00Z',
        loggedByService: 'Example',
        initiatedBy: { user: { id: '00000000-0000-4000-8000-0000000000a1' } },
        targetResources: [{ id: '00000000-0000-4000-8000-0000000000a2', modifiedProperties: [{}] }],
        additionalDetails: [{}],
      },
    },
    freeText: 'properties.resultReason',
  },
  {
    logsource: { product: 'azure', service: 'signinlogs' },
    record: {
      ...AROUND,
      operationName: 'Sign-in activity',
      category: 'SignInLogs',
      resultType: '50126',
      resultSignature: 'None',
      properties: {
        id: '00000000-0000-4000-8000-000000000003',
        createdDateTime: '2026-11-20T10:00:00Z',
        userId: '00000000-0000-4000-8000-0000000000a1',
        userPrincipalName: 'ada@contoso.example',
        ipAddress: '203.0.113.7',
        status: { errorCode: 50126 },
        deviceDetail: { deviceId: '00000000-0000-4000-8000-0000000000d1', trustType: 'Azure AD joined' },
        networkLocationDetails: [],
      },
    },
    freeText: 'properties.appDisplayName',
  },
  {
    logsource: { product: 'azure', service: 'riskdetection' },
    record: {
      ...AROUND,
      operationName: 'User Risk Detection',
      category: 'UserRiskEvents',
      properties: {
        id: '0000000000000000000000000000000000000000000000000000000000000001',
        userId: '00000000-0000-4000-8000-0000000000a1',
        userPrincipalName: 'ada@contoso.example',
        detectedDateTime: '2026-11-20T10:00:00Z',
        riskEventType: 'generic',
        riskState: 'atRisk',
      },
    },
    freeText: 'properties.additionalInfo',
  },
  {
    logsource: { category: 'application', product: 'kubernetes', service: 'audit' },
    record: {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'RequestResponse',
      auditID: '00000000-0000-4000-8000-000000000004',
      stage: 'ResponseComplete',
      requestURI: '/api/v1/examples',
      verb: 'get',
      user: { username: 'ada@contoso.example', groups: ['system:authenticated'] },
      sourceIPs: ['203.0.113.7'],
      userAgent: 'kubectl/v1.35.0',
      objectRef: { resource: 'examples', apiVersion: 'v1' },
      responseStatus: { code: 200 },
      requestReceivedTimestamp: '2026-11-20T10:00:00.000000Z',
      requestObject: { spec: { volumes: [{}], containers: [{ name: 'one' }] } },
    },
    freeText: 'requestURI',
    wrapped: (audit) => ({
      time: '2026-11-20T10:00:00Z',
      category: 'kube-audit',
      operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
      resourceId:
        '/SUBSCRIPTIONS/00000000-0000-4000-8000-000000000051/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/ONE',
      properties: { pod: 'kube-apiserver-0', log: JSON.stringify(audit) },
    }),
  },
];

const OTHER: Base = { logsource: {}, record: { time: '2026-11-20T10:00:00Z' }, freeText: 'message' };

/** What stands at what is matched by a pattern too rich for witnesses to be made of it. */
const BY_HAND: Readonly<Record<string, JsonObject>> = {
  'End User Consent': {
    displayName: 'ConsentContext.IsAdminConsent',
    oldValue: null,
    newValue: '"False"',
  },
};

/** Whether a rule fires on a record made for it, as its source reads it from its export. */
function firesOnWitness(rule: SigmaRule, rules: RuleSet): boolean {
  const base = BASES.find(({ logsource }) => takesIn(rule.logsource, logsource)) ?? OTHER;
  const byHand = BY_HAND[rule.title];
  for (const witness of witnesses(rule, base.record, base.freeText)) {
    if (byHand !== undefined) Object.assign(modifiedProperty(witness), byHand);
    const read = readAs(base, witness);
    if (read === undefined || (base !== OTHER && !takesIn(rule.logsource, read.logsource))) continue;
    if (rules.match(read).some((signal) => signal.rule.id === rule.id)) return true;
  }
  return false;
}

/** As its source reads it; undefined where a witness has become no record of any source. */
function readAs(base: Base, witness: JsonObject): ReadRecord | undefined {
  try {
    return base === OTHER ? jsonSource().read(witness) : readRecord(base.wrapped?.(witness) ?? witness);
  } catch {
    return undefined;
  }
}

function modifiedProperty(record: JsonObject): JsonObject {
  const { properties } = record as { properties: { targetResources: [{ modifiedProperties: [JsonObject] }] } };
  return properties.targetResources[0].modifiedProperties[0];
}

const RULES = corpus('sigma/rules');

describe.skipIf(RULES === undefined)(`public rules (skipped where ${CORPUS} is absent)`, () => {
  let rules: RuleSet;
  let sigma: SigmaRule[];
  beforeAll(async () => {
    rules = await loadRules([RULES ?? '']);
    sigma = rules.rules.filter((rule) => rule.kind === 'sigma');
  });

  it('load, all of them', () => {
    expect(rules.rejected).toEqual([]);
    expect(rules.rules).toHaveLength(294);
  });

  it('name no field in vain', () => {
    const problems = sigma.filter((rule) => firingOf(rule).problem !== undefined || firingOf(rule).idle.length > 0);
    expect(problems.map(({ file }) => file)).toEqual([]);
  });

  it('fire, each on a record that its source reads', () => {
    expect(sigma.filter((rule) => !firesOnWitness(rule, rules)).map(({ file }) => file)).toEqual([]);
  });

  it('do not fire on the records from which those are made', () => {
    const fired = BASES.flatMap(({ record, wrapped }) => rules.match(readRecord(wrapped?.(record) ?? record)));
    expect(fired.map(({ rule }) => rule.title)).toEqual([]);
  });
});
