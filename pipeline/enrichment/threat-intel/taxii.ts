import { z } from 'zod';
import type { Clock } from '../../../platform/clock.ts';
import type { IntelSourceSettings } from '../../../platform/configuration/threat-intel.ts';
import { arrayOf, isObject, parseJson, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { Copy } from '../copies/copy.ts';
import { FeedError } from '../feed-error.ts';
import type { FeedHttp, FeedResponse } from '../feed/feed-http.ts';
import type { Fetched } from '../feed/feed.ts';
import { changedAt, newestIndicators } from './formats/stix.ts';
import { timeIn } from './formats/statement.ts';

/** What is kept of a collection: its indicators, and how far it was read. */
const collectionSchema = z.object({
  format: z.literal('taxii-collection'),
  /** `X-TAXII-Date-Added-Last` of the last page; absent where the server gave none. */
  addedLast: z.string().optional(),
  objects: z.array(z.custom<JsonObject>(isObject)),
});

const MEDIA_TYPE = 'application/taxii+json;version=2.1';
const PAGE = 1000;
/** In one update; what is left of a large collection, or of one whose server is slow, is read with the next. */
const MOST_PAGES = 200;
const MOST_BYTES = 256 * 1024 * 1024;
/** Milliseconds after which no further page is asked for: other sources wait for their turn. */
const LONGEST = 2 * 60_000;
/** What ended longer ago is not kept. */
const KEPT_AFTER_END = 90 * 86_400_000;
/** What looking things up needs of an indicator. */
const KEPT = [
  ...['type', 'id', 'created', 'modified', 'revoked', 'name', 'description', 'pattern', 'pattern_type'],
  ...['valid_from', 'valid_until', 'confidence', 'labels', 'indicator_types'],
] as const;

/**
 * Reads a collection of a TAXII 2.1 server: what was added since it was last read, put together with what is kept of it.
 * https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html, chapters 3.4 (paging) and 5.4 (objects)
 * @throws FeedError where it cannot be read whole
 */
export async function fetchCollection(
  { settings, collection, headers }: CollectionAddress,
  previous: Copy | undefined,
  http: FeedHttp,
  clock: Clock,
): Promise<Fetched | 'unchanged'> {
  const source = new URL('objects/', collection.replace(/(?:\/objects)?\/?$/, '/'));
  const before = previous?.manifest.source === sourceOf(source) ? keptIn(previous.body) : undefined;
  const { objects, addedLast } = await readPages({ source, headers }, before?.addedLast, http, clock);
  const indicators = newestIndicators([...(before?.objects ?? []), ...objects]);
  const now = clock.now();
  const kept = [...indicators.values()].filter((indicator) => !isOver(indicator, settings.expires, now));
  const unchanged = before !== undefined && objects.length === 0 && kept.length === before.objects.length;
  if (unchanged) return 'unchanged';
  const newestFirst = kept.sort((one, other) => changedAt(other) - changedAt(one)).slice(0, settings.maxIndicators * 2);
  const body: z.infer<typeof collectionSchema> = {
    format: 'taxii-collection',
    ...(addedLast !== undefined && { addedLast }),
    objects: newestFirst,
  };
  return { body: new TextEncoder().encode(JSON.stringify(body)), source: sourceOf(source) };
}

export interface CollectionAddress {
  readonly settings: IntelSourceSettings;
  /** Its address, or that of its objects. */
  readonly collection: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The objects of a collection as {@link fetchCollection} keeps it.
 * @throws FeedError for anything else
 */
export function collectionObjects(body: Uint8Array): readonly JsonObject[] {
  const kept = keptIn(body);
  if (kept === undefined) throw new FeedError('not what is kept of a TAXII collection');
  return kept.objects;
}

function keptIn(body: Uint8Array): z.infer<typeof collectionSchema> | undefined {
  try {
    return collectionSchema.safeParse(parseJson(new TextDecoder().decode(body))).data;
  } catch {
    return undefined;
  }
}

const sourceOf = ({ origin, pathname }: URL): string => `${origin}${pathname}`.slice(0, 512);

interface Pages {
  readonly objects: Json[];
  readonly addedLast: string | undefined;
}

/** All pages from a time on. Where a server says that there is more and not where, the time that the page ends with tells. */
async function readPages(
  { source, headers }: { readonly source: URL; readonly headers: Readonly<Record<string, string>> },
  since: string | undefined,
  http: FeedHttp,
  clock: Clock,
): Promise<Pages> {
  const objects: Json[] = [];
  const end = clock.now() + LONGEST;
  let bytes = 0;
  let [addedAfter, addedLast, next] = [since, since, undefined as string | undefined];
  for (let page = 0; page < MOST_PAGES && bytes < MOST_BYTES && clock.now() < end; page++) {
    const url = pageAddress(source, addedAfter, next);
    const response = await http.get({ url, headers: { accept: MEDIA_TYPE, ...headers } });
    if (response === 'unchanged') throw new FeedError('it answered that nothing changed, though it was not asked that');
    bytes += response.body.length;
    const envelope = envelopeOf(response);
    for (const object of envelope.objects) objects.push(essence(object));
    addedLast = later(addedLast, response.headers['x-taxii-date-added-last']);
    if (!envelope.more) return { objects, addedLast };
    if (envelope.next !== undefined) {
      if (envelope.next === next) throw new FeedError('it gives the same page again and again');
      next = envelope.next;
    } else {
      if (addedLast === addedAfter) throw new FeedError('it says that there is more, and not where');
      [addedAfter, next] = [addedLast, undefined];
    }
  }
  return { objects, addedLast: resumedFrom(addedLast, since) };
}

/** From where a collection is read on that was not read to its end: what was added at the same moment as the last may be left. */
function resumedFrom(addedLast: string | undefined, since: string | undefined): string {
  const time = timeIn(addedLast);
  if (time === undefined || time - 1 <= (timeIn(since) ?? -Infinity)) {
    throw new FeedError(
      `it cannot be read at once (${MOST_PAGES} pages, ${LONGEST / 1000} s), and says not where to go on another time`,
    );
  }
  return new Date(time - 1).toISOString();
}

function pageAddress(source: URL, addedAfter: string | undefined, next: string | undefined): string {
  const url = new URL(source);
  url.searchParams.set('match[type]', 'indicator');
  url.searchParams.set('limit', String(PAGE));
  if (addedAfter !== undefined) url.searchParams.set('added_after', addedAfter);
  if (next !== undefined) url.searchParams.set('next', next);
  return url.href;
}

interface Envelope {
  readonly objects: readonly Json[];
  readonly more: boolean;
  readonly next: string | undefined;
}

/** An envelope without objects is how a server says that there are none. */
function envelopeOf({ body }: FeedResponse): Envelope {
  let value: Json;
  try {
    value = parseJson(new TextDecoder().decode(body));
  } catch {
    throw new FeedError('its answer is not JSON');
  }
  const objects = isObject(value) ? arrayOf(value.objects ?? []) : undefined;
  if (!isObject(value) || objects === undefined) throw new FeedError('its answer is no TAXII 2.1 envelope');
  return { objects, more: value.more === true, next: textOf(value.next) };
}

/** The later of two times in ISO 8601, as it was written; what is no time is passed over. */
function later(one: string | undefined, other: string | undefined): string | undefined {
  const time = timeIn(other);
  if (time === undefined) return one;
  return time >= (timeIn(one) ?? -Infinity) ? other : one;
}

function essence(object: Json): Json {
  if (!isObject(object)) return null;
  return Object.fromEntries(KEPT.flatMap((name) => (object[name] === undefined ? [] : [[name, object[name]]])));
}

/** Whether it ended so long ago that no event that still comes is of that time. */
function isOver(indicator: JsonObject, expires: number, now: number): boolean {
  const changed = changedAt(indicator);
  const end = timeIn(indicator.valid_until) ?? (changed === 0 ? now : changed + expires);
  return end + KEPT_AFTER_END < now;
}
