import type { LogSource } from '../../timeline/read-record.ts';
import type { SigmaFilter } from './filter-rule.ts';
import { covers } from '../log-source.ts';
import { RuleError, shown } from '../loading/rule-error.ts';
import type { CompiledRule } from '../rule.ts';

/** The most filters for all of a log source, and the most that name one rule: each makes its condition deeper. */
const MAX_OF_ONE = 100;
/** How often filters may apply to rules in all: each time takes about a kilobyte. */
const MAX_OF_ALL = 100_000;

const PATH = ['filter', 'rules'];

/** Counts how often filters apply to rules, so that no number of them takes more than bounded time and memory. */
export class FilterBounds {
  readonly #logsources = new Map<string, { readonly logsource: LogSource; rules: number; filters: number }>();
  readonly #naming = new Map<string, number>();
  #all = 0;

  /** @param rules that filters may apply to */
  constructor(rules: readonly CompiledRule[]) {
    for (const { kind, logsource } of rules) {
      if (kind !== 'sigma') continue;
      const key = JSON.stringify([logsource.category, logsource.product, logsource.service]);
      const alike = this.#logsources.get(key);
      if (alike === undefined) this.#logsources.set(key, { logsource, rules: 1, filters: 0 });
      else alike.rules += 1;
    }
  }

  /**
   * Counts a filter in.
   * @param filter with ids in place of references
   * @throws RuleError where that is too many
   */
  add({ rules, logsource }: Pick<SigmaFilter, 'rules' | 'logsource'>): void {
    if (rules === 'any') {
      for (const alike of this.#logsources.values()) {
        if (!covers(logsource, alike.logsource)) continue;
        alike.filters += 1;
        this.#count(alike.filters, alike.rules, 'all rules of a log source');
      }
    } else {
      for (const id of new Set(rules)) {
        const filters = (this.#naming.get(id) ?? 0) + 1;
        this.#naming.set(id, filters);
        this.#count(filters, 1, `the rule ${shown(id)}`);
      }
    }
  }

  #count(filters: number, applied: number, what: string): void {
    if (filters > MAX_OF_ONE) {
      throw new RuleError(`at most ${MAX_OF_ONE} filters may be for ${what}; join some of them`, PATH);
    }
    this.#all += applied;
    if (this.#all > MAX_OF_ALL) {
      throw new RuleError(`filters may apply to rules ${MAX_OF_ALL} times in all; name fewer rules in them`, PATH);
    }
  }
}
