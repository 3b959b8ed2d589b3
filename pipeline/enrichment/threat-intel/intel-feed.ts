import { createHash } from 'node:crypto';
import { systemClock, type Clock } from '../../../platform/clock.ts';
import type { IntelSourceSettings, ThreatIntelSettings } from '../../../platform/configuration/threat-intel.ts';
import type { Json, JsonObject } from '../../../platform/json.ts';
import { atOnce } from '../../../platform/turns.ts';
import type { Copy } from '../copies/copy.ts';
import { FeedError } from '../feed-error.ts';
import { fetchFile } from '../feed/fetch-file.ts';
import type { FeedHttp } from '../feed/feed-http.ts';
import type { Feed, Fetched } from '../feed/feed.ts';
import { unpacked } from '../feed/unpacked.ts';
import { readCsvIndicators } from './formats/csv.ts';
import { readList } from './formats/list.ts';
import { addIndicators, changedAt, newestIndicators, stixObjects } from './formats/stix.ts';
import { IgnoredValues } from './ignored-values.ts';
import type { IndicatorDetail, IndicatorTable } from './indicator-table.ts';
import { changesOf, objectionTo } from './intel-changes.ts';
import { authorizationHeaders } from './intel-request.ts';
import { TableBuilder } from './table-builder.ts';
import { collectionObjects, fetchCollection } from './taxii.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const DAY = 86_400_000;

export interface IntelFeedPorts {
  /** Where secrets are; the process's unless told. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly clock?: Clock | undefined;
}

/** What is never an attacker's: what the configuration says, and the networks by which one's own people and workloads go out. */
export const ignoredValues = (
  { ignore }: Pick<ThreatIntelSettings, 'ignore'>,
  networks: readonly { readonly cidr: string }[],
): IgnoredValues => new IgnoredValues([...ignore, ...networks.map(({ cidr }) => cidr)]);

/** The sources of indicators that are configured, as feeds: `intel/<name>`. */
export const intelFeeds = (
  settings: Pick<ThreatIntelSettings, 'sources' | 'ignore'>,
  ignored: IgnoredValues,
  ports: IntelFeedPorts = {},
): Feed<IndicatorTable>[] => settings.sources.map((source) => intelFeed(source, ignored, ports));

function intelFeed(
  settings: IntelSourceSettings,
  ignored: IgnoredValues,
  { environment = process.env, clock = systemClock }: IntelFeedPorts,
): Feed<IndicatorTable> {
  return {
    id: `intel/${settings.name}`,
    title: `indicators of ${settings.name}`,
    maxAge: DAY,
    fetch: (previous, http) => fetchSource(settings, previous, http, { environment, clock }),
    parse: (body) => atOnce(sourcePieces(settings, body, ignored)),
    pieces: (body) => sourcePieces(settings, body, ignored),
    describe: ({ version, size }) => ({ version, rows: size }),
    changes: changesOf,
    // What a collection says goes little by little; what is withdrawn is withdrawn one by one.
    ...(settings.taxii === undefined && { objection: objectionTo }),
  };
}

async function fetchSource(
  settings: IntelSourceSettings,
  previous: Copy | undefined,
  http: FeedHttp,
  { environment, clock }: { readonly environment: NodeJS.ProcessEnv; readonly clock: Clock },
): Promise<Fetched | 'unchanged'> {
  if (settings.file !== undefined) return fetchFile(settings.file, previous);
  const headers = authorizationHeaders(settings.authorization, environment);
  if (settings.taxii !== undefined)
    return fetchCollection({ settings, collection: settings.taxii, headers }, previous, http, clock);
  return http.get({ url: settings.url ?? '', headers, previous: previous?.manifest });
}

/** What a source says, in pieces; JSON is taken apart in one. */
function* sourcePieces(
  settings: IntelSourceSettings,
  body: Uint8Array,
  ignored: IgnoredValues,
): Generator<void, IndicatorTable> {
  const builder = new TableBuilder(settings, ignored);
  const { confidence, labels, expires } = settings;
  const common: IndicatorDetail = { confidence, labels };
  const addStix = function* (objects: readonly Json[]): Generator<void, IndicatorTable> {
    yield;
    const indicators = newestIndicators(objects);
    yield* addIndicators(indicators, common, expires, builder);
    return builder.build(lastChangeOf(indicators.values()));
  };
  if (settings.taxii !== undefined) return yield* addStix(collectionObjects(body));
  const bytes = unpacked(body, MAX_BYTES);
  if (/^\s*</.test(textOf(bytes.subarray(0, 512)))) throw new FeedError('it is a page for people, not indicators');
  const format = formatOf(settings);
  yield;
  if (format === 'list') yield* readList(bytes, common, builder);
  else if (format === 'csv') yield* readCsvIndicators(textOf(bytes), settings.columns, common, builder);
  const table = format === 'stix' ? yield* addStix(stixObjects(textOf(bytes))) : builder.build(fingerprintOf(bytes));
  if (table.size === 0) throw new FeedError('there is no indicator in it that can be used');
  return table;
}

/** When the last of some indicators was changed, for STIX gives what it says no version. */
function lastChangeOf(indicators: Iterable<JsonObject>): string {
  let last = 0;
  for (const indicator of indicators) last = Math.max(last, changedAt(indicator));
  return last === 0 ? '' : new Date(last).toISOString();
}

/** Lists have no version: the beginning of their checksum tells one from another. */
const fingerprintOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 12);

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** As it is told, or as the name ends. */
function formatOf({ format, file, url, columns }: IntelSourceSettings): 'list' | 'csv' | 'stix' {
  if (format !== undefined) return format;
  if (columns !== undefined) return 'csv';
  const name = (file ?? new URL(url ?? '').pathname).toLowerCase().replace(/\.gz$/, '');
  if (name.endsWith('.csv')) return 'csv';
  return /\.(?:json|stix)$/.test(name) ? 'stix' : 'list';
}
