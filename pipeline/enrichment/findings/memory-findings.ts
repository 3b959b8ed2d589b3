import type { Finding } from '../../timeline/finding.ts';
import { MAX_OF_ASSET, type FindingReader } from './finding-reader.ts';
import { keptWith, standing, type KeptFinding } from './kept-finding.ts';

/** Findings in memory, where all logs are at hand: each as its latest event says it stands, in whatever order they come. */
export class MemoryFindings implements FindingReader {
  readonly #byAsset = new Map<string, Map<string, KeptFinding>>();

  keep(finding: Finding): void {
    const ofAsset = this.#byAsset.get(finding.asset) ?? new Map<string, KeptFinding>();
    this.#byAsset.set(finding.asset, ofAsset);
    ofAsset.set(finding.id, keptWith(ofAsset.get(finding.id), finding));
  }

  async ofAsset(key: string): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    for (const kept of this.#byAsset.get(key)?.values() ?? []) {
      if (found.length >= MAX_OF_ASSET) break;
      if (kept.latest.status === 'open') found.push(standing(kept));
    }
    return found;
  }

  /** All findings, fixed and suppressed ones too. */
  *all(): Generator<Finding> {
    for (const ofAsset of this.#byAsset.values()) for (const kept of ofAsset.values()) yield standing(kept);
  }
}
