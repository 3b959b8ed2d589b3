import type { Finding } from '../../timeline/finding.ts';
import { isLater, MAX_OF_ASSET, type FindingReader } from './finding-reader.ts';

/** Findings in memory, where all logs are at hand: each as its latest event says it stands, in whatever order they come. */
export class MemoryFindings implements FindingReader {
  readonly #byAsset = new Map<string, Map<string, Finding>>();

  keep(finding: Finding): void {
    const ofAsset = this.#byAsset.get(finding.asset) ?? new Map<string, Finding>();
    this.#byAsset.set(finding.asset, ofAsset);
    const known = ofAsset.get(finding.id);
    if (known === undefined || isLater(finding, known)) ofAsset.set(finding.id, finding);
  }

  async ofAsset(key: string): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    for (const finding of this.#byAsset.get(key)?.values() ?? []) {
      if (found.length >= MAX_OF_ASSET) break;
      if (finding.status === 'open') found.push(finding);
    }
    return found;
  }

  /** All findings, fixed and suppressed ones too. */
  *all(): Generator<Finding> {
    for (const ofAsset of this.#byAsset.values()) yield* ofAsset.values();
  }
}
