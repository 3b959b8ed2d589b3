import { resolve } from 'node:path';
import { isRuleFile } from '../../pipeline/detection/loading/load.ts';
import { findFiles } from '../../pipeline/detection/loading/rule-files.ts';
import { isTestFile, ruleFileOf } from '../../pipeline/detection/testing/rule-test-file.ts';
import { UnusableInputError } from '../scan/files.ts';

export interface FilesUnderTest {
  /** Each once, in the order of the places in which they were found. */
  readonly ruleFiles: readonly string[];
  /** Where the rules are read: the places, with the rules beside them in place of files of tests. */
  readonly places: readonly string[];
  /** Files of tests beside which no rules stand. */
  readonly orphans: readonly string[];
}

/**
 * Finds the files of rules at some places: directories with all that is below them, files of rules, and files of tests, which
 * stand for the rules beside them.
 * @throws UnusableInputError where a place cannot be read, or none has rules
 */
export async function filesUnderTest(places: readonly string[]): Promise<FilesUnderTest> {
  const ruleFiles = new Map<string, string>();
  const orphans = new Map<string, string>();
  const rulePlaces = new Set<string>();
  try {
    for (const place of places) {
      const ruleFile = isTestFile(place) ? await ruleFileOf(place) : place;
      if (ruleFile !== undefined) rulePlaces.add(ruleFile);
    }
    const found = await findFiles(places, (name) => isRuleFile(name) || isTestFile(name));
    for (const { file } of found) {
      const ruleFile = isTestFile(file) ? await ruleFileOf(file) : file;
      if (ruleFile === undefined) orphans.set(resolve(file), file);
      else if (!ruleFiles.has(resolve(ruleFile))) ruleFiles.set(resolve(ruleFile), ruleFile);
    }
  } catch (error) {
    throw new UnusableInputError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (ruleFiles.size === 0 && orphans.size === 0) {
    throw new UnusableInputError(
      places.length === 0
        ? 'no rules are in use; name a directory of rules'
        : `there are no rules in ${places.join(', ')}; rules are files *.yml, *.yaml and *.rule.ts`,
    );
  }
  return { ruleFiles: [...ruleFiles.values()], places: [...rulePlaces], orphans: [...orphans.values()] };
}
