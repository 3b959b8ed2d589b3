import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyObject, damaged, frozen, samplesIn } from '../../../test/records.ts';
import { isObject, objectOf, parseJson, type JsonObject } from '../../../platform/json.ts';
import { MAX_ENTITIES } from '../../timeline/entity.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { RejectedRecord, type ReadRecord } from '../source.ts';
import { aksAudit } from './index.ts';

const CLUSTER =
  '/subscriptions/00000000-0000-4000-8000-000000000051/resourcegroups/rg-aks/providers/microsoft.containerservice/managedclusters/shop';

const samples = samplesIn(new URL('samples/', import.meta.url));

function sample(name: string): JsonObject {
  const found = samples.find((candidate) => candidate.name.startsWith(name));
  if (found === undefined) throw new Error(`no sample ${name}`);
  return found.record;
}

const read = (name: string): ReadRecord => aksAudit.read(sample(name));

/** The audit event that a sample of the diagnostic export holds. */
function auditOf(name: string): JsonObject {
  const log = objectOf(sample(name).properties)?.log;
  const audit = typeof log === 'string' ? parseJson(log) : log;
  if (!isObject(audit)) throw new Error(`no audit event in ${name}`);
  return audit;
}

/** A sample with another audit event in its log. */
const withAudit = (name: string, audit: JsonObject): JsonObject => ({
  ...sample(name),
  properties: { log: JSON.stringify(audit) },
});

const keys = ({ event }: ReadRecord): string[] => event.entities.map(({ part, key }) => `${part} ${key}`);

describe('the AKS audit log', () => {
  it.each(samples)('reads $name as valid OCSF, changing nothing', ({ record }) => {
    const { event, logsource } = aksAudit.read(frozen(structuredClone(record)));
    expect(violations(event.ocsf)).toEqual([]);
    expect(event.source).toBe('aks-audit');
    expect(event.id.length).toBeLessThanOrEqual(256);
    expect(logsource).toBe(aksAudit.read(record).logsource);
    expect(aksAudit.read(record).event).toEqual(event);
    expect(aksAudit.schema.safeParse(record).success).toBe(true);
  });

  it('reads who did what to which object, from where', () => {
    const { event, fields } = read('exec-into-pod');
    expect(event).toMatchObject({
      recordId: '00000000-0000-4000-8000-0000000a0001',
      operation: '00000000-0000-4000-8000-0000000a0001',
      principal: 'upn:ada@contoso.example',
      time: Date.parse('2026-11-20T10:11:12.234Z'),
    });
    expect(event.ocsf).toMatchObject({
      type_uid: 600301,
      api: { operation: 'create pods/exec', version: 'v1', response: { code: 101 } },
      actor: { user: { name: 'Ada@contoso.example', uid_alt: '00000000-0000-4000-8000-000000000a01', type_id: 1 } },
      src_endpoint: { ip: '203.0.113.24', intermediate_ips: ['172.31.0.9'] },
      http_request: {
        http_method: 'POST',
        url: { path: '/api/v1/namespaces/shop/pods/web-0/exec', query_string: 'command=sh&stdin=true&tty=true' },
        user_agent: 'kubectl/v1.35.0 (linux/amd64) kubernetes/0000000',
      },
      resources: [
        { uid: 'shop/pods/web-0', type: 'pods/exec', namespace: 'shop' },
        { uid: CLUSTER, name: 'SHOP' },
      ],
      cloud: { provider: 'Azure', account: { uid: '00000000-0000-4000-8000-000000000051' } },
      metadata: { log_name: 'kube-audit', original_time: '2026-11-20T10:11:12.234567Z' },
      status_id: 1,
      status_code: '101',
    });
    expect(keys(read('exec-into-pod'))).toEqual([
      'actor upn:ada@contoso.example',
      'actor entra-oid:00000000-0000-4000-8000-000000000a01',
      'origin ip:203.0.113.24',
      `target k8s:${CLUSTER}:shop/pods/web-0`,
      `target arm:${CLUSTER}`,
    ]);
    expect(fields).toMatchObject({ verb: 'create', objectRef: { resource: 'pods', subresource: 'exec' } });
  });

  it.each([
    ['masterclient-delete', `k8s-user:${CLUSTER}:masterclient`, 'user', 2],
    ['cluster-role-binding', `k8s-user:${CLUSTER}:00000000-0000-4000-8000-000000000B01`, 'service-principal', 4],
    ['service-account-secrets', `k8s-user:${CLUSTER}:system:serviceaccount:shop:web`, 'service-account', 4],
    ['version-by-node', `k8s-user:${CLUSTER}:system:node:aks-pool-0`, 'service-account', 3],
    ['table-azurediagnostics', `k8s-user:${CLUSTER}:aksService`, 'service-account', 3],
    ['anonymous-forbidden', `k8s-user:${CLUSTER}:system:anonymous`, 'user', 0],
    ['eks-role-session', 'k8s-user::kubernetes-admin', 'user', 2],
  ])('knows the caller of %s', (name, principal, kind, type) => {
    const { event } = read(name);
    expect(event.principal).toBe(principal);
    expect(event.entities[0]).toMatchObject({ key: principal, kind, part: 'actor' });
    expect(event.ocsf).toHaveProperty('actor.user.type_id', type);
  });

  it('keeps the caller the actor where it impersonates another', () => {
    const result = read('impersonation');
    expect(result.event.principal).toBe('upn:ada@contoso.example');
    expect(keys(result)).toContain(
      `target k8s-user:${CLUSTER}:system:serviceaccount:kube-system:clusterrole-aggregation-controller`,
    );
    expect(result.event.ocsf.unmapped).toHaveProperty('impersonatedUser.groups', ['system:masters']);
  });

  it('names the identities of other clouds that the authenticator adds, and the pod of a token', () => {
    expect(keys(read('eks-role-session'))).toEqual(
      expect.arrayContaining([
        'actor aws:arn:aws:sts::111122223333:assumed-role/Ops/ada',
        'actor aws:arn:aws:iam::111122223333:role/Ops',
        'credential aws-key:ASIAEXAMPLEEXAMPLE00',
      ]),
    );
    expect(keys(read('service-account-secrets'))).toContain(`origin k8s:${CLUSTER}:shop/pods/web-0`);
    expect(keys(read('service-account-token'))).toContain(
      `target k8s-user:${CLUSTER}:system:serviceaccount:kube-system:builder`,
    );
  });

  it('finds the name of what was created in the object', () => {
    expect(keys(read('cluster-role-binding'))).toContain(`target k8s:${CLUSTER}:/clusterrolebindings/ops-admin`);
  });

  it('names whom a binding gives rights to', () => {
    const audit = auditOf('cluster-role-binding');
    const subjects = [
      { kind: 'User', name: 'grace@fabrikam.example' },
      { kind: 'User', name: '00000000-0000-4000-8000-000000000b02' },
      { kind: 'ServiceAccount', name: 'web', namespace: 'shop' },
      { kind: 'Group', name: 'system:authenticated' },
      { kind: 'ServiceAccount', name: 'nowhere' },
      { kind: 'User', name: 7 },
      null,
    ];
    const bound = (more: JsonObject) =>
      keys(aksAudit.read(withAudit('cluster-role-binding', { ...audit, ...more }))).filter(
        (key) => /k8s-user|upn|oid/.test(key) && key.startsWith('target'),
      );
    expect(bound({ requestObject: { subjects } })).toEqual([
      'target upn:grace@fabrikam.example',
      `target k8s-user:${CLUSTER}:00000000-0000-4000-8000-000000000b02`,
      'target entra-oid:00000000-0000-4000-8000-000000000b02',
      `target k8s-user:${CLUSTER}:system:serviceaccount:shop:web`,
    ]);
    expect(bound({ requestObject: { subjects: 'x' } })).toEqual([]);
    expect(bound({ requestObject: { subjects }, objectRef: { resource: 'configmaps', name: 'x' } })).toEqual([]);
  });

  it('reads a refusal', () => {
    expect(read('anonymous-forbidden').event.ocsf).toMatchObject({
      status_id: 2,
      status_code: '403',
      api: { response: { code: 403, error: 'Forbidden' } },
      actor: { authorizations: [{ decision: 'forbid' }] },
    });
    expect(read('panic').event.ocsf).toMatchObject({ status_id: 2, status_detail: 'Panic', activity_name: 'proxy' });
  });

  it('tells the stages of one request apart, as one operation', () => {
    const events = samples
      .filter(({ name }) => name.startsWith('event-list'))
      .map(({ record }) => aksAudit.read(record).event);
    expect(new Set(events.map(({ operation }) => operation)).size).toBe(1);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    expect(events.map(({ ocsf }) => ocsf.status)).toEqual(['RequestReceived', 'Success', 'Success']);
  });

  it('is the same event in both categories that carry it, and another in another cluster', () => {
    const record = sample('exec-into-pod');
    const { id } = aksAudit.read(record).event;
    expect(aksAudit.read({ ...record, category: 'kube-audit-admin', time: '2026-11-20T10:11:13Z' }).event.id).toBe(id);
    expect(aksAudit.read({ ...record, resourceId: CLUSTER.toUpperCase() }).event.id).toBe(id);
    expect(aksAudit.read({ ...record, resourceId: '/subscriptions/b' }).event.id).not.toBe(id);
  });

  it('keeps requests apart whose client chose the same audit id', () => {
    const audit = auditOf('exec-into-pod');
    const later = { ...audit, stageTimestamp: '2026-11-20T10:11:12.234568Z' };
    const [one, other] = [audit, later].map((event) => aksAudit.read(withAudit('exec-into-pod', event)).event);
    expect(other?.recordId).toBe(one?.recordId);
    expect(other?.id).not.toBe(one?.id);
  });

  it('marks an event that was cut off, and takes the time from around it', () => {
    const { event, fields } = read('truncated');
    expect(event.ocsf.metadata.is_truncated).toBe(true);
    expect(event.time).toBe(Date.parse('2026-11-20T10:11:12.24Z'));
    expect(event).toMatchObject({
      principal: 'upn:ada@contoso.example',
      recordId: '00000000-0000-4000-8000-0000000a0009',
    });
    expect(fields).toMatchObject({
      verb: 'create',
      requestObject: { spec: { hostPID: true, containers: [{ securityContext: { privileged: true } }] } },
    });
    expect(read('exec-into-pod').event.ocsf.metadata.is_truncated).toBeUndefined();
  });

  it('reads a log cut at 16 KiB', () => {
    const audit = {
      ...auditOf('cluster-role-binding'),
      requestObject: { kind: 'Pod', data: Array.from({ length: 2000 }, (_, i) => ({ name: `n${i}`, value: 'ä"\\' })) },
    };
    const log = JSON.stringify(audit).slice(0, 16_384);
    const { event } = aksAudit.read({ ...sample('cluster-role-binding'), properties: { log } });
    expect(event.ocsf).toMatchObject({
      metadata: { is_truncated: true },
      api: { operation: 'create clusterrolebindings' },
    });
    expect(violations(event.ocsf)).toEqual([]);
  });

  it('reads an event cut anywhere, as long as verb, user or URI is left of it', () => {
    const log = JSON.stringify(auditOf('cluster-role-binding'));
    const afterURI = log.indexOf('"verb"');
    for (let length = 1; length < log.length; length++) {
      const record = { ...sample('cluster-role-binding'), properties: { log: log.slice(0, length) } };
      expect(aksAudit.schema.safeParse(record).success).toBe(length >= afterURI - 1);
      if (length < afterURI - 1) {
        expect(() => aksAudit.read(record)).toThrow(
          'verb: expected a verb, or a user or request URI to go by, found nothing',
        );
      } else expect(violations(aksAudit.read(record).event.ocsf)).toEqual([]);
    }
  });

  it('reads a line of guard as text', () => {
    const { event, fields, logsource } = read('guard.json');
    expect(event.principal).toBe(`arm:${CLUSTER}`);
    expect(event.ocsf).toMatchObject({ severity_id: 1, metadata: { log_name: 'guard', event_code: 'handler.go:88' } });
    expect(event.ocsf.message).toMatch(/^Authentication review/);
    expect(fields).toMatchObject({ category: 'guard', pod: 'kube-apiserver-5d8f9c7b6d-x2x4z', stream: 'stdout' });
    expect(fields.log).toBe(objectOf(sample('guard.json').properties)?.log);
    expect(logsource).toEqual({ category: 'application', product: 'kubernetes', service: 'audit' });
    expect(read('guard-error').event.ocsf.severity_id).toBe(3);
    expect(read('table-akscontrolplane').event.ocsf.severity_id).toBe(2);
  });

  it.each([
    ['audit-v1beta1', '2018-10-26T13:00:25Z', 'update deployments'],
    ['table-aksaudit.json', '2026-11-20T10:11:12.234567Z', 'list configmaps'],
    ['table-aksauditadmin', '2026-11-20T10:11:12.234567Z', 'list configmaps'],
    ['log-as-object', '2026-11-20T10:11:12.234567Z', 'deletecollection pods'],
    ['version-by-node', '2026-11-20T10:11:12.234567Z', 'get /version'],
  ])('reads the form of %s', (name, original_time, operation) => {
    expect(read(name).event.ocsf).toMatchObject({ metadata: { original_time }, api: { operation } });
  });

  it.each([
    [
      { category: 'kube-audit', properties: { log: 'rest of a line"}' } },
      "properties.log: expected an audit event or the beginning of one, found 'rest of a line\"}'",
    ],
    [{ category: 'kube-audit' }, 'properties.log: expected an audit event or the beginning of one, found nothing'],
    [
      { kind: 'Event', apiVersion: 'audit.k8s.io/v1' },
      'verb: expected a verb, or a user or request URI to go by, found nothing',
    ],
    [{ kind: 'Event', apiVersion: 'audit.k8s.io/v1', verb: 'get' }, 'stageTimestamp: expected a time, found nothing'],
    [{ kind: 'Event', verb: 'get', stageTimestamp: 'yesterday' }, "stageTimestamp: expected a time, found 'yesterday'"],
    [
      { category: 'guard', properties: { log: '' }, time: 0 },
      'properties.log: expected a line of text, found an empty text',
    ],
    [{ category: 'guard', properties: { log: 'x' } }, 'time: expected a time, found nothing'],
    [{}, 'verb: expected a verb, or a user or request URI to go by, found nothing'],
  ])('rejects %j by name', (record, reason) => {
    expect(() => aksAudit.read(record)).toThrow(new RejectedRecord(reason));
    expect(aksAudit.schema.safeParse(record).success).toBe(false);
  });

  it('passes over times that are none for one that is', () => {
    const audit = { ...auditOf('exec-into-pod'), stageTimestamp: {}, requestReceivedTimestamp: 'soon' };
    expect(aksAudit.read(withAudit('exec-into-pod', audit)).event.time).toBe(Date.parse('2026-11-20T10:11:12.24Z'));
  });

  it('needs no more than a verb and a time', () => {
    const { event } = aksAudit.read({ kind: 'Event', verb: 'get', stageTimestamp: '2026-11-20T10:00:00Z' });
    expect(violations(event.ocsf)).toEqual([]);
    expect(event).toMatchObject({ principal: 'k8s::', operation: undefined });
    expect(event.recordId).toMatch(/^[0-9a-f]{40}$/);
  });

  it('makes of any object, and of any damaged record, a valid event or a named rejection, as the schema says', () => {
    const bare = samples.map(({ name, record }) => {
      const log = objectOf(record.properties)?.log;
      const audit =
        typeof log === 'string' && log.startsWith('{') && !name.startsWith('truncated') ? parseJson(log) : undefined;
      return isObject(audit) ? { name, record: audit } : { name, record };
    });
    const names = [
      'kind',
      'category',
      'properties',
      'verb',
      'user',
      'stageTimestamp',
      'auditID',
      'stage',
      'log_s',
      'Type',
    ];
    fc.assert(
      fc.property(fc.oneof(anyObject(names), damaged(samples), damaged(bare), damaged(bare)), (record) => {
        aksAudit.recognises(record);
        let result: ReadRecord | undefined;
        try {
          result = aksAudit.read(record);
        } catch (error) {
          expect(error).toBeInstanceOf(RejectedRecord);
        }
        expect(aksAudit.schema.safeParse(record).success).toBe(result !== undefined);
        if (result === undefined) return;
        expect(violations(result.event.ocsf)).toEqual([]);
        expect(result.event.id).toMatch(/^aks-audit\/[\x21-\x7e]{1,246}$/);
        expect(result.event.principal).not.toBe('');
        expect(result.event.entities.length).toBeLessThanOrEqual(MAX_ENTITIES);
      }),
      { numRuns: 1000 },
    );
  });
});
