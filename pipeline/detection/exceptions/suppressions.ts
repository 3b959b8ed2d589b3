import type { ReadRecord } from '../../timeline/read-record.ts';
import { compileExpression } from '../sigma/compile-expression.ts';
import { takesIn } from '../log-source.ts';
import { EvaluationErrors } from '../matching/evaluation-errors.ts';
import type { CompiledRule } from '../rule.ts';
import type { Exception } from './exception.ts';

/** Exceptions in use: which of them, if any, suppresses what a rule has raised. */
export class Suppressions {
  /** How often the evaluation of an exception failed, by its id; it then does not suppress. */
  readonly errors = new EvaluationErrors();
  readonly #ofAny: readonly Exception[];
  readonly #byName = new Map<string, Exception[]>();
  /** Made when a rule first fires: most exceptions are for rules that do not. */
  readonly #byRule = new Map<CompiledRule, readonly Suppression[]>();

  constructor(exceptions: readonly Exception[]) {
    this.#ofAny = exceptions.filter(({ rules }) => rules === 'any');
    for (const exception of exceptions) {
      for (const name of exception.rules === 'any' ? [] : new Set(exception.rules)) {
        const others = this.#byName.get(name);
        if (others === undefined) this.#byName.set(name, [exception]);
        else others.push(exception);
      }
    }
  }

  /**
   * The id of the exception that suppresses the signal of a rule that has fired on a record: the smallest, where several do.
   * None does that has expired, be it now or at the record's time. Never throws.
   * @param now milliseconds since 1970-01-01T00:00:00Z
   */
  of(rule: CompiledRule, record: ReadRecord, now: number): string | undefined {
    const latest = Math.max(now, record.event.time);
    for (const { id, expires, matches } of this.#suppressionsOf(rule)) {
      if (latest >= expires) continue;
      try {
        if (matches(record)) return id;
      } catch (error) {
        this.errors.count(id, error);
      }
    }
    return undefined;
  }

  #suppressionsOf(rule: CompiledRule): readonly Suppression[] {
    const known = this.#byRule.get(rule);
    if (known !== undefined) return known;
    const named = [rule.id, rule.name ?? rule.id].flatMap((name) => this.#byName.get(name) ?? []);
    const suppressions = [...new Set([...this.#ofAny, ...named])]
      .sort((one, other) => (one.id < other.id ? -1 : 1))
      .map((exception) => suppressionOf(exception, rule));
    this.#byRule.set(rule, suppressions);
    return suppressions;
  }
}

interface Suppression {
  readonly id: string;
  readonly expires: number;
  readonly matches: (record: ReadRecord) => boolean;
}

/** An exception as it is for one rule, compiled when it is first asked. */
function suppressionOf(exception: Exception, rule: CompiledRule): Suppression {
  const { id, expires } = exception;
  let matches: Suppression['matches'] | undefined;
  return { id, expires, matches: (record) => (matches ??= matcherOf(exception, rule))(record) };
}

/**
 * Whether an exception matches a record on which a rule has fired. Where the exception names no log source, it is for the records of
 * the rule, and means its fields as the rule does.
 */
export function matcherOf({ logsource, detectionFor }: Exception, rule: CompiledRule): Suppression['matches'] {
  const test = compileExpression(detectionFor(logsource ?? rule.logsource).condition);
  return ({ event, fields, logsource: found }) =>
    (logsource === undefined || event.source === 'json' || takesIn(logsource, found)) && test(fields);
}
