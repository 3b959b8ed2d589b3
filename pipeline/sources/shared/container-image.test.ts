import { expect, it } from 'vitest';
import { imageOf } from './container-image.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;
const TAG = 'registry.contoso.example/shop/checkout:1.4.2';

it.each([
  [TAG, [], `image:${TAG}`],
  [`${TAG}@${DIGEST}`, [], `image:${TAG}`],
  [`registry.contoso.example/shop/checkout@${DIGEST}`, [TAG], 'image:registry.contoso.example/shop/checkout'],
  [DIGEST, [TAG], `image:${TAG}`],
  ['checkout.tar', [TAG], `image:${TAG}`],
  ['checkout.tar', [], 'image:checkout.tar'],
])('knows %s with tags %j as %s', (reference, tags, key) => {
  expect(imageOf(reference, tags).key).toBe(key);
});
