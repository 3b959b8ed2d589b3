import { atOnce } from '../../../platform/turns.ts';
import type { Feed } from '../feed/feed.ts';
import { parseKev, type Kev, type KevEntry } from '../kev.ts';
import { changesBetween, lessThanHalf, type Told } from './compare.ts';

const DAY = 86_400_000;
const MOST_BYTES = 32 * 1024 * 1024;

/** CISA's catalogue of Known Exploited Vulnerabilities, of which it publishes a new version some times a week. */
export const kevFeed = (url: string): Feed<Kev> => ({
  id: 'kev',
  title: 'KEV catalogue',
  maxAge: 2 * DAY,
  maxPublishedAge: 30 * DAY,
  fetch: (previous, http) =>
    http.get({ url, previous: previous?.manifest, maxBytes: MOST_BYTES, maxUnpackedBytes: MOST_BYTES }),
  parse: parseKev,
  describe: ({ version, released, entries }) => ({ version, rows: entries.size, published: timeOf(released) }),
  changes: (before, after) =>
    atOnce(
      changesBetween(
        { get: (cve) => before.entries.get(cve), all: () => before.entries },
        { get: (cve) => after.entries.get(cve), all: () => after.entries },
        listed,
        (cve, was, is) => edited(cve, was, is, before.digests.get(cve) !== after.digests.get(cve)),
      ),
    ),
  objection: (before, after) => lessThanHalf(before.entries.size, after.entries.size),
});

function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** The newest first. */
const listed = (cve: string, { name, dateAdded }: KevEntry): Told => ({
  weight: timeOf(dateAdded) ?? 0,
  text: () => [cve, name].filter((part) => part !== '').join(': '),
});

/** Entries are edited: a due date is moved, a use in ransomware campaigns becomes known. These first. */
function edited(cve: string, was: KevEntry, is: KevEntry, otherText: boolean): Told | undefined {
  const edits = [
    was.ransomware === is.ransomware ? '' : `use in ransomware campaigns ${is.ransomware ? '' : 'no longer '}known`,
    moved('due date', was.dueDate, is.dueDate),
    moved('date added', was.dateAdded, is.dateAdded),
    was.name === is.name && !otherText ? '' : 'text edited',
  ].filter((edit) => edit !== '');
  if (edits.length === 0) return undefined;
  const weight = was.ransomware === is.ransomware ? edits.length : 10;
  return { weight, text: () => `${cve}: ${edits.join(', ')}` };
}

const moved = (what: string, was: string, is: string): string =>
  was === is ? '' : `${what} ${is === '' ? 'gone' : is}, was ${was === '' ? 'none' : was}`;
