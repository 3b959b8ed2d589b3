import type { ReadRecord } from '../../timeline/read-record.ts';
import type { CorrelationRule } from '../correlation/correlation-rule.ts';
import type { CorrelatedRules } from '../correlation/correlator.ts';
import { FieldPicker } from '../correlation/field-picker.ts';
import { pointOfMatch } from '../correlation/point.ts';
import type { CompiledRule } from '../rule.ts';
import { cut, shownValue, Shortlist } from './excerpt.ts';
import { explain } from './explain.ts';
import type { CorrelatedExplanation, CorrelationExplanation, Explanation, GroupValue } from './explanation.ts';

/**
 * Explains whether a record takes part in a correlation, and how.
 * @param set the rule and the rules that it is built on
 */
export function explainCorrelation(
  correlation: CorrelationRule,
  record: ReadRecord,
  set: CorrelatedRules,
): CorrelationExplanation {
  return new CorrelationExplainer(record, set).explain(correlation);
}

/** A rule that several correlations are built on is explained once. */
class CorrelationExplainer {
  readonly #record: ReadRecord;
  readonly #rules: ReadonlyMap<string, CompiledRule | CorrelationRule>;
  readonly #picker: FieldPicker;
  readonly #explained = new Map<string, Explanation | CorrelationExplanation>();

  constructor(record: ReadRecord, set: CorrelatedRules) {
    this.#record = record;
    this.#rules = new Map([...set.rules, ...set.correlations].map((rule) => [rule.id, rule]));
    this.#picker = new FieldPicker(set);
  }

  explain(correlation: CorrelationRule): CorrelationExplanation {
    const { id, title, level, file, line, type, timespan, groupBy } = correlation;
    const rules = new Shortlist<CorrelatedExplanation>();
    let fires = false;
    for (const named of correlation.rules) {
      const rule = this.#rules.get(named);
      if (rule === undefined) continue;
      const explanation = this.#explain(rule);
      fires ||= explanation.fires;
      const group = explanation.fires && rule.kind !== 'correlation' ? this.#group(correlation, rule) : [];
      rules.add({ explanation, group }, explanation.fires);
    }
    return {
      kind: 'correlation',
      rule: { id, title, level, file, line },
      type,
      timespan,
      groupBy: groupBy.map(cut),
      fires,
      rules: rules.excerpt((rule) => rule),
    };
  }

  #explain(rule: CompiledRule | CorrelationRule): Explanation | CorrelationExplanation {
    const known = this.#explained.get(rule.id);
    if (known !== undefined) return known;
    const explanation = rule.kind === 'correlation' ? this.explain(rule) : explain(rule, this.#record);
    this.#explained.set(rule.id, explanation);
    return explanation;
  }

  #group({ groupBy, aliases }: CorrelationRule, { id }: CompiledRule): GroupValue[] {
    const { event, fields } = this.#record;
    const picked = this.#picker
      .matches({ fields }, [id])
      .map((match) => pointOfMatch({ ...match, event, principal: event.principal }));
    return groupBy.map((name) => {
      const field = aliases.get(name)?.get(id) ?? name;
      const values = new Shortlist<string>();
      for (const text of picked.flatMap((point) => point.texts(field))) values.add(text, true);
      return { name: cut(name), field: cut(field), values: values.excerpt(shownValue) };
    });
  }
}
