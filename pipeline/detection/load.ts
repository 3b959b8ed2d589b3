import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../platform/clock.ts';
import { compileRule } from './compile-rule.ts';
import { compileExceptions } from './exceptions/compile-exceptions.ts';
import type { Exception } from './exceptions/exception.ts';
import { MAX_FILE_BYTES, readDocuments, rejection, type SourceFile } from './rule-documents.ts';
import { ruleSet, type RuleSet } from './rule-set.ts';
import type { CompiledRule, RejectedRule } from './rule.ts';

/** What rules are read with. */
export interface LoadOptions {
  /** The values of placeholders (modifier `expand`), by name. */
  readonly placeholders?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Directories of exceptions, read as those of rules are. */
  readonly exceptions?: readonly string[] | undefined;
  /** By which exceptions expire; the machine's unless told. */
  readonly clock?: Clock | undefined;
}

const RULE_FILE = /\.ya?ml$/i;
const TESTS_FILE = /\.tests\.ya?ml$/i;

/**
 * Reads the rules of some directories, each with all that is below it: files `*.yml` and `*.yaml`, except `*.tests.yml`, in
 * the order of their paths. A rule that cannot be used is named in `rejected` and costs no other.
 * @throws Error where a directory cannot be read
 */
export async function loadRules(directories: readonly string[], options: LoadOptions = {}): Promise<RuleSet> {
  const { sources, rejected } = await readSources(directories, 'rules');
  return compileSources(sources, rejected, options, await loadExceptions(options.exceptions ?? [], options));
}

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

/** Compiles rules from the text of their files. */
export function compileRules(sources: readonly SourceFile[], options: LoadOptions = {}): RuleSet {
  return compileSources(sources, [], options, { exceptions: [], rejected: [] });
}

/**
 * The rule files below a directory, in the order of their paths.
 * @param what they hold, for the message
 * @throws Error where it cannot be read
 */
export async function ruleFiles(directory: string, what = 'rules'): Promise<string[]> {
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
): RuleSet {
  const rules = new Map<string, CompiledRule>();
  const rejected = [...unread];
  for (const source of sources) {
    const { documents, rejected: unreadable } = readDocuments(source);
    rejected.push(...unreadable);
    for (const document of documents) {
      try {
        const rule = compileRule(document, options);
        const first = rules.get(rule.id);
        if (first === undefined) rules.set(rule.id, rule);
        else rejected.push({ ...duplicate(rule, first), line: document.lineOf(['id']) });
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
