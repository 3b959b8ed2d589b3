import type { JsonObject } from '../../platform/json.ts';
import type { Event } from './event.ts';

/** Where a Sigma rule says its records come from, and where a record says it comes from. */
export interface LogSource {
  readonly category?: string | undefined;
  readonly product?: string | undefined;
  readonly service?: string | undefined;
}

/** A record as read by its source: the event, and what rules match on. */
export interface ReadRecord {
  readonly event: Event;
  /** The object that rules see: the record as its source wrote it, with strings that hold JSON opened where the source says so. */
  readonly fields: JsonObject;
  readonly logsource: LogSource;
}
