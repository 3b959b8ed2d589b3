import type { ZodType } from 'zod';
import type { JsonObject } from '../../platform/json.ts';
import type { SourceId } from '../timeline/event.ts';
import type { LogSource, ReadRecord } from '../timeline/read-record.ts';

export type { LogSource, ReadRecord } from '../timeline/read-record.ts';

/** A log source: one folder each, one line in `registry.ts`. */
export interface Source {
  readonly id: SourceId;
  readonly title: string;
  /** The hub that this source is usually sent to. */
  readonly hub: string;
  /** Every log source, as Sigma rules name them, that `read` gives to records: what rules can be had for by connecting this. */
  readonly logsources: readonly LogSource[];
  /** Whether a record is this source's, by its category or shape alone. Must not throw. */
  readonly recognises: (record: JsonObject) => boolean;
  /** What a record must look like, as stated for people; `read` checks the same by hand, and a test proves that they agree. */
  readonly schema: ZodType;
  /**
   * Validates and normalises one record. Does not change the record. Never reaches recursively into it.
   * @throws RejectedRecord where the record cannot be an event; nothing else, for any JSON object whatever
   */
  readonly read: (record: JsonObject) => ReadRecord;
}

/** A record, or a whole body, that cannot become an event; its message tells a person why, naming the field and what was found. */
export class RejectedRecord extends Error {
  override readonly name = 'RejectedRecord';
}
