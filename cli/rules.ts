import { Option } from 'commander';
import { builtinRules } from '../pipeline/detection/builtin.ts';
import { loadRules } from '../pipeline/detection/load.ts';
import type { Placeholders } from '../pipeline/detection/placeholders.ts';
import { UnusableInputError } from './scan/files.ts';
import type { RuleSet } from '../pipeline/detection/rule-set.ts';

/**
 * Loads the rules built in, where wanted, and those of further directories, with the exceptions of others.
 * @throws UnusableInputError where a directory cannot be read
 */
export async function rulesOf(wanted: {
  readonly builtin: boolean;
  readonly directories: readonly string[];
  /** Whether rules in TypeScript, which are code, may run from these directories. */
  readonly typescript?: boolean;
  /** What placeholders in rules stand for, as the configuration says. */
  readonly placeholders?: Placeholders;
  /** Directories of exceptions. */
  readonly exceptions?: readonly string[];
  /** Files or directories of rules that take the place of those of the same id. */
  readonly replacements?: readonly string[];
}): Promise<RuleSet> {
  try {
    const { builtin, directories, ...options } = wanted;
    return await loadRules([...(builtin ? [builtinRules()] : []), ...directories], options);
  } catch (error) {
    throw new UnusableInputError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The option of every command that reads rules: `typescript`, a boolean. */
export const typescriptOption = (): Option =>
  new Option(
    '--typescript',
    'let rules in TypeScript, which are code, run from other directories than that of the built-in rules',
  ).default(false);

/** The option of every command that applies rules: `exceptions`, a list. */
export const exceptionsOption = (): Option =>
  new Option('--exceptions <dir>', 'exceptions besides those that the configuration names (repeatable)')
    .argParser((directory: string, others: readonly string[]) => [...others, directory])
    .default([]);
