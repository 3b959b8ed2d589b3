import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../../platform/json.ts';
import { compileRules, type LoadOptions } from '../loading/load.ts';
import { recordOf, ruleText } from '../testing/rule-samples.ts';
import type { RuleSet } from '../matching/rule-set.ts';

/** What the tests of this folder share: each holds a row of docs/sigma.md, under the row's name. */

/** By the names of rows. */
export type Rows = Readonly<Record<string, () => void>>;

/** The names of the rows of a section of docs/sigma.md, in their order. */
export function rowsOf(section: string): string[] {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/sigma.md', import.meta.url)), 'utf8');
  const [, text = ''] = page.split(`\n## ${section}\n`);
  const lines = (text.split('\n## ')[0] ?? '').split('\n');
  const cells = lines.flatMap((line) => /^\| (.*?) +\| /.exec(line)?.[1] ?? []);
  return cells.filter((cell) => cell !== 'feature' && !/^-+$/.test(cell));
}

/** The sections of docs/sigma.md. */
export function sections(): string[] {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/sigma.md', import.meta.url)), 'utf8');
  return [...page.matchAll(/^## (.*)$/gm)].map(([, name = '']) => name);
}

export const setOf = (texts: readonly string[], options: LoadOptions = {}): RuleSet =>
  compileRules(
    texts.map((text, at) => ({ file: `${at}.yml`, text })),
    options,
  );

export const firedIds = (set: RuleSet, fields: JsonObject): string[] =>
  set.match(recordOf(fields)).map(({ rule }) => rule.id);

export const COUNT = { type: 'event_count', rules: ['r'], timespan: '10s', condition: { gte: 2 } };
export const correlationText = (section: unknown, more: JsonObject = {}): string =>
  JSON.stringify({ title: 'Many', id: 'many', correlation: section, ...more });
export const filterText = (filter: unknown, more: JsonObject = {}): string =>
  JSON.stringify({ title: 'Known', id: 'known', logsource: { product: 'aws' }, filter, ...more });
export const RULE = ruleText({ selection: { f: 'a' }, condition: 'selection' }, { id: 'r', name: 'named' });
export const KNOWN = { rules: ['r'], selection: { g: 'known' }, condition: 'not selection' };
export const reasonsOf = (...texts: readonly string[]): readonly string[] =>
  setOf(texts).rejected.map(({ reason }) => reason);
