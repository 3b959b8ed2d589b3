import { systemClock, type Clock } from '../../../platform/clock.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { atOnce } from '../../../platform/turns.ts';
import { OWN_ACTIONS } from '../../timeline/event.ts';
import type { LogSource, ReadRecord } from '../../timeline/read-record.ts';
import type { Signal } from '../../timeline/signal.ts';
import { ClassIndex } from './class-index.ts';
import type { CorrelationRule } from '../correlation/correlation-rule.ts';
import { StandingSignals, type Standing } from '../correlation/standing-signals.ts';
import { EvaluationErrors, type EvaluationError } from './evaluation-errors.ts';
import type { Exception } from '../exceptions/exception.ts';
import { Suppressions } from '../exceptions/suppressions.ts';
import type { SigmaFilter } from '../sigma/filter-rule.ts';
import { takesIn } from '../log-source.ts';
import { requirementsOf, type Requirement } from './requirement.ts';
import { RuleIndex } from './rule-index.ts';
import type { CompiledRule, RejectedRule, SigmaRule, TypeScriptRule } from '../rule.ts';
import { SharedPredicates } from './shared-predicates.ts';
import { signalOf } from './signal-of.ts';

/** Rules in use, and what could not be used. */
export interface RuleSet {
  /** In the order in which they were read. */
  readonly rules: readonly CompiledRule[];
  /** What several matches of rules mean together, each after those that it is built on. They do not take part in `match`. */
  readonly correlations: readonly CorrelationRule[];
  /** Which are already applied to the rules. */
  readonly filters: readonly SigmaFilter[];
  readonly rejected: readonly RejectedRule[];
  /** How often the evaluation of a rule failed, by rule id. A rule that fails costs no other rule its turn. */
  readonly errors: ReadonlyMap<string, EvaluationError>;
  /** In the order in which they were read, expired ones among them. */
  readonly exceptions: readonly Exception[];
  /** How often the evaluation of an exception failed, by its id. It then suppresses nothing. */
  readonly exceptionErrors: ReadonlyMap<string, EvaluationError>;
  /**
   * The signals of the rules that fire on a record, in the order of the rules; the same empty list whenever none does.
   * Those that an exception suppresses say so.
   * Rules apply whose log source takes in the record's; to records of the source `json`, which names none, all of them; to what Crosstrail did
   * itself, none. Never throws.
   */
  match(record: ReadRecord): readonly Signal[];
  /** Of the signals of a record, those that stand for themselves, and what stateful rules need of it. */
  standing(record: ReadRecord, signals: readonly Signal[]): Standing;
}

const NO_SIGNALS: readonly Signal[] = Object.freeze([]);

/** Log sources come from the sources, which have few; past this many, what was computed for them is forgotten. */
const MAX_LOGSOURCES = 1000;

/** What a rule set is made of. */
export interface RuleSetParts {
  readonly rules: readonly CompiledRule[];
  readonly correlations?: readonly CorrelationRule[] | undefined;
  readonly filters?: readonly SigmaFilter[] | undefined;
  readonly rejected: readonly RejectedRule[];
  readonly exceptions?: readonly Exception[] | undefined;
  /** By which exceptions expire; the machine's unless told. */
  readonly clock?: Clock | undefined;
}

/** Puts rules to use. */
export function ruleSet(parts: RuleSetParts): RuleSet {
  return atOnce(buildRuleSet(parts));
}

/** Puts rules to use, in pieces between which a process can do other things. */
export function* buildRuleSet(parts: RuleSetParts): Generator<void, RuleSet> {
  const rules = parts.rules.filter((rule) => rule.kind === 'sigma');
  const predicates = new SharedPredicates();
  for (const { detection } of rules) {
    predicates.announce(detection.condition);
    yield;
  }
  const candidates: Candidate[] = [];
  for (const rule of rules) {
    const { condition } = rule.detection;
    candidates.push({ rule, requirements: requirementsOf(condition), test: predicates.compile(condition) });
    yield;
  }
  return new IndexedRuleSet(parts, predicates, candidates);
}

/** A Sigma rule among the others of its set. */
interface Candidate {
  readonly rule: SigmaRule;
  readonly requirements: readonly Requirement[];
  /** Through the predicates that the rules of the set share. */
  readonly test: (fields: JsonObject) => boolean;
}

/** The rules whose log source takes in that of a record. */
interface Applicable {
  readonly sigma: RuleIndex<Candidate>;
  readonly typescript: ClassIndex;
}

type ApplicableByCategory = Map<string | undefined, Applicable>;

class IndexedRuleSet implements RuleSet {
  readonly rules: readonly CompiledRule[];
  readonly correlations: readonly CorrelationRule[];
  readonly filters: readonly SigmaFilter[];
  readonly rejected: readonly RejectedRule[];
  readonly #errors = new EvaluationErrors();
  readonly exceptions: readonly Exception[];
  readonly #suppressions: Suppressions;
  readonly #clock: Clock;
  readonly #predicates: SharedPredicates;
  readonly #candidates: readonly Candidate[];
  /** Of all candidates; made for the first record that names no log source, which most processes never see. */
  #all: RuleIndex<Candidate> | undefined;
  readonly #typescript: readonly TypeScriptRule[];
  /** For each log source met, by product, service and category. */
  readonly #applicable = new Map<string | undefined, Map<string | undefined, ApplicableByCategory>>();
  #logsources = 0;
  /** The fields of the record now matched, and the rules that have fired on it. */
  #fields: JsonObject = {};
  readonly #fired = new Set<CompiledRule>();
  readonly #order: ReadonlyMap<CompiledRule, number>;
  readonly #standing: StandingSignals;

  constructor(
    { rules, correlations = [], filters = [], rejected, exceptions = [], clock = systemClock }: RuleSetParts,
    predicates: SharedPredicates,
    candidates: readonly Candidate[],
  ) {
    this.rules = rules;
    this.correlations = correlations;
    this.filters = filters;
    this.rejected = rejected;
    this.exceptions = exceptions;
    this.#suppressions = new Suppressions(exceptions);
    this.#clock = clock;
    this.#order = new Map(rules.map((rule, at) => [rule, at]));
    this.#predicates = predicates;
    this.#candidates = candidates;
    this.#typescript = rules.filter((rule) => rule.kind === 'typescript');
    this.#standing = new StandingSignals({ rules, correlations });
  }

  get errors(): ReadonlyMap<string, EvaluationError> {
    return this.#errors.byId;
  }

  get exceptionErrors(): ReadonlyMap<string, EvaluationError> {
    return this.#suppressions.errors.byId;
  }

  match(record: ReadRecord): readonly Signal[] {
    if (record.event.source === OWN_ACTIONS) return NO_SIGNALS;
    const { sigma, typescript } = this.#applicableTo(record.logsource);
    this.#matchSigma(record, record.event.source === 'json' ? (this.#all ??= new RuleIndex(this.#candidates)) : sigma);
    this.#matchTypeScript(record, typescript.rulesFor(record.event.ocsf.class_uid));
    if (this.#fired.size === 0) return NO_SIGNALS;
    const place = (rule: CompiledRule): number => this.#order.get(rule) ?? 0;
    const fired = [...this.#fired].sort((one, other) => place(one) - place(other));
    this.#fired.clear();
    const now = this.#clock.now();
    return fired.flatMap((rule) => {
      try {
        const exception = this.#suppressions.of(rule, record, now);
        const signal = this.#signalOf(rule, record);
        return [exception === undefined ? signal : { ...signal, suppressed: { exception } }];
      } catch (error) {
        this.#errors.count(rule.id, error);
        return [];
      }
    });
  }

  standing(record: ReadRecord, signals: readonly Signal[]): Standing {
    return this.#standing.of(record, signals);
  }

  /** A rule that cannot make its deduplication key has fired all the same: it groups as rules do that make none. */
  #signalOf(rule: CompiledRule, record: ReadRecord): Signal {
    if (rule.kind === 'sigma' || rule.key === undefined) return signalOf(rule, record);
    try {
      return signalOf(rule, record);
    } catch (error) {
      this.#errors.count(rule.id, error);
      return signalOf({ ...rule, key: undefined }, record);
    }
  }

  #matchSigma(record: ReadRecord, index: RuleIndex<Candidate>): void {
    this.#fields = record.fields;
    this.#predicates.nextRecord();
    try {
      index.visit(record.fields, this.#evaluate);
    } catch {
      // A field that cannot be looked up is the failure of the rules that name it: each rule by itself tells which.
      for (const candidate of index.rules) this.#evaluate(candidate);
    }
  }

  readonly #evaluate = ({ rule, test }: Candidate): void => {
    try {
      if (test(this.#fields)) this.#fired.add(rule);
    } catch (error) {
      this.#errors.count(rule.id, error);
    }
  };

  #matchTypeScript(record: ReadRecord, rules: readonly TypeScriptRule[]): void {
    for (const rule of rules) {
      try {
        if (rule.matches(record)) this.#fired.add(rule);
      } catch (error) {
        this.#errors.count(rule.id, error);
      }
    }
  }

  #applicableTo(logsource: LogSource): Applicable {
    const { product, service, category } = logsource;
    const known = this.#applicable.get(product)?.get(service)?.get(category);
    if (known !== undefined) return known;
    if (this.#logsources >= MAX_LOGSOURCES) {
      this.#applicable.clear();
      this.#logsources = 0;
    }
    const applies = (rule: CompiledRule): boolean => takesIn(rule.logsource, logsource);
    const applicable = {
      sigma: new RuleIndex(this.#candidates.filter(({ rule }) => applies(rule))),
      typescript: new ClassIndex(this.#typescript.filter(applies)),
    };
    const services = this.#applicable.get(product) ?? new Map<string | undefined, ApplicableByCategory>();
    const categories: ApplicableByCategory = services.get(service) ?? new Map<string | undefined, Applicable>();
    this.#applicable.set(product, services.set(service, categories.set(category, applicable)));
    this.#logsources += 1;
    return applicable;
  }
}
