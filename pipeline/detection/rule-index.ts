import type { Json, JsonObject } from '../../platform/json.ts';
import { FieldPath, textOfValue } from './field-path.ts';
import { fold } from './fold.ts';
import type { CompiledRule, RequiredLiterals } from './rule.ts';

/**
 * Rules by the literals that they cannot fire without: of a record's few indexed fields, the values are looked up, and only the
 * rules found so, and those that have no such literal, are candidates.
 */
export class RuleIndex {
  readonly rules: readonly CompiledRule[];
  readonly #unindexed: readonly CompiledRule[];
  readonly #fields: readonly IndexedField[];

  constructor(rules: readonly CompiledRule[]) {
    this.rules = rules;
    const weights = fieldWeights(rules);
    const unindexed: CompiledRule[] = [];
    const postings = new Map<string, Map<string, CompiledRule[]>>();
    for (const rule of rules) {
      const way = mostSelective(rule.required, weights);
      if (way === undefined) unindexed.push(rule);
      else post(rule, way, postings);
    }
    this.#unindexed = unindexed;
    this.#fields = postings
      .entries()
      .map(([field, literals]) => new IndexedField(field, literals))
      .toArray();
  }

  /** Calls `visit` with each rule that may fire on the record; with one that is found by several values, several times. */
  visit(fields: JsonObject, visit: (rule: CompiledRule) => void): void {
    for (const rule of this.#unindexed) visit(rule);
    for (const field of this.#fields) field.visit(fields, visit);
  }
}

/** For each field, how many literals the rules name: the more, the fewer rules a value of it finds. */
function fieldWeights(rules: readonly CompiledRule[]): ReadonlyMap<string, number> {
  const literals = new Map<string, Set<string>>();
  for (const { required } of rules) {
    for (const way of required) {
      for (const [field, texts] of way) {
        const all = literals.get(field) ?? new Set();
        for (const text of texts) all.add(text);
        literals.set(field, all);
      }
    }
  }
  return new Map(literals.entries().map(([field, texts]) => [field, texts.size]));
}

function mostSelective(
  ways: readonly RequiredLiterals[],
  weights: ReadonlyMap<string, number>,
): RequiredLiterals | undefined {
  const weight = (way: RequiredLiterals): number => Math.min(...way.keys().map((field) => weights.get(field) ?? 0));
  let best = ways[0];
  for (const way of ways) if (best !== undefined && weight(way) > weight(best)) best = way;
  return best;
}

function post(rule: CompiledRule, way: RequiredLiterals, postings: Map<string, Map<string, CompiledRule[]>>): void {
  for (const [field, texts] of way) {
    const literals = postings.get(field) ?? new Map<string, CompiledRule[]>();
    postings.set(field, literals);
    for (const text of texts) {
      const rules = literals.get(text);
      if (rules === undefined) literals.set(text, [rule]);
      else rules.push(rule);
    }
  }
}

/** As many spellings of values are remembered before they are forgotten all at once. */
const MAX_REMEMBERED = 4096;

const NO_RULES: readonly CompiledRule[] = [];

/** One field, and the rules for each of its folded literals. */
class IndexedField {
  readonly #path: FieldPath;
  readonly #literals: ReadonlyMap<string, readonly CompiledRule[]>;
  /** The length of the longest literal. Folding makes no text shorter, so a longer value is none of them. */
  readonly #longest: number;
  /** The rules for values as records spell them: folding a text costs more than to find it. */
  readonly #remembered = new Map<string, readonly CompiledRule[]>();
  /** Whom the value now looked up is for; kept here so that a lookup allocates nothing. */
  #visit: (rule: CompiledRule) => void = () => undefined;

  constructor(field: string, literals: ReadonlyMap<string, readonly CompiledRule[]>) {
    this.#path = new FieldPath(field);
    this.#literals = literals;
    this.#longest = literals.keys().reduce((longest, literal) => Math.max(longest, literal.length), 0);
  }

  visit(fields: JsonObject, visit: (rule: CompiledRule) => void): void {
    this.#visit = visit;
    this.#path.some(fields, this.#lookUp);
  }

  readonly #lookUp = (value: Json): boolean => {
    const text = textOfValue(value);
    if (text !== undefined && text.length <= this.#longest) {
      for (const rule of this.#remembered.get(text) ?? this.#find(text)) this.#visit(rule);
    }
    return false;
  };

  #find(text: string): readonly CompiledRule[] {
    const rules = this.#literals.get(fold(text)) ?? NO_RULES;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(text, rules);
    return rules;
  }
}
