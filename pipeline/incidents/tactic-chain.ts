import { CLOUD_TECHNIQUES } from '../timeline/attack/cloud-techniques.ts';
import type { TacticName } from '../timeline/attack/tactics.ts';

const TACTICS_OF: ReadonlyMap<string, readonly TacticName[]> = new Map(
  CLOUD_TECHNIQUES.map(({ id, tactics }) => [id, tactics]),
);

/**
 * How far techniques lead through the tactics of ATT&CK: each technique stands for the first of its tactics, in the order of the matrix, for
 * which none before it stands already. So one technique never counts as several tactics, though ATT&CK lists Valid Accounts under four.
 * Techniques of other platforms than the cloud's stand for none.
 * @param techniques ids of ATT&CK v19, in the order in which they were first seen; repetitions make no difference
 */
export function tacticChain(techniques: readonly string[]): TacticName[] {
  const chain = new Set<TacticName>();
  for (const id of new Set(techniques)) {
    const tactics = TACTICS_OF.get(id) ?? TACTICS_OF.get(id.split('.', 1)[0] ?? '') ?? [];
    const next = tactics.find((tactic) => !chain.has(tactic));
    if (next !== undefined) chain.add(next);
  }
  return [...chain];
}
