import { stat } from 'node:fs/promises';
import type { RuleSet } from '../pipeline/detection/matching/rule-set.ts';
import type { CorrelationRule } from '../pipeline/detection/correlation/correlation-rule.ts';
import type { CompiledRule } from '../pipeline/detection/rule.ts';
import { rejectedRules } from './rule-reports.ts';
import { UnusableInputError } from './scan/files.ts';

export type FoundRule = CompiledRule | CorrelationRule;

/** Whether there is a file of this name: rules may be named by the files in which they stand. */
export async function isFile(name: string): Promise<boolean> {
  const status = await stat(name).catch(() => undefined);
  return status?.isFile() === true;
}

/**
 * The rule of a file: that of an id, or the first.
 * @throws UnusableInputError naming the line, where it cannot be used, or the rules of the file, where there is no such
 */
export function ruleOfFile(file: string, id: string | undefined, set: RuleSet): FoundRule {
  const { rejected } = set;
  const found = allOf(set)
    .filter((rule) => rule.file === file)
    .sort((one, other) => one.line - other.line);
  const rule = id === undefined ? found[0] : found.find((one) => isNamed(one, id));
  const unusable = rejected.find((one) => one.file === file && (one.line ?? 0) <= (rule?.line ?? Infinity));
  if (rule !== undefined && (id !== undefined || unusable === undefined)) return rule;
  if (unusable !== undefined) {
    throw new UnusableInputError(
      `${file}${unusable.line === undefined ? '' : `:${unusable.line}`}: the rule cannot be used: ${unusable.reason}`,
    );
  }
  throw new UnusableInputError(
    `${file} holds no rule '${id ?? ''}'; it holds ${found.map((one) => one.id).join(', ')}`,
  );
}

/**
 * The rule of an id, name or title.
 * @throws UnusableInputError where there is none, or several
 */
export function ruleNamed(name: string, set: RuleSet): FoundRule {
  const rules = allOf(set);
  const unusable = rejectedRules(set).length;
  const found = rules.filter((rule) => isNamed(rule, name));
  const [rule] = found;
  if (rule !== undefined && found.length === 1) return rule;
  if (rule !== undefined) {
    throw new UnusableInputError(
      `several rules are named '${name}'; give the id of one: ${found.map(({ id }) => id).join(', ')}`,
    );
  }
  const others = unusable === 0 ? '' : `, and ${unusable} that cannot be used`;
  throw new UnusableInputError(
    `there is no rule '${name}' among the ${rules.length} in use${others}; give the id, name or title of one (crosstrail rules list), or a file`,
  );
}

const allOf = ({ rules, correlations }: RuleSet): readonly FoundRule[] => [...rules, ...correlations];

function isNamed({ id, name, title }: FoundRule, wanted: string): boolean {
  const folded = wanted.toLowerCase();
  return [id, name, title].some((text) => text?.toLowerCase() === folded);
}
