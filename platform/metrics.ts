/** What a count is about: small, bounded sets of values only, never text from a record. */
export type Labels = Readonly<Record<string, string>>;

export interface Count {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** Counts of what the pipeline did, since the process began. A count that nobody reads costs one map look-up. */
export class Metrics {
  readonly #counts = new Map<string, { name: string; labels: Labels; value: number }>();

  /** Adds to a count; `labels` in the same order each time. */
  count(name: string, by = 1, labels: Labels = {}): void {
    let key = name;
    for (const label in labels) key += `|${label}=${labels[label] ?? ''}`;
    const known = this.#counts.get(key);
    if (known) known.value += by;
    else this.#counts.set(key, { name, labels, value: by });
  }

  /** Every count, by name. */
  snapshot(): Count[] {
    return [...this.#counts.values()].map((count) => ({ ...count })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The sum of a count over all its labels, or over those that have the given ones. */
  total(name: string, labels: Labels = {}): number {
    let sum = 0;
    for (const count of this.#counts.values()) {
      if (count.name === name && Object.entries(labels).every(([key, value]) => count.labels[key] === value)) {
        sum += count.value;
      }
    }
    return sum;
  }
}
