import type { JsonObject } from '../../../platform/json.ts';
import type { RuleMatch } from '../../timeline/observation.ts';
import type { ReadRecord } from '../../timeline/read-record.ts';
import { fieldNamesOf } from '../fields/field-names.ts';
import { textOfValue } from '../sigma/field-path.ts';
import { RecordField } from '../sigma/record-field.ts';
import type { CompiledRule } from '../rule.ts';
import { shortened } from '../shortened.ts';
import { fieldsOf, type CorrelationRule } from './correlation-rule.ts';

/** Of a field that is a list, so many values are taken. */
const MAX_VALUES = 64;

/** Takes from matched records what correlations need of them: a few texts, in place of the whole record. */
export class FieldPicker {
  readonly #correlations: ReadonlyMap<string, CorrelationRule>;
  /** By rule, the fields that correlations name: found as the rule's own are, by its log source. */
  readonly #fields = new Map<string, Map<string, RecordField>>();

  constructor({
    rules,
    correlations,
  }: {
    readonly rules: readonly CompiledRule[];
    readonly correlations: readonly CorrelationRule[];
  }) {
    this.#correlations = new Map(correlations.map((correlation) => [correlation.id, correlation]));
    const byId = new Map(rules.map((rule) => [rule.id, rule]));
    const visited = new Set<string>();
    for (const correlation of correlations) {
      const { condition, groupBy } = correlation;
      for (const rule of correlation.rules) if (byId.has(rule)) this.#fieldsOf(rule);
      for (const name of [...groupBy, ...fieldsOf(condition)]) {
        this.#need(correlation, name, byId, visited);
      }
    }
  }

  /** Whether a correlation takes the matches of the rule. */
  wants(rule: string): boolean {
    return this.#fields.has(rule);
  }

  /** Of the rules that fired on a record, those that correlations take, each with the texts of the fields that they need of it. */
  matches({ fields }: Pick<ReadRecord, 'fields'>, ruleIds: readonly string[]): RuleMatch[] {
    return ruleIds.filter((rule) => this.wants(rule)).map((rule) => ({ rule, values: this.#pick(rule, fields) }));
  }

  /** The texts of each needed field but `principal`, which is the event's, and may be told otherwise later. */
  #pick(rule: string, fields: JsonObject): RuleMatch['values'] {
    const needed = [...(this.#fields.get(rule) ?? [])];
    return Object.fromEntries(needed.map(([name, field]) => [name, textsOf(field, fields)]));
  }

  #fieldsOf(rule: string): Map<string, RecordField> {
    const fields = this.#fields.get(rule) ?? new Map<string, RecordField>();
    this.#fields.set(rule, fields);
    return fields;
  }

  /** Follows a name down to the rules whose records must have it. */
  #need(
    correlation: CorrelationRule,
    name: string,
    rules: ReadonlyMap<string, CompiledRule>,
    visited: Set<string>,
  ): void {
    const step = JSON.stringify([correlation.id, name]);
    if (visited.has(step)) return;
    visited.add(step);
    for (const id of correlation.rules) {
      const field = correlation.aliases.get(name)?.get(id) ?? name;
      const below = this.#correlations.get(id);
      const rule = rules.get(id);
      if (below !== undefined) this.#need(below, field, rules, visited);
      else if (rule !== undefined && field !== 'principal') {
        this.#fieldsOf(id).set(field, new RecordField(field, fieldNamesOf(rule.logsource).reach(field)));
      }
    }
  }
}

function textsOf(field: RecordField, fields: JsonObject): readonly string[] {
  const texts: string[] = [];
  field.some(fields, (value) => {
    const text = textOfValue(value);
    if (text !== undefined && text !== '') texts.push(shortened(text));
    return texts.length >= MAX_VALUES;
  });
  return texts;
}
