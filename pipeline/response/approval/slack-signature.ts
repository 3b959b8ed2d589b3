import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { RowExistsError, type Tables } from '../../../platform/storage/ports.ts';

/** A request of Slack, as it came: the signature is over the very bytes of the body. */
export interface SlackCall {
  readonly body: Uint8Array;
  /** The header `X-Slack-Request-Timestamp`. */
  readonly timestamp: string | undefined;
  /** The header `X-Slack-Signature`. */
  readonly signature: string | undefined;
}

export type SlackRefusal = 'unsigned' | 'old' | 'not-signed-so';

/** Slack itself advises to pass over what is older, seconds: https://docs.slack.dev/authentication/verifying-requests-from-slack */
const OLDEST = 300;
const TABLE = 'slackrequests';
const PARTITION = 'seen';

/**
 * Whether a request comes from Slack, and lately.
 * @param now milliseconds since 1970-01-01T00:00:00Z
 */
export function refuseSlackCall(
  { body, timestamp, signature }: SlackCall,
  secret: string,
  now: number,
): SlackRefusal | undefined {
  if (timestamp === undefined || signature === undefined || !/^\d{1,12}$/.test(timestamp)) return 'unsigned';
  if (Math.abs(now / 1000 - Number(timestamp)) > OLDEST) return 'old';
  const expected = Buffer.from(
    `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`,
  );
  const found = Buffer.from(signature);
  return found.length === expected.length && timingSafeEqual(found, expected) ? undefined : 'not-signed-so';
}

/**
 * Notes a request that was verified; what is noted is dropped when it is too old to be taken anyway.
 * @returns whether it is the first time: the same signature again is a replay
 */
export async function isFirst(tables: Tables, { timestamp = '', signature = '' }: SlackCall): Promise<boolean> {
  const rowOf = (seconds: number): string => String(seconds).padStart(12, '0');
  const seconds = Number(timestamp);
  const row = `${rowOf(seconds)}-${createHash('sha256').update(signature).digest('hex')}`;
  // Twice the span, for requests may come with a time in the future.
  const { rows } = await tables.query(TABLE, PARTITION, { to: rowOf(Math.max(0, seconds - 2 * OLDEST)), limit: 50 });
  try {
    await tables.commit(TABLE, PARTITION, [
      { kind: 'insert', row, cells: {} },
      ...rows.map((old) => ({ kind: 'delete' as const, row: old.row })),
    ]);
    return true;
  } catch (error) {
    if (error instanceof RowExistsError) return false;
    throw error;
  }
}
