import { objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import { unreadable } from '../shared/rejection.ts';
import { RejectedRecord } from '../source.ts';
import { formatOf, type Format } from './formats.ts';
import { firstTime } from './times.ts';

/** What an event cannot do without. */
export interface Checked {
  readonly record: JsonObject;
  /** The finding's own id. */
  readonly id: string;
  readonly title: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  /** The same as the record wrote it. */
  readonly originalTime: string;
}

/** Where each format says when the finding was last written: the first that is a time counts. */
export const TIMES: Readonly<Record<Format, readonly string[]>> = {
  asff: ['UpdatedAt', 'LastObservedAt', 'CreatedAt'],
  inspector: ['updatedAt', 'lastObservedAt', 'firstObservedAt'],
  ocsf: ['time', 'time_dt'],
};

/** OCSF's classes of findings that are read: Vulnerability, Compliance and Detection Finding. */
export const CLASSES: ReadonlySet<unknown> = new Set([2002, 2003, 2004]);

/**
 * Checks what `schema.ts` states, without its cost.
 * @throws RejectedRecord naming the field, what was expected and what was found
 */
export function check(record: JsonObject): Checked & { readonly format: Format } {
  const format = formatOf(record);
  if (format === undefined) throw new RejectedRecord('expected a finding of Security Hub (ASFF or OCSF) or Inspector');
  const { id, title } = format === 'ocsf' ? identityOfOcsf(record) : identityOf(record, format);
  const found = firstTime(TIMES[format].map((name) => record[name]));
  const [name = ''] = TIMES[format];
  if (found === undefined) throw unreadable(name, 'a time', record[name]);
  return { format, record, id, title, ...found };
}

function identityOf(record: JsonObject, format: 'asff' | 'inspector'): { id: string; title: string } {
  const [idName, titleName] = format === 'asff' ? ['Id', 'Title'] : ['findingArn', 'title'];
  const id = textOf(record[idName]);
  if (id === undefined) throw unreadable(idName, 'the id of a finding', record[idName]);
  // Inspector leaves titles out of some findings; their kind is always there.
  const title = textOf(record[titleName]) ?? (format === 'inspector' ? textOf(record.type) : undefined);
  if (title === undefined) throw unreadable(titleName, 'the title of a finding', record[titleName]);
  // An id of another product than AWS's is its own only together with the product's.
  const isWhole = format === 'inspector' || id.startsWith('arn:');
  return { id: isWhole ? id : `${textOf(record.ProductArn) ?? ''}/${id}`, title };
}

function identityOfOcsf(record: JsonObject): { id: string; title: string } {
  if (!CLASSES.has(record.class_uid)) {
    throw unreadable('class_uid', 'a class of findings that is read (2002, 2003, 2004)', record.class_uid);
  }
  const info = objectOf(record.finding_info);
  const id = textOf(info?.uid);
  if (id === undefined) throw unreadable('finding_info.uid', 'the id of a finding', info?.uid);
  const title = textOf(info?.title);
  if (title === undefined) throw unreadable('finding_info.title', 'the title of a finding', info?.title);
  return { id, title };
}
