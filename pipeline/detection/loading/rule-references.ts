import { RuleError, shown, type DocumentPath } from './rule-error.ts';
import type { RejectedRule, RuleMetadata } from '../rule.ts';

/** What may be named: a rule of whatever kind. */
export type Named = Pick<RuleMetadata, 'id' | 'name' | 'file' | 'line'>;

/** A document that cannot be used, and by what others may name it. */
export interface RefusedDocument {
  readonly names: readonly string[];
  readonly rejected: RejectedRule;
}

/** Whom the ids and names mean by which correlation rules and filters refer to rules, in whatever file these stand. */
export class RuleReferences {
  readonly #ids = new Set<string>();
  readonly #byName = new Map<string, Named[]>();
  readonly #refused = new Map<string, RejectedRule>();

  constructor(rules: readonly Named[], refused: readonly RefusedDocument[]) {
    for (const rule of rules) {
      this.#ids.add(rule.id);
      if (rule.name === undefined) continue;
      const named = this.#byName.get(rule.name);
      if (named === undefined) this.#byName.set(rule.name, [rule]);
      else named.push(rule);
    }
    for (const { names, rejected } of refused) for (const name of names) this.#refused.set(name, rejected);
  }

  /**
   * The id of the rule that a reference means: whose id it is, otherwise whose name.
   * @param path where the reference stands
   * @throws RuleError where it means none, or several
   */
  idOf(reference: string, path: DocumentPath): string {
    if (this.#ids.has(reference)) return reference;
    const named = this.#byName.get(reference) ?? [];
    const [first, second] = named;
    if (first !== undefined && second === undefined) return first.id;
    if (first !== undefined && second !== undefined) {
      const places = [first, second].map(({ file, line }) => `${file}:${line}`).join(' and ');
      throw new RuleError(
        `${named.length} rules have the name ${shown(reference)}, at ${places}; refer to an id`,
        path,
      );
    }
    const refused = this.#refused.get(reference);
    if (refused !== undefined) throw new RuleError(needsRejected(reference, refused), path);
    throw new RuleError(`no rule with the id or the name ${shown(reference)} is loaded`, path);
  }
}

/** Why what refers to a rejected rule is rejected too. */
export function needsRejected(reference: string, { file, line, reason }: RejectedRule): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return `needs the rule ${shown(reference)}, which is rejected (${place}: ${reason.slice(0, 300)})`;
}
