import type { TypeScriptRule } from '../rule.ts';

/** Rules in TypeScript by the OCSF class of the events that they read: an event of another class costs a look-up. */
export class ClassIndex {
  readonly #byClass = new Map<number, readonly TypeScriptRule[]>();
  readonly #ofAnyClass: readonly TypeScriptRule[];

  constructor(rules: readonly TypeScriptRule[]) {
    this.#ofAnyClass = rules.filter(({ classes }) => classes.length === 0);
    for (const uid of new Set(rules.flatMap(({ classes }) => classes))) {
      const reading = rules.filter(({ classes }) => classes.length === 0 || classes.includes(uid));
      this.#byClass.set(uid, reading);
    }
  }

  /** @param classUid `class_uid` of an event */
  rulesFor(classUid: number): readonly TypeScriptRule[] {
    return this.#byClass.get(classUid) ?? this.#ofAnyClass;
  }
}
