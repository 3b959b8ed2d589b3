/** What sources say beside a value, as they write it. */

const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;
const MAX_LABELS = 20;
const MAX_LABEL = 100;
const MAX_DESCRIPTION = 300;

/**
 * A date, or a date and time, in ISO 8601; in UTC where it names no zone.
 * @returns milliseconds since 1970-01-01T00:00:00Z; undefined for anything else
 */
export function timeIn(text: unknown): number | undefined {
  const [, date, time = '00:00', zone = 'Z'] = (typeof text === 'string' && DATE.exec(text.trim())) || [];
  if (date === undefined) return undefined;
  const at = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(at) ? undefined : at;
}

/** Words for confidence, each the middle of its range. https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html, appendix A */
const CONFIDENCES: ReadonlyMap<string, number> = new Map([
  ['none', 0],
  ['low', 15],
  ['medium', 50],
  ['med', 50],
  ['high', 85],
]);

/** 0 to 100, as a number, its digits or a word; undefined for anything else. */
export function confidenceIn(value: unknown): number | undefined {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  const number = typeof value === 'number' ? value : /^\d{1,3}$/.test(text) ? Number(text) : CONFIDENCES.get(text);
  return number !== undefined && number >= 0 && number <= 100 ? Math.round(number) : undefined;
}

/** Texts, each once, bounded. */
export function labelsIn(...lists: readonly unknown[]): string[] {
  const labels = lists.flatMap((list): unknown[] => (Array.isArray(list) ? list.slice(0, MAX_LABELS) : []));
  const texts = labels.filter((label): label is string => typeof label === 'string' && label.trim() !== '');
  return [...new Set(texts.map((label) => label.trim().slice(0, MAX_LABEL)))].slice(0, MAX_LABELS);
}

/** A text with something in it, bounded. */
export const descriptionIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, MAX_DESCRIPTION) : undefined;
