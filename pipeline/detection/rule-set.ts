import type { JsonObject } from '../../platform/json.ts';
import type { LogSource, ReadRecord } from '../timeline/read-record.ts';
import type { Signal } from '../timeline/signal.ts';
import { RuleIndex } from './rule-index.ts';
import type { CompiledRule, RejectedRule } from './rule.ts';
import { signalOf } from './signal-of.ts';

/** Rules in use, and what could not be used. */
export interface RuleSet {
  /** In the order in which they were read. */
  readonly rules: readonly CompiledRule[];
  readonly rejected: readonly RejectedRule[];
  /** How often the evaluation of a rule failed, by rule id. A rule that fails costs no other rule its turn. */
  readonly errors: ReadonlyMap<string, number>;
  /**
   * The signals of the rules that fire on a record, in the order of the rules; the same empty list whenever none does.
   * Rules apply whose log source takes in the record's; to records of the source `json`, which names none, all of them. Never throws.
   */
  match(record: ReadRecord): readonly Signal[];
}

const NO_SIGNALS: readonly Signal[] = Object.freeze([]);

/** Log sources come from the sources, which have few; past this many, what was computed for them is forgotten. */
const MAX_LOGSOURCES = 1000;

/** Puts rules to use. */
export function ruleSet(rules: readonly CompiledRule[], rejected: readonly RejectedRule[]): RuleSet {
  return new IndexedRuleSet(rules, rejected);
}

/** Whether a rule for `wanted` applies to records of `found`: whatever it names, the record's source names too. */
export function takesIn(wanted: LogSource, found: LogSource): boolean {
  return (
    (wanted.category === undefined || wanted.category === found.category?.toLowerCase()) &&
    (wanted.product === undefined || wanted.product === found.product?.toLowerCase()) &&
    (wanted.service === undefined || wanted.service === found.service?.toLowerCase())
  );
}

type IndexByCategory = Map<string | undefined, RuleIndex>;

class IndexedRuleSet implements RuleSet {
  readonly rules: readonly CompiledRule[];
  readonly rejected: readonly RejectedRule[];
  readonly errors = new Map<string, number>();
  readonly #all: RuleIndex;
  /** The index for each log source met, by product, service and category. */
  readonly #indexes = new Map<string | undefined, Map<string | undefined, IndexByCategory>>();
  #logsources = 0;
  /** The record now matched, and the rules that have fired on it. */
  #fields: JsonObject = {};
  readonly #fired = new Set<CompiledRule>();

  constructor(rules: readonly CompiledRule[], rejected: readonly RejectedRule[]) {
    this.rules = rules;
    this.rejected = rejected;
    this.#all = new RuleIndex(rules);
  }

  match(record: ReadRecord): readonly Signal[] {
    const index = record.event.source === 'json' ? this.#all : this.#indexFor(record.logsource);
    this.#fields = record.fields;
    try {
      index.visit(record.fields, this.#evaluate);
    } catch {
      // A field that cannot be looked up is the failure of the rules that name it: each rule by itself tells which.
      for (const rule of index.rules) this.#evaluate(rule);
    }
    if (this.#fired.size === 0) return NO_SIGNALS;
    const fired = this.#fired.size === 1 ? [...this.#fired] : this.rules.filter((rule) => this.#fired.has(rule));
    this.#fired.clear();
    return fired.flatMap((rule) => {
      try {
        return [signalOf(rule, record)];
      } catch {
        this.#countError(rule);
        return [];
      }
    });
  }

  readonly #evaluate = (rule: CompiledRule): void => {
    try {
      if (rule.matches(this.#fields)) this.#fired.add(rule);
    } catch {
      this.#countError(rule);
    }
  };

  #countError({ id }: CompiledRule): void {
    this.errors.set(id, (this.errors.get(id) ?? 0) + 1);
  }

  #indexFor(logsource: LogSource): RuleIndex {
    const { product, service, category } = logsource;
    const known = this.#indexes.get(product)?.get(service)?.get(category);
    if (known !== undefined) return known;
    if (this.#logsources >= MAX_LOGSOURCES) {
      this.#indexes.clear();
      this.#logsources = 0;
    }
    const index = new RuleIndex(this.rules.filter((rule) => takesIn(rule.logsource, logsource)));
    const services = this.#indexes.get(product) ?? new Map<string | undefined, IndexByCategory>();
    const categories = services.get(service) ?? new Map<string | undefined, RuleIndex>();
    this.#indexes.set(product, services.set(service, categories.set(category, index)));
    this.#logsources += 1;
    return index;
  }
}
