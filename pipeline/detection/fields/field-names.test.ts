import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldNamesOf } from './field-names.ts';
import { SOURCE_FIELDS } from './index.ts';
import { compiled, ruleText } from '../testing/rule-samples.ts';

const ACTIVITY = fieldNamesOf({ product: 'azure', service: 'activitylogs' });
const AUDIT = fieldNamesOf({ product: 'azure', service: 'auditlogs' });
const SIGN_IN = fieldNamesOf({ product: 'azure', service: 'signinlogs' });
const KUBERNETES = fieldNamesOf({ product: 'kubernetes', service: 'audit' });
const CLOUDTRAIL = fieldNamesOf({ product: 'aws', service: 'cloudtrail' });
const NAMES = { AUDIT, SIGN_IN, ACTIVITY, KUBERNETES };

describe('what a field reaches', () => {
  it('begins with the rule’s own spelling, and is that alone where records spell it so', () => {
    expect(CLOUDTRAIL.reach('eventName')).toEqual({ paths: ['eventName'], operationName: false });
    expect(CLOUDTRAIL.reach('requestParameters.policyArn').paths).toEqual(['requestParameters.policyArn']);
    expect(CLOUDTRAIL.reach('no.such.field').paths).toEqual(['no.such.field']);
  });

  it.each([
    ['AUDIT', 'properties.message', 'operationName'],
    ['AUDIT', 'properties.message', 'properties.activityDisplayName'],
    ['AUDIT', 'OperationName', 'operationName'],
    ['AUDIT', 'Category', 'properties.category'],
    ['AUDIT', 'Status', 'properties.result'],
    ['AUDIT', 'Status', 'properties.resultReason'],
    ['AUDIT', 'Initiatedby', 'properties.initiatedBy.user.userPrincipalName'],
    ['AUDIT', 'TargetResources.ModifiedProperties.NewValue', 'properties.targetResources.modifiedProperties.newValue'],
    ['SIGN_IN', 'ResultType', 'resultType'],
    ['SIGN_IN', 'ResultType', 'properties.status.errorCode'],
    ['SIGN_IN', 'DeviceDetail.trusttype', 'properties.deviceDetail.trustType'],
    ['SIGN_IN', 'userAgent', 'properties.userAgent'],
    ['SIGN_IN', 'UserPrincipalName', 'properties.userPrincipalName'],
    ['ACTIVITY', 'properties.message', 'operationName'],
    ['ACTIVITY', 'OperationNameValue', 'operationName'],
    ['ACTIVITY', 'ResourceId', 'resourceId'],
    ['KUBERNETES', 'apiGroup', 'objectRef.apiGroup'],
    ['KUBERNETES', 'hostPath', 'requestObject.spec.template.spec.volumes.hostPath'],
    ['KUBERNETES', 'capabilities', 'requestObject.spec.containers.securityContext.capabilities'],
  ] as const)('of %s, %s reaches %s too', (source, field, path) => {
    const names = NAMES[source];
    expect(names.reach(field).paths).toContain(path);
    expect(names.reach(field).paths[0]).toBe(field);
    expect(names.isKnown(field)).toBe(true);
  });

  it('keeps apart what has the same name in the record and in its properties', () => {
    // Of a sign-in, the one is the tenant, the other what was signed in to.
    expect(SIGN_IN.reach('resourceId').paths).toEqual(['resourceId']);
    // The workspace's tenant, not that of the directory.
    expect(SIGN_IN.reach('TenantId').paths).toEqual(['TenantId']);
  });

  it('tells names of operations', () => {
    expect(AUDIT.reach('properties.message').operationName).toBe(true);
    expect(ACTIVITY.reach('operationName').operationName).toBe(true);
    expect(AUDIT.reach('properties.result').operationName).toBe(false);
    expect(CLOUDTRAIL.reach('eventName').operationName).toBe(false);
  });

  it('is that of every service where a rule names the product alone', () => {
    const names = fieldNamesOf({ product: 'azure' });
    expect(names.reach('Status').paths).toEqual(
      expect.arrayContaining(['resultType', 'properties.result', 'properties.status']),
    );
    expect(names.isKnown('riskEventType')).toBe(true);
  });

  it('is what it says of rules for PIM in the audit log, and the same with and without a category in Kubernetes', () => {
    expect(fieldNamesOf({ product: 'azure', service: 'pim' }).reach('Category')).toEqual(AUDIT.reach('Category'));
    const other = fieldNamesOf({ category: 'application', product: 'kubernetes', service: 'audit' });
    expect(other.reach('hostPath')).toEqual(KUBERNETES.reach('hostPath'));
  });

  it('is the field alone where the log source is not known', () => {
    const names = fieldNamesOf({ product: 'okta', service: 'okta' });
    expect(names.reach('eventType')).toEqual({ paths: ['eventType'], operationName: false });
    expect(names.isKnown('eventType')).toBeUndefined();
  });

  it('begins with the field, names no path twice, and is found for any text', () => {
    const parts = fc.oneof(
      fc.string(),
      fc.constantFrom('properties', 'Properties', '__proto__', 'constructor', 'identity', 'claims', ''),
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 5 }), (segments) => {
        const field = segments.join('.');
        for (const { logsource } of SOURCE_FIELDS) {
          const { paths } = fieldNamesOf(logsource).reach(field);
          expect(paths[0]).toBe(field);
          expect(new Set(paths).size).toBe(paths.length);
        }
      }),
    );
  });
});

describe('what a text means', () => {
  it('is looked up without case, by field', () => {
    expect(SIGN_IN.meanings('Status', 'success')).toEqual([{ resultType: 0 }]);
    expect(SIGN_IN.meanings('UserAgent', 'success')).toEqual([]);
    expect(ACTIVITY.meanings('ResourceProviderValue', 'Microsoft.Web')).toEqual([
      { 'operationName|startswith': 'Microsoft.Web/' },
    ]);
  });

  it.each(SOURCE_FIELDS.map((fields) => [fields.logsource.service, fields] as const))(
    '%s: is a selection over fields that records have',
    (_name, { logsource, meanings = [] }) => {
      const names = fieldNamesOf(logsource);
      for (const { is } of meanings) {
        const selection = typeof is === 'function' ? is('text') : is;
        expect(() => compiled(ruleText({ selection, condition: 'selection' }, { logsource }))).not.toThrow();
        for (const key of Object.keys(selection)) expect(names.has(key.split('|')[0] ?? ''), key).not.toBe(false);
      }
    },
  );
});

describe('the aliases', () => {
  it.each(
    SOURCE_FIELDS.filter(({ known }) => known !== undefined).map(
      (fields) => [fields.logsource.service, fields] as const,
    ),
  )(
    '%s: lead to fields that records have',
    (_service, { logsource, aliases = [], operationNames = '', single = '' }) => {
      const names = fieldNamesOf(logsource);
      const paths = [...aliases.map((alias) => alias.paths), operationNames, single].join(' ').split(/\s+/);
      for (const path of paths.filter((text) => text !== '')) expect(names.has(path), path).toBe(true);
    },
  );
});
