import { isObject } from '../../../platform/json.ts';
import { missingStatements } from './rule-contract.ts';
import type { RuleDocument } from '../loading/rule-documents.ts';
import { testProblems } from '../testing/rule-tests.ts';
import type { RuleMetadata } from '../rule.ts';
import type { Finding, Severity } from './finding.ts';

/**
 * What the project asks a rule to state beyond what Sigma does, and it does not: what is to be done about what it raises and by
 * whom, which technique it shows, and when it is harmless.
 */
export function statementFindings(
  { file, line, id }: Pick<RuleMetadata, 'file' | 'line' | 'id'>,
  document: RuleDocument,
  severity: Severity,
): Finding[] {
  const missing = missingStatements(document);
  if (missing.length === 0) return [];
  return [{ file, line, rule: id, severity, code: 'statement', message: `it does not state ${missing.join(', ')}` }];
}

/** What tests a file of rules lacks: one that fires, and one that does not. */
export async function testFindings(file: string, rule: string | undefined, severity: Severity): Promise<Finding[]> {
  const problems = await testProblems(file);
  return problems.map(({ file, line, reason }) => ({
    file,
    line,
    rule,
    severity,
    code: 'test',
    message: reason,
  }));
}

/** Whether a rule says anything of what is to be done about its signals: then it is meant to say all of it. */
export function claimsContract({ value }: RuleDocument): boolean {
  return isObject(value) && value['crosstrail'] !== undefined;
}
