import { ENTERPRISE_IDS } from './enterprise-ids.ts';
import { SUPERSEDED_IDS } from './superseded-ids.ts';
import { TACTICS } from '../../timeline/attack/tactics.ts';

const ATTACK_TAG = /^attack\.(.+)$/i;
const TECHNIQUE = /^t\d{4}(?:\.\d{3})?$/i;
/** Groups, software, campaigns and mitigations of ATT&CK, which a rule may name too. */
const OTHER_OBJECT = /^[gscm]\d{4}$/i;
const TACTIC_NAMES: ReadonlySet<string> = new Set(TACTICS.map(({ shortName }) => shortName));

/** What is wrong with one tag of a rule. */
export interface TagProblem {
  readonly tag: string;
  /** Its place among the rule's tags, from 0. */
  readonly at: number;
  /** What was wrong and what to write instead. */
  readonly message: string;
}

/**
 * The techniques that a rule's tags name (`attack.t1098.001`), as ids of ATT&CK v19, each once, in the order of the tags. Ids that were
 * revoked give those that took their place; ids that ATT&CK does not know are kept.
 */
export function techniquesOf(tags: readonly string[]): readonly string[] {
  const ids = tags.flatMap((tag) => techniqueIn(tag) ?? []);
  return [...new Set(ids.map((id) => SUPERSEDED_IDS.get(id) ?? id))];
}

/**
 * What is wrong with the tags of a rule that begin with `attack.`: techniques that were revoked or that ATT&CK Enterprise v19 does not
 * know, and tactics that it does not have.
 */
export function techniqueProblems(tags: readonly string[]): readonly TagProblem[] {
  return tags.flatMap((tag, at) => {
    const message = problemOf(tag);
    return message === undefined ? [] : [{ tag, at, message }];
  });
}

function problemOf(tag: string): string | undefined {
  const id = techniqueIn(tag);
  if (id !== undefined) {
    const current = SUPERSEDED_IDS.get(id);
    if (current !== undefined) {
      return `ATT&CK v19 has ${current} in place of ${id}; write attack.${current.toLowerCase()}`;
    }
    return ENTERPRISE_IDS.has(id) ? undefined : `ATT&CK Enterprise v19 has no technique ${id}; see attack.mitre.org`;
  }
  const name = ATTACK_TAG.exec(tag)?.[1]?.toLowerCase().replaceAll('_', '-');
  if (name === undefined || OTHER_OBJECT.test(name) || TACTIC_NAMES.has(name)) return undefined;
  if (name === 'defense-evasion') {
    return 'ATT&CK v19 has split Defense Evasion; write attack.stealth or attack.defense-impairment';
  }
  return 'not a tactic or technique of ATT&CK Enterprise v19; write such as attack.persistence or attack.t1098.001';
}

/** The technique that a tag names, in capitals. */
function techniqueIn(tag: string): string | undefined {
  const name = ATTACK_TAG.exec(tag)?.[1] ?? '';
  return TECHNIQUE.test(name) ? name.toUpperCase() : undefined;
}
