/** Thrown for a query of the timeline that cannot be answered: a cursor that no query gave, a limit or a time out of range. */
export class TimelineQueryError extends Error {
  override readonly name = 'TimelineQueryError';
}

export type Order = 'newest' | 'oldest';

/** Where a page of the timeline ended: at this event, named by its time and the hash of its id. */
export interface Position {
  readonly time: number;
  readonly event: string;
}

/** A position as opaque text for the caller to hand back. */
export function encodeCursor(order: Order, { time, event }: Position): string {
  return Buffer.from(`1 ${order} ${time} ${event}`).toString('base64url');
}

/**
 * Reads what {@link encodeCursor} wrote.
 * @throws TimelineQueryError for any other text, or a cursor of the other order
 */
export function decodeCursor(order: Order, cursor: string): Position {
  const text = Buffer.from(cursor.slice(0, 200), 'base64url').toString('latin1');
  const [, written, time, event] = /^1 (newest|oldest) (-?\d{1,16}) ([0-9a-f]{32})$/.exec(text) ?? [];
  const position = { time: Number(time), event: event ?? '' };
  if (written === undefined || Math.abs(position.time) > 8.64e15) {
    throw new TimelineQueryError('The cursor is not one that a query of the timeline gave: begin again without it.');
  }
  if (written !== order) {
    throw new TimelineQueryError(
      `The cursor continues a query for the ${written} first, and this one asks for the ${order}.`,
    );
  }
  return position;
}
