import { MAX_VALUES } from './excerpt.ts';
import type {
  ConditionPart,
  ItemExplanation,
  NamedSelection,
  Reason,
  SelectionExplanation,
  Tree,
} from './explanation.ts';

/** The selections that made a condition come out as it did, each with the items that made it so; the first few of each. */
export function reasonsOf(condition: ConditionPart, selections: readonly SelectionExplanation[]): Reason[] {
  const reasons = new Map<string, Reason>();
  for (const { name, matched } of decisive(condition)) {
    const selection = selections.find((one) => one.name === name && one.matched === matched);
    const items = new Set(
      selection && decisive(selection.part).map(({ field, modifiers }) => [field, ...modifiers].join('|')),
    );
    reasons.set(name, { selection: name, matched, items: [...items].slice(0, MAX_VALUES) });
    if (reasons.size >= MAX_VALUES) break;
  }
  return [...reasons.values()];
}

/** A reason in words. Its texts are the rule's own: make them printable before they are shown. */
export function reasonText({ selection, matched, items }: Reason): string {
  const keys = items.map((key) => (key === '' ? 'keywords' : key)).join(', ');
  return `${selection} ${matched ? 'matches' : 'does not match'} (${keys})`;
}

/** What made a tree come out as it did: its ends, past the parts that the outcome would have been the same without. */
function decisive<End extends NamedSelection | ItemExplanation>(tree: Tree<End>): End[] {
  if (tree.kind === 'not') return decisive(tree.part);
  if (!('parts' in tree)) return [tree];
  return tree.parts.filter(({ matched }) => matched === tree.matched).flatMap((part) => decisive(part));
}
