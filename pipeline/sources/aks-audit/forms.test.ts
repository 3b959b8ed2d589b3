import { describe, expect, it } from 'vitest';
import { samplesIn } from '../../../test/records.ts';
import { isAudit, openLine } from './forms.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));

describe('isAudit', () => {
  it.each(samples)('knows $name', ({ record }) => {
    expect(isAudit(record)).toBe(true);
  });

  it.each([
    [
      'an audit event whose shipper left out kind and version',
      { auditID: 'a', stage: 'ResponseComplete', verb: 'get' },
    ],
    ['an audit event cut down to its URI', { kind: 'Event', requestURI: '/api/v1/pods', stage: 'ResponseComplete' }],
    ['a category in other case', { category: 'Kube-Audit-Admin', properties: {} }],
    ['a log in properties that are text', { category: 'guard', properties: '{"log":"text"}' }],
    ['a row of no named table', { Category: 'kube-audit', log_s: '{}' }],
    ['a row of Arc', { Type: 'ArcK8sAudit', Verb: 'get' }],
  ])('knows %s', (_, record) => {
    expect(isAudit(record)).toBe(true);
  });

  it.each([
    ['the log of the API server', { category: 'kube-apiserver', properties: { log: 'I1120 text' } }],
    ['the log of the scheduler', { category: 'kube-scheduler', properties: { log: 'I1120 text' } }],
    ['the log of the autoscaler', { category: 'cluster-autoscaler', properties: { log: 'I1120 text' } }],
    ['another log named guard', { category: 'guard', properties: { state: 'on' } }],
    ['an event of the core API', { kind: 'Event', apiVersion: 'v1', involvedObject: {}, reason: 'Started' }],
    ['one within a list of such events', { kind: 'Event', involvedObject: {}, verb: 'x' }],
    ['an event of the events API', { kind: 'Event', apiVersion: 'events.k8s.io/v1', regarding: {}, action: 'Binding' }],
    ['an event of nothing', { kind: 'Event' }],
    ['the policy of an audit log', { kind: 'Policy', apiVersion: 'audit.k8s.io/v1', rules: [] }],
    ['a row of the control plane', { Type: 'AKSControlPlane', Category: 'kube-apiserver', Message: 'text' }],
    ['a row of another resource log', { Type: 'AzureDiagnostics', Category: 'AuditEvent', OperationName: 'SecretGet' }],
    [
      'an operation on a cluster',
      { category: 'Administrative', operationName: 'Microsoft.ContainerService/managedClusters/write' },
    ],
    ['nothing', {}],
    ['values of other types', { category: ['kube-audit'], kind: 1, Type: {}, AuditId: 7 }],
  ])('does not claim %s', (_, record) => {
    expect(isAudit(record)).toBe(false);
  });
});

describe('openLine', () => {
  const event = { kind: 'Event', apiVersion: 'audit.k8s.io/v1', verb: 'get' };

  it('tells a log that is whole from one that was cut', () => {
    const text = JSON.stringify(event);
    const category = 'kube-audit';
    expect(openLine({ category, properties: { log: text } })).toMatchObject({ event, isTruncated: false });
    expect(openLine({ category, properties: { log: text.slice(0, -3) } })).toMatchObject({
      event: { kind: 'Event', apiVersion: 'audit.k8s.io/v1' },
      isTruncated: true,
    });
    expect(openLine({ category, properties: { log: 'I1120 text' } })).toMatchObject({ event: undefined });
    expect(openLine({ category, properties: JSON.stringify({ log: event }) })).toMatchObject({
      event,
      isTruncated: false,
    });
  });

  it('gives the columns of a table their names in the audit log, and opens those that are JSON in text', () => {
    const row = {
      Type: 'AKSAudit',
      Verb: 'get',
      User: '{"username":"ada"}',
      SourceIps: '["203.0.113.7"]',
      ObjectRef: '{"resource":',
      ResponseStatus: `${'['.repeat(200)}${']'.repeat(200)}`,
      RequestObject: '',
      Annotations: null,
    };
    expect(openLine(row)).toMatchObject({ category: 'kube-audit', isTruncated: false });
    expect(openLine(row)).toHaveProperty('event', {
      ...event,
      user: { username: 'ada' },
      sourceIPs: ['203.0.113.7'],
      objectRef: '{"resource":',
    });
  });

  it('names the cluster by what the record has', () => {
    const category = 'kube-audit';
    expect(openLine({ category, resourceId: '/A', ccpNamespace: 'b' }).cluster).toBe('/A');
    expect(openLine({ category, ccpNamespace: 'b' }).cluster).toBe('b');
    expect(openLine({ category }).cluster).toBe('');
  });
});
