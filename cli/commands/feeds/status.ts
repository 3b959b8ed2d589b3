import { systemClock } from '../../../platform/clock.ts';
import { loadConfiguration } from '../../../platform/configuration.ts';
import { feedStatus, type FeedStatus } from '../../../pipeline/enrichment/feed/feed-status.ts';
import { configuredFeeds } from '../../../pipeline/enrichment/feeds/registry.ts';
import { keptCopies, type CopiesOptions } from '../../feeds/kept-copies.ts';
import { writer } from '../../output.ts';
import { printable, shownTime, table } from '../../terminal.ts';

interface Options extends CopiesOptions {
  readonly config?: string;
  readonly format: 'table' | 'ndjson';
}

/** `crosstrail feeds status` */
export async function status(options: Options): Promise<void> {
  const { all } = configuredFeeds(await loadConfiguration(options.config));
  const { store } = await keptCopies(options);
  const now = systemClock.now();
  const statuses = await Promise.all(all.map((feed) => feedStatus(feed, store, now)));
  const out = writer(process.stdout);
  if (options.format === 'ndjson') for (const one of statuses) out.line(statusLine(one));
  else if (statuses.length === 0) out.line('no feeds are configured');
  else for (const line of statusLines(statuses)) out.line(line);
  await out.end();
}

function statusLines(statuses: readonly FeedStatus[]): string[] {
  const listed = table(statuses, [
    { title: 'FEED', cell: ({ id }) => id, max: 40 },
    { title: 'STATE', cell: ({ state }) => state },
    { title: 'AGE', cell: ({ age }) => ageText(age), right: true },
    { title: 'VERSION', cell: ({ manifest }) => manifest?.version ?? '' },
    { title: 'MODEL', cell: ({ manifest }) => manifest?.model ?? '' },
    { title: 'ROWS', cell: ({ manifest }) => String(manifest?.rows ?? ''), right: true },
    { title: 'FETCHED (UTC)', cell: ({ manifest }) => (manifest ? shownTime(manifest.fetched) : '') },
    { title: 'LAST LOOK (UTC)', cell: ({ check }) => (check ? shownTime(check.at) : '') },
  ]);
  const problems = statuses.flatMap(({ id, problem }) =>
    problem === undefined ? [] : [printable(`${id}: ${problem}`)],
  );
  return [listed, ...problems];
}

const SPANS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
] as const;

/** How long ago, in its largest unit; of two days and less in hours. */
function ageText(age: number | undefined): string {
  if (age === undefined) return '';
  const [length, unit] = SPANS.find(([span]) => age >= 2 * span) ?? [1000, 's'];
  return `${Math.floor(age / length)}${unit}`;
}

function statusLine({ id, title, state, age, manifest, check, problem }: FeedStatus): string {
  return JSON.stringify({
    ...{ type: 'feed', id, title, state },
    ...{ version: manifest?.version, model: manifest?.model, rows: manifest?.rows, bytes: manifest?.bytes },
    ageSeconds: age === undefined ? undefined : Math.round(age / 1000),
    fetched: timeText(manifest?.fetched),
    lastLook: timeText(check?.at),
    source: manifest?.source,
    problem,
  });
}

const timeText = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString();
