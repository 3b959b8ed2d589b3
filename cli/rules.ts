import { builtinRules } from '../pipeline/detection/builtin.ts';
import { loadRules } from '../pipeline/detection/load.ts';
import { UnusableInputError } from './scan/files.ts';
import type { RuleSet } from '../pipeline/detection/rule-set.ts';

/**
 * Loads the rules built in, where wanted, and those of further directories.
 * @throws UnusableInputError where a directory cannot be read
 */
export async function rulesOf(wanted: {
  readonly builtin: boolean;
  readonly directories: readonly string[];
}): Promise<RuleSet> {
  try {
    return await loadRules([...(wanted.builtin ? [builtinRules()] : []), ...wanted.directories]);
  } catch (error) {
    throw new UnusableInputError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
