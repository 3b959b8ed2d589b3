import { fileURLToPath } from 'node:url';
import { loadRules } from '../pipeline/detection/load.ts';
import type { RuleSet } from '../pipeline/detection/rule-set.ts';

/** The rules that come with Crosstrail. Beside the sources and beside the bundle in `dist` alike. */
export const BUILTIN_RULES = fileURLToPath(new URL('../detections', import.meta.url));

/** Loads the rules built in, where wanted, and those of further directories. */
export function rulesOf(wanted: {
  readonly builtin: boolean;
  readonly directories: readonly string[];
}): Promise<RuleSet> {
  return loadRules([...(wanted.builtin ? [BUILTIN_RULES] : []), ...wanted.directories]);
}
