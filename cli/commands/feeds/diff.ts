import { loadConfiguration } from '../../../platform/configuration.ts';
import type { CopyVersion, LastChange } from '../../../pipeline/enrichment/copies/copy.ts';
import { changesText } from '../../../pipeline/enrichment/feed/report-text.ts';
import { configuredFeeds } from '../../../pipeline/enrichment/feeds/registry.ts';
import { keptCopies, type CopiesOptions } from '../../feeds/kept-copies.ts';
import { namedFeeds } from '../../feeds/named-feeds.ts';
import { writer } from '../../output.ts';
import { printable, shownTime } from '../../terminal.ts';

interface Options extends CopiesOptions {
  readonly config?: string;
  readonly format: 'table' | 'ndjson';
}

/** `crosstrail feeds diff [id...]` */
export async function diff(ids: readonly string[], options: Options): Promise<void> {
  const feeds = namedFeeds(configuredFeeds(await loadConfiguration(options.config)).all, ids);
  const { store } = await keptCopies(options);
  const out = writer(process.stdout);
  for (const { id } of feeds) {
    const change = (await store.check(id))?.lastChange;
    if (options.format === 'table') for (const line of changeLines(id, change)) out.line(line);
    else if (change !== undefined) {
      out.line(JSON.stringify({ type: 'feed-change', id, ...change, at: new Date(change.at).toISOString() }));
    }
  }
  await out.end();
}

function changeLines(id: string, change: LastChange | undefined): string[] {
  if (change === undefined) return [`${id}: no copy has taken the place of another yet`];
  const { at, from, to, changes } = change;
  const told = `${id}: ${versionText(from)} became ${versionText(to)}, ${shownTime(at)} UTC`;
  if (changes === undefined) return [printable(told)];
  const marked = (mark: string, examples: readonly string[], of: number): string[] => [
    ...examples.map((example) => `  ${mark} ${example}`),
    ...(of > examples.length && examples.length > 0 ? [`  ${mark} and ${of - examples.length} more`] : []),
  ];
  return [
    `${told}: ${changesText(changes)}`,
    ...marked('+', changes.examples.added, changes.added),
    ...marked('~', changes.examples.changed, changes.changed),
    ...marked('-', changes.examples.withdrawn, changes.withdrawn),
  ].map(printable);
}

const versionText = ({ version, model, rows }: CopyVersion): string =>
  `${version === '' ? 'a version' : version} (${model === undefined ? '' : `model ${model}, `}${rows} rows)`;
