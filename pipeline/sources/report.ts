import type { JsonObject } from '../../platform/json.ts';

/** A scanner's report, taken apart into records: one for each thing found, with what it needs of the whole. */
export interface Report {
  readonly records: readonly JsonObject[];
  /** Why parts of it gave no record. */
  readonly rejected: readonly string[];
}

/** From one report no more records are made; GitHub itself takes 25,000 results of one run. */
export const MAX_RECORDS = 100_000;

/**
 * Where a record of a report carries when the report came, as ISO 8601 in UTC. Most scanners do not write when they ran: what they found was there at
 * the latest then.
 */
export const RECEIVED = 'received';

/** @param received when the report came, milliseconds since 1970-01-01T00:00:00Z; undefined where that is not known */
export const receivedText = (received: number | undefined): string | undefined =>
  received === undefined || !(received > 0 && received < 8.64e15) ? undefined : new Date(received).toISOString();
