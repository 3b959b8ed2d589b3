import type { JsonObject } from '../../../platform/json.ts';
import { compileExpression, compileLeaf, type FieldsTest } from '../sigma/compile-expression.ts';
import { leavesOf, type Expression, type Leaf } from '../sigma/expression.ts';
import { FieldValues } from './field-values.ts';

/**
 * The predicates of many rules. One that several rules ask is evaluated once for each record, whoever asks first; between
 * records, {@link SharedPredicates.nextRecord} must be called.
 */
export class SharedPredicates {
  readonly #tests = new Map<string, FieldsTest>();
  readonly #uses = new Map<string, number>();
  readonly #values = new Map<string, FieldValues>();
  /** The number of the record at hand, and of the record for which a predicate was last evaluated. */
  #record = 0;
  readonly #evaluatedFor: number[] = [];
  readonly #results: boolean[] = [];

  /** To be called with each expression before the first is compiled. */
  announce(expression: Expression): void {
    for (const key of new Set(leavesOf(expression).map(leafKey))) this.#uses.set(key, (this.#uses.get(key) ?? 0) + 1);
  }

  /** Compiles one of the expressions announced into a test. */
  compile(expression: Expression): FieldsTest {
    return compileExpression(expression, (leaf) => this.#testOf(leaf));
  }

  nextRecord(): void {
    this.#record += 1;
  }

  #testOf(leaf: Leaf): FieldsTest {
    const key = leafKey(leaf);
    const known = this.#tests.get(key);
    if (known !== undefined) return known;
    const test = this.#compileLeaf(leaf);
    const shared = (this.#uses.get(key) ?? 0) > 1 ? this.#remembered(test) : test;
    this.#tests.set(key, shared);
    return shared;
  }

  #compileLeaf(leaf: Leaf): FieldsTest {
    if (leaf.kind !== 'text') return compileLeaf(leaf);
    const values = this.#values.get(leaf.field.key) ?? new FieldValues(leaf.field);
    this.#values.set(leaf.field.key, values);
    const test = values.compile(leaf.test);
    return (fields) => test(fields, this.#record);
  }

  /** A test that throws is not remembered: it fails each rule that asks it. */
  #remembered(test: FieldsTest): FieldsTest {
    const place = this.#evaluatedFor.push(-1) - 1;
    this.#results.push(false);
    return (fields: JsonObject): boolean => {
      if (this.#evaluatedFor[place] === this.#record) return this.#results[place] === true;
      const result = test(fields);
      this.#results[place] = result;
      this.#evaluatedFor[place] = this.#record;
      return result;
    };
  }
}

/** The same for leaves that are true of the same records by construction. */
function leafKey(leaf: Leaf): string {
  switch (leaf.kind) {
    case 'text':
      return JSON.stringify([leaf.kind, leaf.field.key, leaf.test.key]);
    case 'null':
    case 'exists':
      return JSON.stringify([leaf.kind, leaf.field.key]);
    case 'reference':
      return JSON.stringify([leaf.kind, leaf.field.key, leaf.other.key, leaf.compare.key]);
    case 'keyword':
      return JSON.stringify([leaf.kind, leaf.test.key]);
  }
}
