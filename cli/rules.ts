import { builtinRules } from '../pipeline/detection/builtin.ts';
import { loadRules } from '../pipeline/detection/load.ts';
import type { RuleSet } from '../pipeline/detection/rule-set.ts';

/** Loads the rules built in, where wanted, and those of further directories. */
export function rulesOf(wanted: {
  readonly builtin: boolean;
  readonly directories: readonly string[];
}): Promise<RuleSet> {
  return loadRules([...(wanted.builtin ? [builtinRules()] : []), ...wanted.directories]);
}
