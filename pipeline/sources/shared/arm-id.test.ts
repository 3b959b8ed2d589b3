import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armKey } from '../../timeline/entity-keys.ts';
import { parseArmId } from './arm-id.ts';

const SUBSCRIPTION = '00000000-0000-4000-8000-00000000000a';

describe('parseArmId', () => {
  it('takes a resource apart, whatever its case', () => {
    expect(
      parseArmId(
        `/SUBSCRIPTIONS/${SUBSCRIPTION.toUpperCase()}/RESOURCEGROUPS/RG-ONE/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/Ledger/BLOBSERVICES/default/`,
      ),
    ).toEqual({
      id: `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-one/providers/microsoft.storage/storageaccounts/ledger/blobservices/default`,
      key: `arm:/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-one/providers/microsoft.storage/storageaccounts/ledger/blobservices/default`,
      subscription: SUBSCRIPTION,
      resourceGroup: 'rg-one',
      type: 'microsoft.storage/storageaccounts/blobservices',
      name: 'default',
    });
  });

  it('names the extension, not the resource that it stands on', () => {
    const lock = parseArmId(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Sql/servers/s/providers/Microsoft.Authorization/locks/Keep`,
    );
    expect(lock.type).toBe('microsoft.authorization/locks');
    expect(lock.name).toBe('Keep');
  });

  it.each([
    [`/subscriptions/${SUBSCRIPTION}`, 'microsoft.resources/subscriptions', SUBSCRIPTION, undefined],
    [`/subscriptions/${SUBSCRIPTION}/resourceGroups/rg`, 'microsoft.resources/resourcegroups', SUBSCRIPTION, 'rg'],
    [
      '/providers/Microsoft.Management/managementGroups/root',
      'microsoft.management/managementgroups',
      undefined,
      undefined,
    ],
    ['/providers/Microsoft.Authorization', 'microsoft.authorization', undefined, undefined],
    ['no id at all', undefined, undefined, undefined],
    ['', undefined, undefined, undefined],
    ['///', undefined, undefined, undefined],
    ['/subscriptions/', 'microsoft.resources/subscriptions', undefined, undefined],
  ])('reads %j', (text, type, subscription, resourceGroup) => {
    expect(parseArmId(text)).toMatchObject({ type, subscription, resourceGroup });
  });

  it('gives any text the key that the entity has', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom('/', 'providers', 'İ', 'x')).map((a) => a.join('/')),
        ),
        (text) => {
          expect(parseArmId(text).key).toBe(armKey(text));
        },
      ),
    );
  });
});
