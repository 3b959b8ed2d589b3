import { RejectedRecord } from '../source.ts';

const LONGEST_QUOTE = 60;

/**
 * The rejection of a record for one of its fields, in the form `time: expected a time, found 'yesterday'`.
 * @param field where in the record, as a path
 * @param expected what belongs there, with its article
 * @param found what stands there instead; quoted in part only, and without characters that could mislead a reader
 */
export function unreadable(field: string, expected: string, found: unknown): RejectedRecord {
  return new RejectedRecord(`${field}: expected ${expected}, found ${describe(found)}`);
}

function describe(found: unknown): string {
  if (found === undefined) return 'nothing';
  if (found === null) return 'null';
  if (typeof found === 'string') return found === '' ? 'an empty text' : `'${quote(found)}'`;
  if (Array.isArray(found)) return 'a list';
  if (typeof found === 'number' || typeof found === 'boolean') return String(found);
  return 'an object';
}

function quote(text: string): string {
  const shown = text.slice(0, LONGEST_QUOTE).replace(/[^\x20-\x7e]/g, '?');
  return text.length > LONGEST_QUOTE ? `${shown}…` : shown;
}
