import { fieldsOf, type CorrelationRule } from '../correlation/correlation-rule.ts';
import { fieldNamesOf } from '../fields/field-names.ts';
import type { RuleDocument } from '../loading/rule-documents.ts';
import type { CompiledRule } from '../rule.ts';
import { unknownField } from './detection-findings.ts';
import type { Finding } from './finding.ts';

/**
 * Fields by which a correlation groups matches, or whose values it measures, and that no record has on which one of its rules fires:
 * matches of that rule then never belong to a group with a value.
 * @param rules by id
 */
export function correlationFindings(
  correlation: CorrelationRule,
  document: RuleDocument,
  rules: ReadonlyMap<string, CompiledRule>,
): Finding[] {
  const { file, id, condition, groupBy, aliases } = correlation;
  const measured = fieldsOf(condition);
  const line = document.lineOf(['correlation', groupBy.length > 0 ? 'group-by' : 'condition']);
  const messages = correlation.rules.flatMap((reference) => {
    const rule = rules.get(reference);
    if (rule?.kind !== 'sigma') return [];
    const names = fieldNamesOf(rule.logsource);
    return [...groupBy, ...measured]
      .map((name) => aliases.get(name)?.get(reference) ?? name)
      .filter((name) => name !== 'principal' && names.isKnown(name) === false)
      .map(
        (name) =>
          `${unknownField(name, rule.logsource, names)}, by which matches of ${reference} are to be grouped or measured`,
      );
  });
  return [...new Set(messages)].map((message) => {
    return { file, line, rule: id, severity: 'warning', code: 'unknown-field', message };
  });
}
