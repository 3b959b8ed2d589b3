import type { DataClass } from '../../timeline/asset.ts';

/** What people call how important something is, and what that counts, 0 to 1. */
export const IMPORTANCE_WORDS = { low: 0.1, medium: 0.4, high: 0.7, critical: 1 } as const;

const IMPORTANCE: ReadonlyMap<string, number> = new Map<string, number>([
  ...Object.entries(IMPORTANCE_WORDS),
  ['mission-critical', 1],
  ['mission critical', 1],
]);

/** The importance that a text means: one of the words, or a number from 0 to 1; undefined for anything else. */
export function importanceOf(text: string): number | undefined {
  const word = text.trim().toLowerCase();
  const known = IMPORTANCE.get(word);
  if (known !== undefined) return known;
  if (!/^\d(?:\.\d{1,6})?$/.test(word)) return undefined;
  return Number(word) <= 1 ? Number(word) : undefined;
}

/** Names that classes of data go by in tags. */
const DATA_CLASSES: ReadonlyMap<string, DataClass> = new Map([
  ['public', 'public'],
  ['internal', 'internal'],
  ['general', 'internal'],
  ['private', 'internal'],
  ['confidential', 'confidential'],
  ['sensitive', 'confidential'],
  ['restricted', 'restricted'],
  ['secret', 'restricted'],
  ['highly confidential', 'restricted'],
  ['highly-confidential', 'restricted'],
]);

/** The class of data that a text names; undefined for anything else. */
export const dataClassOf = (text: string): DataClass | undefined => DATA_CLASSES.get(text.trim().toLowerCase());
