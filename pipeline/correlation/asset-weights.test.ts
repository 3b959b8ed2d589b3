import { expect, it } from 'vitest';
import { armKey, arnKey, upnKey } from '../timeline/entity-keys.ts';
import { assetWeights } from './asset-weights.ts';

const GROUP = '/subscriptions/00000000-0000-4000-8000-0000000005ab/resourceGroups/rg-shop';

it('gives a thing the weight of the closest asset that it is or lies within', () => {
  const weightOf = assetWeights([
    { id: GROUP, weight: 0.5 },
    { id: `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-shop`, weight: 1 },
    { id: 'arn:aws:s3:::contoso-orders', weight: 0.8 },
    { id: upnKey('mara@contoso.example'), weight: 0.3 },
  ]);
  expect(weightOf(armKey(`${GROUP}/providers/Microsoft.KeyVault/vaults/kv-shop/secrets/a`))).toBe(1);
  expect(weightOf(armKey(`${GROUP}/providers/Microsoft.KeyVault/vaults/kv-shop2`))).toBe(0.5);
  expect(weightOf(armKey(`${GROUP}2`))).toBe(0);
  expect(weightOf(arnKey('arn:aws:s3:::contoso-orders/2026/11'))).toBe(0.8);
  expect(weightOf(arnKey('arn:aws:s3:::contoso'))).toBe(0);
  expect(weightOf(upnKey('mara@contoso.example'))).toBe(0.3);
  expect(weightOf('')).toBe(0);
  expect(assetWeights([])(upnKey('mara@contoso.example'))).toBe(0);
});
