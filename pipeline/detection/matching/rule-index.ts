import type { Json, JsonObject } from '../../../platform/json.ts';
import { textOfValue } from '../sigma/field-path.ts';
import { fold } from '../sigma/fold.ts';
import type { RecordField } from '../sigma/record-field.ts';
import type { RequiredOfField, Requirement } from './requirement.ts';
import { comparableName, type TextTest } from '../sigma/text-test.ts';

/** What can be indexed: something that cannot fire without each of its requirements. */
export interface Indexable {
  readonly requirements: readonly Requirement[];
}

/**
 * Rules by what they cannot fire without: of a record's few indexed fields, the values are looked up, and only the rules found
 * so, and those that require nothing, are candidates.
 */
export class RuleIndex<R extends Indexable> {
  readonly rules: readonly R[];
  readonly #unindexed: readonly R[];
  readonly #fields: readonly IndexedField<R>[];

  constructor(rules: readonly R[]) {
    this.rules = rules;
    const weights = fieldWeights(rules);
    const unindexed: R[] = [];
    const fields = new Map<string, IndexedField<R>>();
    for (const rule of rules) {
      const requirement = mostSelective(rule.requirements, weights);
      if (requirement === undefined) unindexed.push(rule);
      for (const [key, required] of requirement ?? []) {
        const indexed = fields.get(key) ?? new IndexedField(required.field);
        indexed.post(rule, required);
        fields.set(key, indexed);
      }
    }
    this.#unindexed = unindexed;
    this.#fields = [...fields.values()];
  }

  /** Calls `visit` with each rule that may fire on the record; with one that is found by several values, several times. */
  visit(fields: JsonObject, visit: (rule: R) => void): void {
    for (const rule of this.#unindexed) visit(rule);
    for (const field of this.#fields) field.visit(fields, visit);
  }
}

/** For each field, how many literals the rules name: the more, the fewer rules a value of it finds. */
function fieldWeights(rules: readonly Indexable[]): ReadonlyMap<string, number> {
  const literals = new Map<string, Set<string>>();
  for (const { requirements } of rules) {
    for (const requirement of requirements) {
      for (const [key, required] of requirement) {
        const all = literals.get(key) ?? new Set();
        for (const text of required.literals) all.add(text);
        literals.set(key, all);
      }
    }
  }
  return new Map(literals.entries().map(([key, texts]) => [key, texts.size]));
}

/** Of the requirements, the one that finds the rule least often; one with tests costs a test of every new value. */
function mostSelective(
  requirements: readonly Requirement[],
  weights: ReadonlyMap<string, number>,
): Requirement | undefined {
  const weight = (requirement: Requirement): number => {
    const tests = requirement.values().reduce((sum, required) => sum + required.tests.size, 0);
    return tests > 0 ? -tests : Math.min(...requirement.keys().map((key) => weights.get(key) ?? 0));
  };
  let best = requirements[0];
  for (const requirement of requirements) {
    if (best !== undefined && weight(requirement) > weight(best)) best = requirement;
  }
  return best;
}

/** As many values of a field are remembered before they are forgotten all at once; longer ones are not. */
const MAX_REMEMBERED = 2048;
const MAX_REMEMBERED_LENGTH = 256;

/** One field, and the rules for each of its literals and tests. */
class IndexedField<R> {
  readonly #field: RecordField;
  readonly #comparable: (text: string) => string;
  readonly #literals = new Map<string, R[]>();
  readonly #tests = new Map<string, { readonly test: TextTest; readonly rules: R[] }>();
  /** Rules whose tests also look inside objects. */
  readonly #searching: R[] = [];
  /** The length of the longest literal. Nothing makes a text shorter, so a longer value is none of them. */
  #longest = 0;
  /** The rules for values as records spell them: comparing a text costs more than to find it. */
  readonly #remembered = new Map<string, readonly R[]>();
  /** Whom the value now looked up is for; kept here so that a lookup allocates nothing. */
  #visit: (rule: R) => void = () => undefined;

  constructor(field: RecordField) {
    this.#field = field;
    this.#comparable = field.operationName ? comparableName : fold;
  }

  post(rule: R, { literals, tests }: RequiredOfField): void {
    for (const text of literals) {
      this.#longest = Math.max(this.#longest, text.length);
      append(this.#literals, text, rule);
    }
    for (const [key, test] of tests) {
      const posted = this.#tests.get(key);
      if (posted === undefined) this.#tests.set(key, { test, rules: [rule] });
      else posted.rules.push(rule);
      if (test.searches) this.#searching.push(rule);
    }
  }

  visit(fields: JsonObject, visit: (rule: R) => void): void {
    this.#visit = visit;
    this.#field.some(fields, this.#lookUp);
  }

  readonly #lookUp = (value: Json): boolean => {
    const text = textOfValue(value);
    if (text === undefined) {
      if (value !== null) for (const rule of this.#searching) this.#visit(rule);
    } else if (text.length <= this.#longest || this.#tests.size > 0) {
      for (const rule of this.#remembered.get(text) ?? this.#find(text)) this.#visit(rule);
    }
    return false;
  };

  #find(text: string): readonly R[] {
    let found: readonly R[] = (text.length <= this.#longest && this.#literals.get(this.#comparable(text))) || NONE;
    for (const { test, rules } of this.#tests.values()) {
      if (test.test(text)) found = found.length === 0 ? rules : [...found, ...rules];
    }
    if (text.length <= MAX_REMEMBERED_LENGTH) {
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
      this.#remembered.set(text, found);
    }
    return found;
  }
}

const NONE: readonly never[] = [];

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
