import { isObject, own } from '../../../platform/json.ts';
import { compileRule, type DetectionOptions } from '../sigma/compile-rule.ts';
import type { CorrelationRule } from '../correlation/correlation-rule.ts';
import { parseCorrelation } from '../correlation/parse-correlation.ts';
import { resolveCorrelations, type ReadCorrelation } from '../correlation/resolve-correlations.ts';
import { filterRules, parseFilter, resolveFilters, type ReadFilter, type SigmaFilter } from '../sigma/filter-rule.ts';
import { rejection, type RuleDocument } from './rule-documents.ts';
import { RuleReferences, type Named, type RefusedDocument } from './rule-references.ts';
import type { CompiledRule, RejectedRule } from '../rule.ts';

/** Rules of all kinds, and what could not be used. */
export interface CollectedRules {
  /** Detection rules in the order in which they were read, with their filters applied. */
  readonly rules: readonly CompiledRule[];
  /** Each after those that it is built on. */
  readonly correlations: readonly CorrelationRule[];
  readonly filters: readonly SigmaFilter[];
  readonly rejected: readonly RejectedRule[];
}

/** Takes rules as they are read, one document after the other; what they have to do with each other is found out at the end. */
export class RuleCollection {
  readonly #options: DetectionOptions;
  /** Detection and correlation rules together: each has an id of its own. */
  readonly #rules = new ById<CompiledRule | ReadCorrelation>();
  readonly #filters = new ById<ReadFilter>();
  readonly #rejected: RejectedRule[] = [];
  readonly #refused: RefusedDocument[] = [];

  constructor(options: DetectionOptions) {
    this.#options = options;
  }

  /**
   * Takes a document of Sigma: a detection rule, a correlation rule or a filter.
   * @param replaces whether it takes the place of what has the same id
   */
  addDocument(document: RuleDocument, replaces: boolean): void {
    const { value } = document;
    try {
      if (isObject(value) && Object.hasOwn(value, 'correlation')) {
        const rule = parseCorrelation(document);
        this.#put(this.#rules, { named: rule, entry: { rule, document } }, document, replaces);
      } else if (isObject(value) && Object.hasOwn(value, 'filter')) {
        const filter = parseFilter(document, this.#options);
        this.#put(this.#filters, { named: filter, entry: { filter, document } }, document, replaces);
      } else {
        this.addRule(compileRule(document, this.#options), document, replaces);
      }
    } catch (error) {
      const rejected = rejection(document, error);
      this.#rejected.push(rejected);
      this.#refused.push({ names: namesOf(value), rejected });
    }
  }

  addRule(rule: CompiledRule, document: RuleDocument, replaces: boolean): void {
    this.#put(this.#rules, { named: rule, entry: rule }, document, replaces);
  }

  reject(rejected: readonly RejectedRule[]): void {
    this.#rejected.push(...rejected);
  }

  finish(): CollectedRules {
    const entries = this.#rules.entries();
    const read = entries.filter((entry) => 'document' in entry);
    const rules = entries.filter((entry) => 'kind' in entry);
    const references = new RuleReferences([...rules, ...read.map(({ rule }) => rule)], this.#refused);
    const { correlations, rejected: unresolved } = resolveCorrelations(read, references);
    const { filters, rejected: unfit } = resolveFilters(this.#filters.entries(), references, rules);
    return {
      rules: filterRules(rules, filters),
      correlations,
      filters,
      rejected: [...this.#rejected, ...unresolved, ...unfit],
    };
  }

  #put<T>(map: ById<T>, placed: Placed<T>, document: RuleDocument, replaces: boolean): void {
    const first = map.put(placed, replaces);
    if (first === undefined) return;
    const { id, file } = placed.named;
    const reason = `the id ${id} is taken by the rule at ${first.file}:${first.line}; give each rule an id of its own`;
    this.#rejected.push({ file, line: document.lineOf(['id']), reason });
  }
}

interface Placed<T> {
  readonly named: Named;
  readonly entry: T;
}

/** Things of which each has an id of its own, in the order in which the ids came. */
class ById<T> {
  readonly #placed = new Map<string, Placed<T>>();
  /** The ids at which something has taken the place of another, or would have. */
  readonly #replaced = new Set<string>();

  /** @returns what has the id already and keeps it, where there is such */
  put(placed: Placed<T>, replaces: boolean): Named | undefined {
    const { id } = placed.named;
    const first = this.#placed.get(id);
    const taken = first !== undefined && (!replaces || this.#replaced.has(id));
    if (replaces) this.#replaced.add(id);
    if (taken) return first.named;
    this.#placed.set(id, placed);
    return undefined;
  }

  entries(): T[] {
    return Array.from(this.#placed.values(), ({ entry }) => entry);
  }
}

/** By what others would name a document that cannot be used. */
function namesOf(value: unknown): string[] {
  if (!isObject(value)) return [];
  return [own(value, 'id'), own(value, 'name')].filter((name) => typeof name === 'string');
}
