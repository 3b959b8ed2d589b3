import type { Json } from '../../../platform/json.ts';
import { compactJson } from '../sigma/contained-text.ts';
import type { Excerpt, ShownValue } from './explanation.ts';

/** Of a list, this many values are shown. */
export const MAX_VALUES = 8;

const MAX_TEXT = 200;

/** A text, its end cut off where it is long. */
export const cut = (text: string): string => (text.length <= MAX_TEXT ? text : text.slice(0, MAX_TEXT));

/** A value of a record or of a rule, as it is shown. */
export function shownValue(value: Json): ShownValue {
  const plain = typeof value === 'object' && value !== null ? (compactJson(value) ?? '') : value;
  if (typeof plain !== 'string' || plain.length <= MAX_TEXT) return { value: plain };
  return { value: cut(plain), length: plain.length };
}

/** The first values of a list; with `first`, those of them before the others. */
export class Shortlist<T> {
  readonly #first: T[] = [];
  readonly #others: T[] = [];
  #count = 0;

  add(value: T, first: boolean): void {
    const list = first ? this.#first : this.#others;
    if (list.length < MAX_VALUES) list.push(value);
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /** @param show what is kept of each */
  excerpt<U>(show: (value: T) => U): Excerpt<U> {
    const values = [...this.#first, ...this.#others].slice(0, MAX_VALUES);
    return { values: values.map(show), more: this.#count - values.length };
  }
}
