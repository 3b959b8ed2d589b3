import { createHash } from 'node:crypto';

const MAX_LENGTH = 512;

/** A text by which things are told apart, small: of a longer one the beginning, and the hash of the whole in place of the rest. */
export function shortened(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  return `${text.slice(0, MAX_LENGTH)}#${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}
