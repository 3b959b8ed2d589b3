import { systemClock } from '../../../platform/clock.ts';
import { loadConfiguration } from '../../../platform/configuration.ts';
import { FeedError } from '../../../pipeline/enrichment/feed-error.ts';
import type { Fetched } from '../../../pipeline/enrichment/feed/feed.ts';
import { fetchFile } from '../../../pipeline/enrichment/feed/fetch-file.ts';
import { feedHttp } from '../../../pipeline/enrichment/feed/http-client.ts';
import { reportText } from '../../../pipeline/enrichment/feed/report-text.ts';
import { updateFeed, type FeedReport } from '../../../pipeline/enrichment/feed/update-feed.ts';
import { configuredFeeds } from '../../../pipeline/enrichment/feeds/registry.ts';
import { keptCopies, type CopiesOptions } from '../../feeds/kept-copies.ts';
import { namedFeeds } from '../../feeds/named-feeds.ts';
import { writer } from '../../output.ts';
import { UnusableInputError } from '../../scan/files.ts';

interface Options extends CopiesOptions {
  readonly feed?: readonly string[];
  readonly from?: string;
  readonly force?: boolean;
  readonly config?: string;
  readonly format: 'table' | 'ndjson';
}

/**
 * `crosstrail feeds update`
 * @returns 1 where a feed was not taken
 */
export async function update(options: Options): Promise<number> {
  const feeds = namedFeeds(configuredFeeds(await loadConfiguration(options.config)).published, options.feed);
  const from = await givenFile(options);
  const { store, where } = await keptCopies(options);
  const http = feedHttp();
  const out = writer(process.stdout);
  let kept = 0;
  for (const feed of feeds) {
    const report = await updateFeed(feed, store, http, systemClock, { force: options.force, from });
    out.line(options.format === 'ndjson' ? reportLine(report) : reportText(report));
    if (report.outcome === 'kept') kept++;
  }
  await out.end();
  process.stderr.write(
    `crosstrail: ${feeds.length - kept} of ${feeds.length} feeds are kept in ${where} as their publishers have them\n`,
  );
  return kept === 0 ? 0 : 1;
}

async function givenFile({ feed, from }: Options): Promise<Fetched | undefined> {
  if (from === undefined) return undefined;
  if (feed?.length !== 1)
    throw new UnusableInputError('--from: name the one feed that the file is, such as --feed epss');
  try {
    const fetched = await fetchFile(from, undefined);
    return fetched === 'unchanged' ? undefined : fetched;
  } catch (error) {
    throw error instanceof FeedError ? new UnusableInputError(error.message) : error;
  }
}

function reportLine({ id, outcome, problem, manifest, changes }: FeedReport): string {
  const { version, model, rows, bytes, source } = manifest ?? {};
  return JSON.stringify({ type: 'feed-update', id, outcome, problem, version, model, rows, bytes, source, changes });
}
