import { systemClock, type Clock } from '../../../platform/clock.ts';
import { atOnce, inTurns } from '../../../platform/turns.ts';
import { isBuiltin } from '../builtin.ts';
import type { DetectionOptions } from '../sigma/compile-rule.ts';
import { compilingExceptions } from '../exceptions/compile-exceptions.ts';
import type { Exception } from '../exceptions/exception.ts';
import { RuleCollection } from './rule-collection.ts';
import { readDocuments, type SourceFile } from './rule-documents.ts';
import { findFiles, readText, type FoundFile } from './rule-files.ts';
import { buildRuleSet, type RuleSet } from '../matching/rule-set.ts';
import type { RejectedRule } from '../rule.ts';
import {
  importRule,
  TYPESCRIPT_NOT_ALLOWED,
  TYPESCRIPT_RULE_FILE,
  type ImportedRule,
} from '../typescript/typescript-rule.ts';

/** What rules are read with. */
export interface LoadOptions extends DetectionOptions {
  /** Whether rules in TypeScript, which are code, may also run from other directories than that of the built-in rules. */
  readonly typescript?: boolean | undefined;
  /** Directories of exceptions, read as those of rules are. */
  readonly exceptions?: readonly string[] | undefined;
  /** Files or directories of rules that are read last; each takes the place of a rule of the same id in the directories. */
  readonly replacements?: readonly string[] | undefined;
  /** By which exceptions expire; the machine's unless told. */
  readonly clock?: Clock | undefined;
}

/** So many files are read at once: on a network share, and in a process that is busy, each answer takes a while. */
const READ_AT_ONCE = 256;

const RULE_FILE = /\.(ya?ml|rule\.ts)$/i;
const TESTS_FILE = /\.tests\.ya?ml$/i;

/** Whether a file of this name holds rules. */
export const isRuleFile = (name: string): boolean => RULE_FILE.test(name) && !TESTS_FILE.test(name);

/** The text of all files of rules and exceptions, as they stood at one time. */
export interface RuleSources {
  readonly rules: readonly SourceFile[];
  readonly exceptions: readonly SourceFile[];
  /** Files that cannot be read. */
  readonly unread: readonly RejectedRule[];
}

/**
 * Reads the rules of some directories, each with all that is below it: files `*.yml` and `*.yaml`, except `*.tests.yml`, and
 * `*.rule.ts`, in the order of their paths. A rule that cannot be used is named in `rejected` and costs no other. Whatever else
 * the process does goes on meanwhile.
 * @throws Error where a directory cannot be read, or holds too much
 */
export async function loadRules(directories: readonly string[], options: LoadOptions = {}): Promise<RuleSet> {
  return compileRuleSources(await readRuleSources(directories, options), options);
}

/**
 * Reads what {@link compileRuleSources} compiles.
 * @throws Error where a directory cannot be read, or holds too much
 */
export async function readRuleSources(directories: readonly string[], options: LoadOptions): Promise<RuleSources> {
  const read = await readSources(directories, 'rules');
  const replacing = await readSources(options.replacements ?? [], 'rules');
  const exceptions = await readSources(options.exceptions ?? [], 'exceptions');
  return {
    rules: [...read.sources, ...replacing.sources.map((source) => ({ ...source, replaces: true }))],
    exceptions: exceptions.sources,
    unread: [...read.rejected, ...replacing.rejected, ...exceptions.rejected.map(asException)],
  };
}

/** Compiles rules and exceptions, in turns with whatever else the process does. */
export async function compileRuleSources(sources: RuleSources, options: LoadOptions): Promise<RuleSet> {
  const imported = await importRules(sources.rules, options.typescript === true);
  return inTurns(compiling(sources, options, imported));
}

/** Imports those of the files that hold rules in TypeScript, where they are allowed. */
async function importRules(sources: readonly SourceFile[], allowed: boolean): Promise<ImportedRules> {
  const imported = new Map<string, ImportedRule | RejectedRule>();
  for (const source of sources) {
    const { file } = source;
    if (!TYPESCRIPT_RULE_FILE.test(file)) continue;
    const rule = allowed || isBuiltin(file) ? await importRule(source) : { file, reason: TYPESCRIPT_NOT_ALLOWED };
    imported.set(file, rule);
  }
  return imported;
}

/** Rules in TypeScript, or why they cannot be used, by their files. */
type ImportedRules = ReadonlyMap<string, ImportedRule | RejectedRule>;

/** Exceptions, and what could not be used of their files. */
export interface LoadedExceptions {
  readonly exceptions: readonly Exception[];
  readonly rejected: readonly RejectedRule[];
}

/**
 * Reads the exceptions of some directories as {@link loadRules} reads rules.
 * @throws Error where a directory cannot be read
 */
export async function loadExceptions(directories: readonly string[], options: LoadOptions): Promise<LoadedExceptions> {
  const { sources, rejected: unread } = await readSources(directories, 'exceptions');
  const { clock = systemClock } = options;
  const { exceptions, rejected } = await inTurns(compilingExceptions(sources, clock.now(), options));
  return { exceptions, rejected: [...unread, ...rejected] };
}

async function readSources(
  directories: readonly string[],
  what: string,
): Promise<{ sources: SourceFile[]; rejected: RejectedRule[] }> {
  const sources: SourceFile[] = [];
  const rejected: RejectedRule[] = [];
  const files = await findFiles(directories, isRuleFile, what);
  for (let at = 0; at < files.length; at += READ_AT_ONCE) {
    for (const read of await Promise.all(files.slice(at, at + READ_AT_ONCE).map(readSource))) {
      if ('text' in read) sources.push(read);
      else rejected.push(read);
    }
  }
  return { sources, rejected };
}

async function readSource({ file }: FoundFile): Promise<SourceFile | RejectedRule> {
  try {
    return { file, text: await readText(file) };
  } catch (error) {
    return { file, reason: `not readable: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/**
 * The rule files below a directory, in the order of their paths; a file stands for itself.
 * @throws Error where it cannot be read
 */
export async function ruleFiles(directory: string): Promise<string[]> {
  return (await findFiles([directory], isRuleFile)).map(({ file }) => file);
}

/** Compiles Sigma rules from the text of their files. */
export function compileRules(sources: readonly SourceFile[], options: LoadOptions = {}): RuleSet {
  return atOnce(compiling({ rules: sources, exceptions: [], unread: [] }, options, new Map()));
}

/** Yields after each file, and where the set is built of them after each rule. */
function* compiling(sources: RuleSources, options: LoadOptions, imported: ImportedRules): Generator<void, RuleSet> {
  const collection = new RuleCollection(options);
  collection.reject(sources.unread);
  for (const source of sources.rules) {
    yield;
    const replaces = source.replaces === true;
    const typescript = imported.get(source.file);
    if (typescript !== undefined) {
      if ('rule' in typescript) collection.addRule(typescript.rule, typescript.document, replaces);
      else collection.reject([typescript]);
      continue;
    }
    const { documents, rejected } = readDocuments(source);
    collection.reject(rejected);
    for (const document of documents) collection.addDocument(document, replaces);
  }
  const { clock = systemClock } = options;
  const { exceptions, rejected: unusable } = yield* compilingExceptions(sources.exceptions, clock.now(), options);
  const collected = collection.finish();
  return yield* buildRuleSet({
    ...collected,
    rejected: [...collected.rejected, ...unusable.map(asException)],
    exceptions,
    clock,
  });
}

const asException = (rejected: RejectedRule): RejectedRule => ({ ...rejected, kind: 'exception' });
