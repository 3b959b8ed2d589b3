import { Option, type Command } from 'commander';
import type { Configuration } from '../platform/configuration.ts';
import { builtinRules } from '../pipeline/detection/builtin.ts';
import { isRuleFile, loadRules } from '../pipeline/detection/loading/load.ts';
import type { Placeholders } from '../pipeline/detection/sigma/placeholders.ts';
import { findFiles } from '../pipeline/detection/loading/rule-files.ts';
import { withinAny } from './named-files.ts';
import { UnusableInputError } from './scan/files.ts';
import type { RuleSet } from '../pipeline/detection/matching/rule-set.ts';

/** Which rules a command reads, and with what. */
export interface WantedRules {
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
}

/**
 * Loads the rules built in, where wanted, and those of further directories, with the exceptions of others.
 * @throws UnusableInputError where a directory cannot be read
 */
export async function rulesOf(wanted: WantedRules): Promise<RuleSet> {
  const { builtin, directories, ...options } = wanted;
  return usable(() => loadRules([...(builtin ? [builtinRules()] : []), ...directories], options));
}

/** The options of {@link withRuleOptions} and {@link exceptionsOption}, as they are given. */
export interface RuleOptions {
  readonly rules: readonly string[];
  readonly builtin: boolean;
  readonly typescript: boolean;
  readonly exceptions?: readonly string[];
  readonly config?: string;
}

/** Adds the options by which every command that reads rules is told which are in use. */
export const withRuleOptions = (command: Command): Command =>
  command
    .option('--rules <dir>', 'rules besides those built in and configured (repeatable)', oneMore, [])
    .option('--no-builtin', 'leave out the rules that come with Crosstrail')
    .option(
      '--typescript',
      'let rules in TypeScript, which are code, run from other directories than that of the built-in rules',
      false,
    )
    .addOption(configOption());

export const configOption = (): Option =>
  new Option('--config <file>', 'configuration (default: crosstrail.yaml in this folder, where there is one)');

/** The option of every command that applies exceptions: `exceptions`, a list. */
export const exceptionsOption = (): Option =>
  new Option('--exceptions <dir>', 'exceptions besides those that the configuration names (repeatable)')
    .argParser(oneMore)
    .default([]);

/** Parses an option that may be given several times. */
export const oneMore = (directory: string, others: readonly string[]): string[] => [...others, directory];

/**
 * The rules in use: those built in, those of the configuration, and those that the options name.
 * @throws UnusableInputError where an option names a place without rules
 */
export async function rulesInUse(
  { rules, exceptions }: Configuration,
  options: RuleOptions,
): Promise<Required<Omit<WantedRules, 'replacements'>>> {
  await requireRules(options.rules);
  return {
    builtin: rules.builtin && options.builtin,
    directories: [...rules.directories, ...options.rules],
    typescript: rules.typescript || options.typescript,
    placeholders: rules.placeholders,
    exceptions: [...exceptions.directories, ...(options.exceptions ?? [])],
  };
}

/**
 * Makes sure that each of some places, directories or files, has files of rules: a name that is mistyped must not pass for rules in
 * which nothing is wrong.
 * @throws UnusableInputError
 */
export async function requireRules(places: readonly string[]): Promise<void> {
  for (const place of places) {
    const found = await usable(() => findFiles([place], isRuleFile));
    if (found.length === 0) {
      throw new UnusableInputError(`there are no rules in ${place}; rules are files *.yml, *.yaml and *.rule.ts`);
    }
  }
}

/**
 * The rules of some directories, or all that are in use where none is named; those in use stand behind them, for rules may refer
 * to others, and no two may have the same id.
 * @throws UnusableInputError where a directory cannot be read or has no rules
 */
export async function namedRules(
  directories: readonly string[],
  configuration: Configuration,
  options: RuleOptions,
): Promise<Pick<RuleSet, 'rules' | 'correlations' | 'rejected'>> {
  const inUse = await rulesInUse(configuration, options);
  await requireRules(directories);
  const set = await rulesOf({ ...inUse, exceptions: [], directories: [...inUse.directories, ...directories] });
  if (directories.length === 0) return set;
  const isNamed = withinAny(directories);
  const own = <T extends { readonly file: string }>(all: readonly T[]): T[] => all.filter(({ file }) => isNamed(file));
  return { rules: own(set.rules), correlations: own(set.correlations), rejected: own(set.rejected) };
}

async function usable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new UnusableInputError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
