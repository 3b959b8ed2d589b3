import { leavesOf } from '../sigma/expression.ts';
import { fieldNamesOf } from '../fields/field-names.ts';
import { filterWarnings, type SigmaFilter } from '../sigma/filter-rule.ts';
import type { RuleDocument } from '../loading/rule-documents.ts';
import { unknownField } from './detection-findings.ts';
import type { Finding } from './finding.ts';

/** What is likely not meant in a filter: that it keeps what it should leave out, or names fields that no record has. */
export function filterFindings(filter: SigmaFilter, document: RuleDocument): Finding[] {
  const { file, id, logsource } = filter;
  const line = document.lineOf(['filter', 'condition']);
  const names = fieldNamesOf(logsource);
  const { condition } = filter.detectionFor(logsource);
  const fields = leavesOf(condition).flatMap((leaf) => (leaf.kind === 'keyword' ? [] : [leaf.field.name]));
  const unknown = [...new Set(fields)].filter((field) => names.isKnown(field) === false);
  return [
    ...filterWarnings(filter).map((message) => ({ code: 'bare-filter', message }) as const),
    ...unknown.map((field) => ({ code: 'unknown-field', message: unknownField(field, logsource, names) }) as const),
  ].map(({ code, message }) => ({ file, line, rule: id, severity: 'warning', code, message }));
}
