import { printable } from '../../../platform/printable.ts';
import type { FeedChanges } from '../copies/copy.ts';
import type { FeedReport } from './update-feed.ts';

/** What came of an update, in one line for people. */
export function reportText({ id, outcome, problem, manifest, changes }: FeedReport): string {
  if (outcome === 'kept') {
    const stays = manifest === undefined ? 'there is no copy of it' : `the copy of version ${manifest.version} stays`;
    return printable(`${id}: not taken, ${stays}: ${problem ?? 'unknown'}`);
  }
  const version = manifest === undefined ? '' : `version ${manifest.version}, ${manifest.rows} rows`;
  if (outcome === 'unchanged') return printable(`${id}: unchanged, ${version}`);
  return printable(`${id}: new, ${version}${changes === undefined ? '' : `: ${changesText(changes)}`}`);
}

/** How much changed, in few words. */
export const changesText = ({ added, changed, withdrawn, note }: FeedChanges): string =>
  `${added} added, ${changed} changed, ${withdrawn} withdrawn${note === undefined ? '' : `; ${note}`}`;
