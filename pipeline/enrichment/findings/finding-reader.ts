import { compareTexts } from '../../../platform/compare-texts.ts';
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

/** Whether the event of one says how things stand later than that of the other: by event time, and at the same time by id. */
export const isLater = (one: Finding, other: Finding): boolean =>
  one.time === other.time ? compareTexts(one.eventId, other.eventId) > 0 : one.time > other.time;
