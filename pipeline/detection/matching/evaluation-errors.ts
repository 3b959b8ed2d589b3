import { shown } from '../loading/rule-error.ts';

/** The failures of one rule or exception. */
export interface EvaluationError {
  readonly count: number;
  /** What the first of them said, in a line. */
  readonly first: string;
}

/** How often the evaluation of rules or exceptions failed, by their ids: as many as there are rules, however many records. */
export class EvaluationErrors {
  readonly #errors = new Map<string, { count: number; readonly first: string }>();

  get byId(): ReadonlyMap<string, EvaluationError> {
    return this.#errors;
  }

  /** @param error what was thrown */
  count(id: string, error: unknown): void {
    const known = this.#errors.get(id);
    if (known !== undefined) known.count += 1;
    else this.#errors.set(id, { count: 1, first: messageOf(error) });
  }
}

/** The failures of two times together. */
export function withEarlier(
  later: ReadonlyMap<string, EvaluationError>,
  earlier: ReadonlyMap<string, EvaluationError>,
): ReadonlyMap<string, EvaluationError> {
  const all = new Map(later);
  for (const [id, { count, first }] of earlier) all.set(id, { count: count + (later.get(id)?.count ?? 0), first });
  return all;
}

/** What an evaluation threw, in a line: what rules in TypeScript throw may be anything, and say anything. */
export function messageOf(error: unknown): string {
  try {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : `it throws ${shown(error)}`;
    return text.slice(0, 300).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  } catch {
    return 'it throws what cannot be shown';
  }
}
