import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../platform/clock.ts';
import { isBuiltin } from './builtin.ts';
import { compileRule } from './compile-rule.ts';
import { compileExceptions } from './exceptions/compile-exceptions.ts';
import type { Exception } from './exceptions/exception.ts';
import { MAX_FILE_BYTES, readDocuments, rejection, type RuleDocument, type SourceFile } from './rule-documents.ts';
import { ruleSet, type RuleSet } from './rule-set.ts';
import type { CompiledRule, RejectedRule } from './rule.ts';
import { importRule, TYPESCRIPT_NOT_ALLOWED, TYPESCRIPT_RULE_FILE, type ImportedRule } from './typescript-rule.ts';

/** What rules are read with. */
export interface LoadOptions {
  /** The values of placeholders (modifier `expand`), by name. */
  readonly placeholders?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Whether rules in TypeScript, which are code, may also run from other directories than that of the built-in rules. */
  readonly typescript?: boolean | undefined;
  /** Directories of exceptions, read as those of rules are. */
  readonly exceptions?: readonly string[] | undefined;
  /** Files or directories of rules that are read last; each takes the place of a rule of the same id in the directories. */
  readonly replacements?: readonly string[] | undefined;
  /** By which exceptions expire; the machine's unless told. */
  readonly clock?: Clock | undefined;
}

const RULE_FILE = /\.(ya?ml|rule\.ts)$/i;
const TESTS_FILE = /\.tests\.ya?ml$/i;

/**
 * Reads the rules of some directories, each with all that is below it: files `*.yml` and `*.yaml`, except `*.tests.yml`, and
 * `*.rule.ts`, in the order of their paths. A rule that cannot be used is named in `rejected` and costs no other.
 * @throws Error where a directory cannot be read
 */
export async function loadRules(directories: readonly string[], options: LoadOptions = {}): Promise<RuleSet> {
  const read = await readSources(directories, 'rules');
  const replacing = await readSources(options.replacements ?? [], 'rules');
  const sources = [...read.sources, ...replacing.sources.map((source) => ({ ...source, replaces: true }))];
  const imported = await importRules(sources, options.typescript === true);
  const exceptions = await loadExceptions(options.exceptions ?? [], options);
  return compileSources(sources, [...read.rejected, ...replacing.rejected], options, exceptions, imported);
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
  const { exceptions, rejected } = compileExceptions(sources, (options.clock ?? systemClock).now(), options);
  return { exceptions, rejected: [...unread, ...rejected] };
}

async function readSources(
  directories: readonly string[],
  what: string,
): Promise<{ sources: SourceFile[]; rejected: RejectedRule[] }> {
  const sources: SourceFile[] = [];
  const rejected: RejectedRule[] = [];
  for (const directory of directories) {
    for (const file of await ruleFiles(directory, what)) {
      try {
        sources.push({ file, text: await readText(file) });
      } catch (error) {
        rejected.push({ file, reason: `not readable: ${error instanceof Error ? error.message : String(error)}` });
      }
    }
  }
  return { sources, rejected };
}

/** Compiles Sigma rules from the text of their files. */
export function compileRules(sources: readonly SourceFile[], options: LoadOptions = {}): RuleSet {
  return compileSources(sources, [], options, { exceptions: [], rejected: [] });
}

/**
 * The rule files below a directory, in the order of their paths; a file stands for itself.
 * @param what they hold, for the message
 * @throws Error where it cannot be read
 */
export async function ruleFiles(directory: string, what = 'rules'): Promise<string[]> {
  const status = await stat(directory).catch(() => undefined);
  if (status?.isFile() === true) return [directory];
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw new Error(`the directory of ${what} ${directory} cannot be read; name one that exists`, { cause: error });
  });
  return entries
    .filter((entry) => !entry.isDirectory() && RULE_FILE.test(entry.name) && !TESTS_FILE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((one, other) => (one < other ? -1 : 1));
}

/** @throws Error where the file is no regular file, is too large, or is not UTF-8 */
export async function readText(file: string): Promise<string> {
  const status = await stat(file);
  if (!status.isFile()) throw new Error('not a file');
  if (status.size > MAX_FILE_BYTES) throw new Error(`the file is larger than ${MAX_FILE_BYTES} bytes; split it`);
  return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
}

function compileSources(
  sources: readonly SourceFile[],
  unread: readonly RejectedRule[],
  options: LoadOptions,
  { exceptions, rejected: unusable }: LoadedExceptions,
  imported: ImportedRules = new Map(),
): RuleSet {
  const rules = new Map<string, CompiledRule>();
  /** Ids of rules that replace, or might have replaced, another. */
  const replacing = new Set<string>();
  const rejected = [...unread];
  const add = (rule: CompiledRule, document: RuleDocument, source: SourceFile): void => {
    const first = rules.get(rule.id);
    const replaces = source.replaces === true && !replacing.has(rule.id);
    if (replaces) replacing.add(rule.id);
    if (first === undefined || replaces) rules.set(rule.id, rule);
    else rejected.push({ ...duplicate(rule, first), line: document.lineOf(['id']) });
  };
  for (const source of sources) {
    const typescript = imported.get(source.file);
    if (typescript !== undefined) {
      if ('rule' in typescript) add(typescript.rule, typescript.document, source);
      else rejected.push(typescript);
      continue;
    }
    const { documents, rejected: unreadable } = readDocuments(source);
    rejected.push(...unreadable);
    for (const document of documents) {
      try {
        add(compileRule(document, options), document, source);
      } catch (error) {
        rejected.push(rejection(document, error));
      }
    }
  }
  rejected.push(...unusable);
  return ruleSet({ rules: [...rules.values()], rejected, exceptions, clock: options.clock });
}

function duplicate({ file, id }: CompiledRule, first: CompiledRule): RejectedRule {
  return {
    file,
    reason: `the id ${id} is taken by the rule at ${first.file}:${first.line}; give each rule an id of its own`,
  };
}
