import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NETWORK_POLICIES } from '../object-kinds.ts';
import { isQuarantine, outweighing, quarantinePolicy } from './quarantine-policy.ts';

const UID = '11111111-0000-4000-8000-000000000001';
const IDENTITY = { uid: UID, resourceVersion: '1' };
const LABELS = { 'crosstrail-quarantine': UID };

const parsed = (policy: object) => NETWORK_POLICIES.schema.parse(policy);
const allowing = (podSelector: object) =>
  parsed({ metadata: { name: 'other', ...IDENTITY }, spec: { podSelector, egress: [{}] } });
const ours = () => {
  const policy = quarantinePolicy('shop', UID);
  return parsed({ ...policy, metadata: { ...(policy['metadata'] as object), ...IDENTITY } });
};

describe('policies that outweigh the quarantine', () => {
  it.each([
    [{}, true],
    [{ matchLabels: {} }, true],
    [{ matchLabels: { app: 'cart' } }, false],
    [{ matchLabels: LABELS }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] }, false],
    [{ matchExpressions: [{ key: 'crosstrail-quarantine', operator: 'NotIn', values: [UID] }] }, false],
    [{ matchExpressions: [{ key: 'crosstrail-quarantine', operator: 'In', values: [UID] }] }, true],
    [{ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'OfTomorrow' }] }, true],
    [{ matchLabels: { app: 'cart' }, matchExpressions: [{ key: 'app', operator: 'OfTomorrow' }] }, false],
  ])('select it by %j: %s', (selector, selects) => {
    expect(outweighing([allowing(selector)], LABELS)).toEqual(selects ? ['other'] : []);
  });

  it('are none that allow nothing', () => {
    const denyAll = parsed({ metadata: { name: 'deny', ...IDENTITY }, spec: { policyTypes: ['Ingress'] } });
    expect(outweighing([denyAll, ours()], LABELS)).toEqual([]);
  });

  it('never select by labels that were taken away', () => {
    const labels = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[a-z0-9]{0,8}$/), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(labels, (matchLabels) => {
        expect(outweighing([allowing({ matchLabels })], LABELS)).toEqual([]);
      }),
    );
  });
});

describe('the quarantine', () => {
  it('is known as it was made, and as nothing else', () => {
    expect(isQuarantine(ours(), UID)).toBe(true);
    expect(isQuarantine(ours(), 'another')).toBe(false);
    const { spec, metadata } = ours();
    expect(isQuarantine({ metadata, spec: { ...spec, egress: [{}] } }, UID)).toBe(false);
    expect(isQuarantine({ metadata, spec: { ...spec, policyTypes: ['Ingress'] } }, UID)).toBe(false);
    expect(isQuarantine({ metadata: { ...metadata, labels: {} }, spec }, UID)).toBe(false);
  });
});
