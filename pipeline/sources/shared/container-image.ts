import { imageKey } from '../../timeline/entity-keys.ts';
import type { ScannedAsset } from './code-repository.ts';

const ONLY_DIGEST = /^(?:sha256:)?[0-9a-f]{64}$/i;
const ARCHIVE = /\.tar(?:\.gz)?$|\.tgz$/i;

/**
 * A container image as a scanner names it. It is known by its reference without the digest; one that is named by a digest or as an archive alone, by
 * the first of its tags.
 * @param tags other references of it, such as `contoso.azurecr.example/shop/checkout:1.4.2`
 */
export function imageOf(reference: string, tags: readonly string[]): ScannedAsset {
  const isNamed = !ONLY_DIGEST.test(reference) && !ARCHIVE.test(reference);
  const name = isNamed ? reference : (tags[0] ?? reference);
  return { key: imageKey(name.replace(/@sha256:[0-9a-f]+$/i, '')), name };
}
