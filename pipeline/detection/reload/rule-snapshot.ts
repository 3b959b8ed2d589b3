import { createHash } from 'node:crypto';
import {
  compileRuleSources,
  isRuleFile,
  readRuleSources,
  type LoadOptions,
  type RuleSources,
} from '../loading/load.ts';
import { findFiles } from '../loading/rule-files.ts';
import type { RuleSet } from '../matching/rule-set.ts';

/** Where rules are, and what they are read with. */
export interface RuleSettings {
  readonly directories: readonly string[];
  readonly options: LoadOptions;
  /** Milliseconds from one look at the files to the next; 0: they are never looked at again. */
  readonly reload: number;
}

/** What can be told of the files of rules without opening them. */
export interface RuleFileState {
  /** Differs as soon as a file was written, added or removed, or a setting changed. */
  readonly version: string;
  /** The directories, of those that are named, which hold no file of rules. */
  readonly empty: readonly string[];
}

/** The rules as they stood in their files at one time. */
export interface RuleSnapshot {
  /** The same for the same text in the same files, read with the same settings. */
  readonly content: string;
  readonly sources: RuleSources;
  readonly compile: () => Promise<RuleSet>;
}

/** @throws Error where a directory cannot be read */
export async function ruleFileState({ directories, options }: RuleSettings): Promise<RuleFileState> {
  const { exceptions = [], replacements = [] } = options;
  const hash = createHash('sha256').update(settingsText({ directories, options }));
  const empty: string[] = [];
  for (const directory of [...directories, ...replacements, ...exceptions]) {
    const files = await findFiles([directory], isRuleFile);
    if (files.length === 0) empty.push(directory);
    for (const { file, version } of files) hash.update(JSON.stringify([file, version]));
  }
  return { version: hash.digest('hex'), empty };
}

/** Reads all files. @throws Error where a directory cannot be read */
export async function ruleSnapshot({ directories, options }: RuleSettings): Promise<RuleSnapshot> {
  const sources = await readRuleSources(directories, options);
  const hash = createHash('sha256').update(settingsText({ directories, options }));
  for (const { file, text } of sources.rules) hash.update(JSON.stringify(['rules', file, text]));
  for (const { file, text } of sources.exceptions) hash.update(JSON.stringify(['exceptions', file, text]));
  for (const { file, reason } of sources.unread) hash.update(JSON.stringify(['unread', file, reason]));
  return { content: hash.digest('hex'), sources, compile: () => compileRuleSources(sources, options) };
}

/** Everything that decides what the files mean, except the time. */
function settingsText({ directories, options }: Pick<RuleSettings, 'directories' | 'options'>): string {
  const { placeholders = new Map(), clock: _, ...others } = options;
  return JSON.stringify([directories, [...placeholders], others]);
}
