import type { Expression, Leaf } from '../sigma/expression.ts';
import { fieldNamesOf, type FieldNames } from '../fields/field-names.ts';
import { impossibleField } from './impossible-field.ts';
import type { SigmaRule } from '../rule.ts';

/** What can be said of an expression without a record. */
type Verdict = boolean | 'depends';

/** Why a rule fires on no record of its log source, or on every one. */
export type FiringProblem =
  /** Records do not have these fields, as the rule spells them, and without them its condition is never true. */
  | { readonly kind: 'unknown-fields'; readonly fields: readonly string[] }
  /** The field would have to have two values at once. */
  | { readonly kind: 'contradiction'; readonly field: string }
  /** Records do not have these fields, and as they do not, the condition is always true. */
  | { readonly kind: 'always'; readonly fields: readonly string[] };

/** What is known of a rule's firing without a record. */
export interface Firing {
  readonly problem: FiringProblem | undefined;
  /** Fields that the rule names in vain, though it can fire without them: no record has them. */
  readonly idle: readonly string[];
}

/**
 * Whether a rule can fire on the records of its log source, by the fields that these are known to have: a field that no record
 * has is compared in vain, does not exist, and is null. Everything else depends on the record. Rules for log sources whose records are not
 * known, and rules that no field decides, are given the benefit of the doubt.
 */
export function firingOf(rule: SigmaRule): Firing {
  const { condition } = rule.detection;
  const names = fieldNamesOf(rule.logsource);
  const judge = new Judge(names);
  const verdict = judge.verdictOf(condition);
  const fields = judge.settling(condition);
  if (verdict === true) return { problem: { kind: 'always', fields }, idle: [] };
  if (verdict === false) return { problem: { kind: 'unknown-fields', fields }, idle: [] };
  const field = impossibleField(condition, names);
  return { problem: field === undefined ? undefined : { kind: 'contradiction', field }, idle: fields };
}

class Judge {
  readonly #names: FieldNames;
  readonly #verdicts = new Map<Expression, Verdict>();
  readonly #known = new Map<string, boolean>();

  constructor(names: FieldNames) {
    this.#names = names;
  }

  verdictOf(expression: Expression): Verdict {
    const known = this.#verdicts.get(expression);
    if (known !== undefined) return known;
    const verdict = this.#judge(expression);
    this.#verdicts.set(expression, verdict);
    return verdict;
  }

  #judge(expression: Expression): Verdict {
    switch (expression.kind) {
      case 'and':
      case 'or': {
        const decides = expression.kind === 'or';
        const verdicts = expression.parts.map((part) => this.verdictOf(part));
        if (verdicts.includes(decides)) return decides;
        return verdicts.includes('depends') ? 'depends' : !decides;
      }
      case 'not': {
        const verdict = this.verdictOf(expression.part);
        return verdict === 'depends' ? verdict : !verdict;
      }
      case 'selection':
      case 'item':
        return this.verdictOf(expression.part);
      default:
        return this.#judgeLeaf(expression);
    }
  }

  #judgeLeaf(leaf: Leaf): Verdict {
    switch (leaf.kind) {
      case 'keyword':
        return 'depends';
      case 'reference':
        return this.#isKnown(leaf.field.name) && this.#isKnown(leaf.other.name) ? 'depends' : false;
      case 'null':
        return this.#isKnown(leaf.field.name) ? 'depends' : true;
      case 'text':
      case 'exists':
        return this.#isKnown(leaf.field.name) ? 'depends' : false;
    }
  }

  #isKnown(field: string): boolean {
    const known = this.#known.get(field) ?? this.#names.isKnown(field) !== false;
    this.#known.set(field, known);
    return known;
  }

  /** The unknown fields of what is settled without a record, as far as they settle it. */
  settling(expression: Expression): string[] {
    const fields = new Set<string>();
    const seen = new Set<Expression>();
    const visit = (part: Expression): void => {
      if (seen.has(part)) return;
      seen.add(part);
      const verdict = this.verdictOf(part);
      switch (part.kind) {
        case 'and':
        case 'or':
          for (const inner of part.parts) if (verdict === 'depends' || verdict === this.verdictOf(inner)) visit(inner);
          break;
        case 'not':
        case 'selection':
          visit(part.part);
          break;
        case 'item':
          // Where an item depends on the record, what its texts stand for is known, be its field so or not.
          if (verdict !== 'depends') visit(part.part);
          break;
        case 'keyword':
          break;
        case 'reference':
          for (const { name } of [part.field, part.other]) if (!this.#isKnown(name)) fields.add(name);
          break;
        default:
          if (!this.#isKnown(part.field.name)) fields.add(part.field.name);
      }
    };
    visit(expression);
    return [...fields];
  }
}
