import { rejection, type RuleDocument } from '../loading/rule-documents.ts';
import { RuleError, shown } from '../loading/rule-error.ts';
import { needsRejected, type RuleReferences } from '../loading/rule-references.ts';
import type { RejectedRule } from '../rule.ts';
import type { CorrelationRule } from './correlation-rule.ts';
import { withRules } from './rule-expression.ts';

/** A correlation rule as it was read, and where. */
export interface ReadCorrelation {
  readonly rule: CorrelationRule;
  readonly document: RuleDocument;
}

export interface ResolvedCorrelations {
  /** With ids in place of references; each after those that it is built on. */
  readonly correlations: readonly CorrelationRule[];
  readonly rejected: readonly RejectedRule[];
}

/** So many correlations may be built on one another. */
const MAX_HEIGHT = 5;
/** So many matches one event may be to a correlation: through each way down to a rule that fires on it, one. */
const MAX_WAYS = 1000;

const RULES = ['correlation', 'rules'];

/**
 * Finds the rules that correlations refer to. Rejected are correlations that refer to what is not there, to what several rules
 * are called, or to what is itself rejected; those that are built on one another in a circle; and those too high above the rules.
 * @param references of all rules, these correlations among them
 */
export function resolveCorrelations(
  read: readonly ReadCorrelation[],
  references: RuleReferences,
): ResolvedCorrelations {
  const resolution = new Resolution();
  for (const correlation of read) resolution.add(correlation, references);
  return resolution.resolve();
}

/** A correlation for which those that it is built on are awaited. */
interface Waiting {
  readonly rule: CorrelationRule;
  readonly read: ReadCorrelation;
  /** The ids of those that are awaited. */
  readonly below: Set<string>;
}

class Resolution {
  readonly #waiting = new Map<string, Waiting>();
  /** By the id of a correlation, those built on it. */
  readonly #above = new Map<string, Waiting[]>();
  readonly #resolved = new Map<string, CorrelationRule>();
  readonly #rejected = new Map<string, RejectedRule>();
  /** By id, how many correlations are built on one another up to this one, and how many ways lead down to rules. */
  readonly #extents = new Map<string, { readonly height: number; readonly ways: number }>();
  /** Ids whose turn is over, for those above them to be told. */
  readonly #settled: string[] = [];

  add(read: ReadCorrelation, references: RuleReferences): void {
    const { id } = read.rule;
    try {
      this.#waiting.set(id, { rule: resolved(read.rule, references), read, below: new Set() });
    } catch (error) {
      this.#reject(read, error);
    }
  }

  resolve(): ResolvedCorrelations {
    for (const waiting of this.#waiting.values()) this.#linkBelow(waiting);
    for (const waiting of [...this.#waiting.values()]) if (waiting.below.size === 0) this.#settle(waiting);
    this.#rise();
    // What is still waiting waits for itself, or for what does.
    for (let [first] = this.#waiting.keys(); first !== undefined; [first] = this.#waiting.keys()) {
      this.#refuseCircle(this.#circleBelow(first));
      this.#rise();
    }
    return { correlations: [...this.#resolved.values()], rejected: [...this.#rejected.values()] };
  }

  #linkBelow(waiting: Waiting): void {
    for (const id of waiting.rule.rules) {
      if (!this.#waiting.has(id) && !this.#rejected.has(id)) continue;
      waiting.below.add(id);
      const above = this.#above.get(id);
      if (above === undefined) this.#above.set(id, [waiting]);
      else above.push(waiting);
    }
  }

  /** Tells those above, and those above them in turn, that what they are built on is settled. */
  #rise(): void {
    for (let id = this.#settled.pop(); id !== undefined; id = this.#settled.pop()) {
      for (const waiting of this.#above.get(id) ?? []) {
        waiting.below.delete(id);
        if (waiting.below.size === 0 && this.#waiting.has(waiting.rule.id)) this.#settle(waiting);
      }
    }
  }

  #settle({ rule, read }: Waiting): void {
    this.#waiting.delete(rule.id);
    const rejectedAt = rule.rules.findIndex((id) => this.#rejected.has(id));
    const rejected = this.#rejected.get(rule.rules[rejectedAt] ?? '');
    const below = rule.rules.map((id) => this.#extents.get(id) ?? { height: 0, ways: 1 });
    const height = 1 + Math.max(...below.map((extent) => extent.height));
    const ways = below.reduce((sum, extent) => sum + extent.ways, 0);
    if (rejected !== undefined) {
      const reference = read.rule.rules[rejectedAt] ?? '';
      this.#reject(read, new RuleError(needsRejected(reference, rejected), [...RULES, rejectedAt]));
    } else if (height > MAX_HEIGHT) {
      this.#reject(read, new RuleError(`at most ${MAX_HEIGHT} correlations may be built on one another`, RULES));
    } else if (ways > MAX_WAYS) {
      const found = `an event may be up to ${ways} matches to this correlation, through those that it is built on`;
      this.#reject(read, new RuleError(`${found}; at most ${MAX_WAYS} are taken`, RULES));
    } else {
      this.#extents.set(rule.id, { height, ways });
      this.#resolved.set(rule.id, rule);
      this.#settled.push(rule.id);
    }
  }

  #reject({ rule, document }: ReadCorrelation, error: unknown): void {
    this.#rejected.set(rule.id, rejection(document, error));
    this.#settled.push(rule.id);
  }

  /** Follows what is awaited until it comes round: the ids of the circle, in order. */
  #circleBelow(start: string): string[] {
    const seen = new Map<string, number>();
    const path: string[] = [];
    let id: string | undefined = start;
    while (id !== undefined && !seen.has(id)) {
      seen.set(id, path.length);
      path.push(id);
      [id] = this.#waiting.get(id)?.below ?? [];
    }
    return path.slice(seen.get(id ?? start));
  }

  #refuseCircle(circle: readonly string[]): void {
    for (const [index, id] of circle.entries()) {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) continue;
      this.#waiting.delete(id);
      const next = circle[(index + 1) % circle.length] ?? id;
      const way = [...circle.slice(index), ...circle.slice(0, index), id].slice(0, MAX_SHOWN).map(shown).join(' → ');
      const reason =
        circle.length === 1
          ? 'the correlation refers to itself'
          : `correlations refer to each other in a circle: ${way}`;
      this.#reject(waiting.read, new RuleError(reason, [...RULES, waiting.rule.rules.indexOf(next)]));
    }
  }
}

/** As many correlations of a circle are named. */
const MAX_SHOWN = 10;

/** The rule with ids in place of references. @throws RuleError */
function resolved(rule: CorrelationRule, references: RuleReferences): CorrelationRule {
  const ids = new Map(rule.rules.map((reference, index) => [reference, references.idOf(reference, [...RULES, index])]));
  const rules = [...ids.values()];
  const repeated = rules.findIndex((id, index) => rules.indexOf(id) < index);
  if (repeated >= 0) {
    const reason = `${shown(rule.rules[repeated])} means a rule that is referred to already`;
    throw new RuleError(reason, [...RULES, repeated]);
  }
  const aliases = [...rule.aliases].map(
    ([alias, fields]) => [alias, resolvedAlias(alias, fields, rules, references)] as const,
  );
  const { condition } = rule;
  if (condition.kind !== 'expression') return { ...rule, rules, aliases: new Map(aliases) };
  const expression = withRules(condition.expression, (reference) => ids.get(reference) ?? reference);
  return { ...rule, rules, aliases: new Map(aliases), condition: { kind: 'expression', expression } };
}

function resolvedAlias(
  alias: string,
  fields: ReadonlyMap<string, string>,
  rules: readonly string[],
  references: RuleReferences,
): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  for (const [reference, field] of fields) {
    const path = ['correlation', 'aliases', alias, reference];
    const id = references.idOf(reference, path);
    if (!rules.includes(id)) {
      throw new RuleError(
        `the alias ${shown(alias)} has a field of ${shown(reference)}, which is not among the rules`,
        path,
      );
    }
    result.set(id, field);
  }
  return result;
}
