import type { Json, JsonObject } from '../../../platform/json.ts';
import { valueTest } from '../sigma/compile-expression.ts';
import { textOfValue } from '../sigma/field-path.ts';
import { fold } from '../sigma/fold.ts';
import type { RecordField } from '../sigma/record-field.ts';
import type { TextTest } from '../sigma/text-test.ts';

/** A field with more values than this is walked again by each test: what is kept stays small, whatever a record holds. */
const MAX_KEPT = 32;

/** The values of one field of one record, found once for all that test them, and folded at most once. */
export class FieldValues {
  readonly #field: RecordField;
  /** The record whose values these are. */
  #record = -1;
  #count = 0;
  readonly #values: Json[] = [];
  readonly #folded: (string | undefined)[] = [];

  constructor(field: RecordField) {
    this.#field = field;
  }

  /**
   * Compiles a test of the field: whether it is true of one of its values.
   * @returns takes the fields of a record, and a number that is another for each record
   */
  compile(test: TextTest): (fields: JsonObject, record: number) => boolean {
    const ofValue = valueTest(test);
    const { testFolded } = test;
    return (fields, record) => {
      if (!this.#keep(fields, record)) return this.#field.some(fields, ofValue);
      for (let at = 0; at < this.#count; at += 1) {
        const folded = testFolded === undefined ? undefined : this.#foldedAt(at);
        if (folded === undefined ? ofValue(this.#values[at] ?? null) : testFolded?.(folded)) return true;
      }
      return false;
    };
  }

  #foldedAt(at: number): string | undefined {
    const known = this.#folded[at];
    if (known !== undefined) return known;
    const text = textOfValue(this.#values[at] ?? null);
    if (text !== undefined) this.#folded[at] = fold(text);
    return this.#folded[at];
  }

  /** @returns false where there are too many values to be kept */
  #keep(fields: JsonObject, record: number): boolean {
    if (this.#record !== record) {
      this.#count = 0;
      this.#field.some(fields, this.#take);
      this.#record = record;
    }
    return this.#count <= MAX_KEPT;
  }

  readonly #take = (value: Json): boolean => {
    if (this.#count < MAX_KEPT) {
      this.#values[this.#count] = value;
      this.#folded[this.#count] = undefined;
    }
    this.#count += 1;
    return this.#count > MAX_KEPT;
  };
}
