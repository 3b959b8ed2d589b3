import type { Finding } from '../../timeline/finding.ts';

/** What was found in assets, as far as it is known. */
export interface FindingReader {
  /**
   * Open findings in the asset of a key itself, in no order; at most {@link MAX_OF_ASSET}.
   * @throws whatever storage throws
   */
  ofAsset(key: string): Promise<readonly Finding[]>;
}

/** So many findings of one asset are read and no more; the image with the most packages has fewer. */
export const MAX_OF_ASSET = 5000;
