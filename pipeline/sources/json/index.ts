import { z } from 'zod';
import { arrayOf, objectOf, own, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { UNKNOWN_PRINCIPAL } from '../../timeline/event.ts';
import { RejectedRecord, type LogSource, type Source } from '../source.ts';
import { eventId, recordHash } from '../shared/event-id.ts';
import { parseTime } from '../shared/time.ts';

const ANY: LogSource = {};
const TIMES = ['time', 'timestamp', '@timestamp', 'eventTime', 'TimeGenerated', 'requestReceivedTimestamp', 'ts'];
const IDS = [
  'eventID',
  'auditID',
  'properties.id',
  'eventDataId',
  'properties.eventDataId',
  'EventDataId',
  'insertId',
  'id',
  'Id',
];
/** What identifies a row of the Azure Activity log that has no id, together. */
const ACTIVITY_ID = ['correlationId', 'operationName', 'resultType'];

/**
 * Records passed through as they are, for rules over logs that no source reads: `scan --source json`. Every rule applies to them, whatever its log source.
 * @param timeField dotted path of the event time; where it is not given the usual names are tried, and a record without one counts as of 1970
 */
export function jsonSource(timeField?: string): Source {
  return {
    id: 'json',
    title: 'any JSON',
    hub: '',
    logsources: [ANY],
    recognises: () => true,
    schema: z.looseObject({}),
    read: (record) => {
      const hash = recordHash(record);
      const id =
        IDS.map((path) => idAt(record, path)).find((found) => found !== undefined) ?? activityId(record) ?? hash;
      const time = timeField === undefined ? usualTime(record) : statedTime(record, timeField);
      return {
        logsource: ANY,
        fields: record,
        event: {
          // Whether `id` of an unknown kind of record is unique is unknown too: only records that are the same throughout are one event.
          id: eventId('json', hash),
          source: 'json',
          recordId: id,
          time,
          principal: UNKNOWN_PRINCIPAL,
          entities: [],
          ocsf: {
            category_uid: 0,
            class_uid: 0,
            activity_id: 0,
            type_uid: 0,
            severity_id: 0,
            time,
            metadata: { version: '1.8.0', product: { name: 'JSON', vendor_name: 'unknown' }, uid: id },
            unmapped: record,
          },
        },
      };
    },
  };
}

function idAt(record: JsonObject, path: string): string | undefined {
  const value = valueAt(record, path);
  return typeof value === 'number' ? String(value) : textOf(value);
}

function activityId(record: JsonObject): string | undefined {
  const parts = ACTIVITY_ID.map((name) => textOf(own(record, name)));
  return parts.includes(undefined) ? undefined : parts.join('+');
}

function usualTime(record: JsonObject): number {
  for (const name of TIMES) {
    const time = parseTime(own(record, name));
    if (time !== undefined) return time;
  }
  return 0;
}

function statedTime(record: JsonObject, timeField: string): number {
  const value = valueAt(record, timeField);
  const time = parseTime(value);
  if (time !== undefined) return time;
  throw new RejectedRecord(
    value === undefined
      ? `${timeField}: expected a time, but the record has no such field`
      : `${timeField}: expected a time, found ${JSON.stringify(value).slice(0, 60)}`,
  );
}

/** A dotted path, through arrays by number; a property whose own name has the dots comes first. */
function valueAt(record: JsonObject, path: string): Json | undefined {
  const whole = own(record, path);
  if (whole !== undefined) return whole;
  let value: Json | undefined = record;
  for (const name of path.split('.')) {
    const list: readonly Json[] | undefined = arrayOf(value);
    const object: JsonObject | undefined = objectOf(value);
    value = list ? list[Number(name)] : object && own(object, name);
  }
  return value;
}
