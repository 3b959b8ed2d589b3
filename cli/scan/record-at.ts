import type { Matcher } from '../../pipeline/read-body.ts';
import type { Source } from '../../pipeline/sources/source.ts';
import type { ReadRecord } from '../../pipeline/timeline/read-record.ts';
import { UnusableInputError } from './files.ts';
import { readFile, type Place } from './read-file.ts';

const NO_RULES: Matcher = { match: () => [] };

/**
 * Reads one record of a file, which may have any form that `scan` reads; the file is read no further than to it.
 * @param which its number within the file, from 0, or its own id or that of its event
 * @throws UnusableInputError where there is no such record, or why it is rejected
 */
export async function recordAt(
  file: string,
  which: string,
  source: Source | undefined,
): Promise<{ readonly read: ReadRecord; readonly place: Place }> {
  const number = /^\d{1,15}$/.test(which) ? Number(which) : undefined;
  let records = 0;
  for await (const piece of readFile(file, NO_RULES, source)) {
    for (const { read, place } of piece.accepted) {
      const { event } = read;
      if (number === undefined ? event.recordId === which || event.id === which : place.record === number) {
        return { read, place };
      }
    }
    const rejected = piece.rejected.find(({ place }) => place.record === number);
    if (piece.unreadable || rejected !== undefined) {
      const { place, reason } = rejected ?? piece.rejected[0] ?? { place: { file, record: records }, reason: '' };
      if (piece.unreadable) throw new UnusableInputError(`${file}: ${reason}`);
      throw new UnusableInputError(`${file} record ${place.record} is rejected: ${reason}`);
    }
    records += piece.records;
  }
  const held = records === 1 ? 'holds 1 record, number 0' : `holds ${records} records, numbered from 0`;
  throw new UnusableInputError(`${file} ${held}: there is no record ${which}`);
}
