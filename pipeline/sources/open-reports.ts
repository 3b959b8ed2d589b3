import type { JsonObject } from '../../platform/json.ts';
import type { Decoded } from './decode.ts';
import { withoutSecret } from './github/secret.ts';
import { isOfLog } from './log-record.ts';
import { wholeRoom, type Report, type Room } from './report.ts';
import { sarifResults } from './sarif/results-of.ts';
import { trivyFindings } from './trivy/findings-of.ts';

/**
 * Takes the reports of scanners among decoded records apart, each thing found a record of its own, and takes the secrets out that GitHub's scanner found: here,
 * before anything is archived.
 * @param received when the body came, milliseconds since 1970-01-01T00:00:00Z
 * @returns the same list where there is nothing of either, which is so with all audit logs
 */
export function openReports(found: Decoded[], received: number | undefined): Decoded[] {
  if (!found.some((place) => 'record' in place && isTouched(place.record))) return found;
  const opened: Decoded[] = [];
  const room = wholeRoom();
  for (const place of found) {
    if ('rejected' in place) opened.push({ index: opened.length, rejected: place.rejected });
    else {
      const report = reportOf(place.record, received, room);
      for (const record of report?.records ?? [withoutSecret(place.record)]) {
        opened.push({ index: opened.length, record });
      }
      for (const rejected of report?.rejected ?? []) opened.push({ index: opened.length, rejected });
    }
  }
  return opened;
}

/** Whether a record has one of the names by which reports and alerts over secrets are known: every record is asked this. */
const isTouched = (record: JsonObject): boolean =>
  !isOfLog(record) &&
  (record['runs'] !== undefined ||
    record['SchemaVersion'] !== undefined ||
    record['alert'] !== undefined ||
    record['secret'] !== undefined);

const reportOf = (record: JsonObject, received: number | undefined, room: Room): Report | undefined =>
  sarifResults(record, received, room) ?? trivyFindings(record, received, room);
