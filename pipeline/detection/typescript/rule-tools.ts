import { isDeeperThan, MAX_DEPTH, parseJson, type Json } from '../../../platform/json.ts';
import type { RuleTools } from '../event-rule.ts';
import { FieldPath } from '../sigma/field-path.ts';

/** Rules name few paths; past this many, which only a rule that makes them up reaches, those known are forgotten. */
const MAX_PATHS = 1000;

const paths = new Map<string, FieldPath>();

/** What rules in TypeScript read records with. */
export const RULE_TOOLS: RuleTools = Object.freeze({
  values(of: Json | undefined, path: string): readonly Json[] {
    const found: Json[] = [];
    // Under a name, so that a list is entered as well as an object.
    if (of !== undefined) pathBelow(path).some({ of }, (value) => found.push(value) < 0);
    return found;
  },

  document(value: Json | undefined): Json | undefined {
    if (typeof value !== 'string') return value;
    try {
      const document = parseJson(value);
      return isDeeperThan(document, MAX_DEPTH) ? undefined : document;
    } catch {
      return undefined;
    }
  },
});

function pathBelow(path: string): FieldPath {
  const known = paths.get(path);
  if (known !== undefined) return known;
  if (paths.size >= MAX_PATHS) paths.clear();
  const below = new FieldPath(`of.${path}`);
  paths.set(path, below);
  return below;
}
