import type { JsonObject } from '../../../platform/json.ts';
import type { ReadRecord } from '../../timeline/read-record.ts';
import { compileLeaf } from '../sigma/compile-expression.ts';
import { messageOf } from '../matching/evaluation-errors.ts';
import type { Expression, Junction as JunctionExpression } from '../sigma/expression.ts';
import type { CompiledRule, Detection, TypeScriptRule } from '../rule.ts';
import { takesIn } from '../log-source.ts';
import { cut } from './excerpt.ts';
import { explainItem } from './explain-item.ts';
import type {
  ConditionPart,
  DetectionExplanation,
  Explanation,
  SelectionExplanation,
  SelectionPart,
  Tree,
  TypeScriptExplanation,
} from './explanation.ts';
import { reasonsOf } from './reasons.ts';

/** Explains why a rule fires on a record, or does not. Agrees with the rule set's matching. Never throws. */
export function explain(rule: CompiledRule, record: ReadRecord): Explanation {
  const { id, title, level, file, line } = rule;
  const passedThrough = rule.kind === 'sigma' && record.event.source === 'json';
  const applies = passedThrough || takesIn(rule.logsource, record.logsource);
  const common = {
    rule: { id, title, level, file, line },
    logsource: { wanted: rule.logsource, found: record.logsource, applies },
  };
  try {
    if (rule.kind === 'typescript') return { ...common, ...explainTypeScript(rule, record, applies) };
    const detection = explainDetection(rule.detection, record.fields);
    return { kind: 'sigma', ...common, fires: applies && detection.matched, ...detection };
  } catch (error) {
    return { kind: 'failed', ...common, fires: false, error: cut(messageOf(error)) };
  }
}

function explainTypeScript(rule: TypeScriptRule, record: ReadRecord, applies: boolean) {
  const found = record.event.ocsf.class_uid;
  const ofClass = rule.classes.length === 0 || rule.classes.includes(found);
  const classes = { wanted: rule.classes, found, applies: ofClass };
  const matched = applies && ofClass ? rule.matches(record) : undefined;
  const fires = matched === true;
  return { kind: 'typescript', fires, classes, matched, ...(fires && keyOf(rule, record)) } as const;
}

function keyOf(rule: TypeScriptRule, record: ReadRecord): Pick<TypeScriptExplanation, 'key' | 'keyError'> {
  try {
    return rule.key === undefined ? {} : { key: cut(rule.key(record)) };
  } catch (error) {
    return { keyError: cut(messageOf(error)) };
  }
}

/** Explains what a detection makes of a record's fields. */
function explainDetection({ selections, condition, written }: Detection, fields: JsonObject): DetectionExplanation {
  const explainer = new Explainer(fields);
  const explained = explainer.condition(condition);
  const named = selectionsNamedIn(condition);
  const used = named.entries().map(([part, name]) => explainer.selection(name, part, true));
  const unused = selections.entries().filter(([, part]) => !named.has(part));
  const all = [...used, ...unused.map(([name, part]) => explainer.selection(name, part, false))];
  return {
    matched: explained.matched,
    written,
    condition: explained,
    selections: all,
    reasons: explained.matched ? [] : reasonsOf(explained, all),
  };
}

/** The selections that a condition names, and what it calls each, in the order in which it does. */
function selectionsNamedIn(condition: Expression, named = new Map<Expression, string>()): Map<Expression, string> {
  if ('parts' in condition) for (const part of condition.parts) selectionsNamedIn(part, named);
  else if (condition.kind === 'not') selectionsNamedIn(condition.part, named);
  else if (condition.kind === 'selection') named.set(condition.part, condition.name);
  return named;
}

/** Of alternatives, or of what is needed together, this many are shown. */
const MAX_PARTS = 100;
/** Items that are explained in all. */
const MAX_ITEMS = 1000;

class Explainer {
  readonly #fields: JsonObject;
  readonly #outcomes = new Map<Expression, boolean>();
  #items = 0;

  constructor(fields: JsonObject) {
    this.#fields = fields;
  }

  condition(expression: Expression): ConditionPart {
    switch (expression.kind) {
      case 'and':
      case 'or':
        return this.#junction(expression, (part) => this.condition(part));
      case 'not': {
        const part = this.condition(expression.part);
        return { kind: 'not', matched: !part.matched, part };
      }
      default: {
        const name = expression.kind === 'selection' ? expression.name : '';
        return { kind: 'selection', matched: this.#matches(expression), name: cut(name) };
      }
    }
  }

  selection(name: string, part: Expression, used: boolean): SelectionExplanation {
    return { name: cut(name), matched: this.#matches(part), used, part: this.#part(part) };
  }

  readonly #part = (expression: Expression): SelectionPart => {
    switch (expression.kind) {
      case 'and':
      case 'or':
        return this.#junction(expression, this.#part, MAX_ITEMS - this.#items);
      case 'not': {
        const part = this.#part(expression.part);
        return { kind: 'not', matched: !part.matched, part };
      }
      case 'selection':
        return this.#part(expression.part);
      case 'item':
        this.#items += 1;
        return explainItem(expression, this.#fields, this.#part);
      default:
        return this.#part({ kind: 'item', key: '', values: [], part: expression, each: () => [] });
    }
  };

  /** A junction; of one part, that part. */
  #junction<End>(
    junction: JunctionExpression,
    explainPart: (part: Expression) => Tree<End>,
    limit = MAX_PARTS,
  ): Tree<End> {
    const { kind, parts } = junction;
    const [first] = parts;
    if (first !== undefined && parts.length === 1) return explainPart(first);
    const matched = this.#matches(junction);
    const shown = this.#decisive(parts, matched, Math.max(1, Math.min(limit, MAX_PARTS)));
    return { kind, matched, parts: shown.map(explainPart), more: parts.length - shown.length };
  }

  /** At most so many of the parts, in their order: those that come out as the whole does before the others. */
  #decisive(parts: readonly Expression[], outcome: boolean, limit: number): readonly Expression[] {
    if (parts.length <= limit) return parts;
    const [same, others] = [true, false].map((decides) =>
      parts.filter((part) => (this.#matches(part) === outcome) === decides),
    );
    const kept = new Set([...(same ?? []), ...(others ?? [])].slice(0, limit));
    return parts.filter((part) => kept.has(part));
  }

  #matches(expression: Expression): boolean {
    const known = this.#outcomes.get(expression) ?? this.#evaluate(expression);
    this.#outcomes.set(expression, known);
    return known;
  }

  #evaluate(expression: Expression): boolean {
    switch (expression.kind) {
      case 'and':
        return expression.parts.every((part) => this.#matches(part));
      case 'or':
        return expression.parts.some((part) => this.#matches(part));
      case 'not':
        return !this.#matches(expression.part);
      case 'selection':
      case 'item':
        return this.#matches(expression.part);
      default:
        return compileLeaf(expression)(this.#fields);
    }
  }
}
