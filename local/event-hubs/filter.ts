import type { StartPosition } from './log.ts';

/** Thrown for a filter that names no start position. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}

const SELECTOR = /^amqp\.annotation\.x-opt-(offset|sequence-number|enqueued-time)\s*(>=?)\s*'(-?\d{1,16}|@latest)'$/;
const KINDS = { offset: 'offset', 'sequence-number': 'sequence', 'enqueued-time': 'time' } as const;

/**
 * The start position that a receiver asks for.
 * @param selector the text of the source's filter `apache.org:selector-filter:string`, in the one form in which Event Hubs
 *   clients write it: an annotation, `>` or `>=`, and a quoted number (milliseconds since 1970 for a time) or `@latest`;
 *   undefined where the receiver has no filter, which means the start of the partition
 * @throws FilterError for any other text
 */
export function startPositionOf(selector: string | undefined): StartPosition {
  if (selector === undefined) return { at: 'earliest' };
  const [, annotation, comparison, value] = SELECTOR.exec(selector.trim()) ?? [];
  if (value === undefined || (value === '@latest' && annotation !== 'offset')) {
    throw new FilterError(
      `The filter "${selector.slice(0, 200)}" is no start position. Expected is amqp.annotation.x-opt-offset, ` +
        `x-opt-sequence-number or x-opt-enqueued-time, then > or >=, then a number in single quotes.`,
    );
  }
  if (value === '@latest') return { at: 'latest' };
  // Before the first event, in either way of counting.
  if (Number(value) < 0) return { at: 'earliest' };
  const at = annotation === 'offset' || annotation === 'sequence-number' ? KINDS[annotation] : KINDS['enqueued-time'];
  return { at, value: Number(value), inclusive: comparison === '>=' };
}
