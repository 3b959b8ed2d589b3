import type { JsonObject } from '../../../platform/json.ts';
import { readDocuments } from '../loading/rule-documents.ts';
import { RuleReferences } from '../loading/rule-references.ts';
import { RuleError } from '../loading/rule-error.ts';
import type { SigmaRule } from '../rule.ts';
import type { CorrelationRule } from './correlation-rule.ts';
import type { CorrelatedRules, MatchedRecord } from './correlator.ts';
import { parseCorrelation } from './parse-correlation.ts';
import type { CorrelatedEvent } from './point.ts';
import { resolveCorrelations } from './resolve-correlations.ts';

/** What the tests of this folder build rules and events from. */

/** A detection rule that is not asked to match: tests say on which events it did. */
export function baseRule(id: string, more: Partial<SigmaRule> = {}): SigmaRule {
  return {
    kind: 'sigma',
    id,
    title: id,
    level: 'low',
    description: '',
    tags: [],
    techniques: [],
    falsepositives: [],
    logsource: { product: 'example' },
    decision: 'monitor',
    group: ['principal'],
    window: 3_600_000,
    file: 'rules.yml',
    line: 1,
    detection: { selections: new Map(), condition: { kind: 'or', parts: [] }, written: [] },
    matches: () => false,
    ...more,
  };
}

/** A correlation from the section `correlation` and the keys beside it. @throws RuleError */
export function correlationOf(section: unknown, more: Readonly<Record<string, unknown>> = {}): CorrelationRule {
  const text = JSON.stringify({ title: 'A correlation', id: 'correlation', correlation: section, ...more });
  const [document] = readDocuments({ file: 'correlation.yml', text }).documents;
  if (document === undefined) throw new Error('the document cannot be read');
  return parseCorrelation(document);
}

/** Why the section, with the keys beside it, makes no correlation. */
export function reasonAgainst(section: unknown, more: Readonly<Record<string, unknown>> = {}): string {
  try {
    correlationOf(section, more);
    return 'it is not rejected';
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return error.message;
  }
}

/** Correlations with the rules that they name, all of which exist. */
export function correlated(...correlations: readonly CorrelationRule[]): CorrelatedRules {
  const ids = new Set(correlations.map(({ id }) => id));
  const rules = [...new Set(correlations.flatMap((rule) => rule.rules))]
    .filter((id) => !ids.has(id))
    .map((id) => baseRule(id));
  const document = { file: 'correlation.yml', line: 1, value: {}, lineOf: () => 1 };
  const resolved = resolveCorrelations(
    correlations.map((rule) => ({ rule, document })),
    new RuleReferences([...rules, ...correlations], []),
  );
  if (resolved.rejected.length > 0) throw new Error(resolved.rejected[0]?.reason);
  return { rules, correlations: resolved.correlations };
}

/** A record on which rules fired, at a second of the day. */
export function matched(
  id: string,
  second: number,
  rules: string | readonly string[],
  fields: JsonObject = {},
): MatchedRecord<CorrelatedEvent> {
  const time = Date.UTC(2026, 2, 2) + second * 1000;
  return {
    event: { id, time, principal: `user:${id}` },
    fields,
    ruleIds: typeof rules === 'string' ? [rules] : rules,
  };
}
