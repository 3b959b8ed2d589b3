/** Several values under each key. Most keys have one, which takes no list of its own. */
export class ManyByKey<Value extends object> {
  readonly #values = new Map<string, Value | Value[]>();

  add(key: string, value: Value): void {
    const known = this.#values.get(key);
    if (known === undefined) this.#values.set(key, value);
    else if (Array.isArray(known)) known.push(value);
    else this.#values.set(key, [known, value]);
  }

  /** In the order in which they were added. */
  of(key: string): readonly Value[] {
    const known = this.#values.get(key);
    if (known === undefined) return [];
    return Array.isArray(known) ? known : [known];
  }

  keys(): Iterable<string> {
    return this.#values.keys();
  }
}
