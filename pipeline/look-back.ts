import { hash } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import type { Hubs } from '../platform/hubs.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Blobs } from '../platform/storage/ports.ts';
import { Turns } from '../platform/turns.ts';
import { enrichEvent } from './enrichment/enrich-event.ts';
import type { Knowledge } from './enrichment/knowledge.ts';
import type { IndicatorTable } from './enrichment/threat-intel/indicator-table.ts';
import { messageOf, TIMELINE_HUB } from './ingest.ts';
import type { Matcher } from './read-body.ts';
import type { OwnActions } from './response/own-actions/footprints.ts';
import { suppressOwn } from './suppress-own.ts';
import type { StoredEvent } from './timeline/codec.ts';
import { ipKey } from './timeline/entity-keys.ts';
import { inParallel } from './timeline/store/parallel.ts';
import type { TimelineStore } from './timeline/store.ts';

export interface LookBackPorts {
  /** The indicators of each source that is loaded, by the id of its feed. */
  readonly sources: ReadonlyMap<string, IndicatorTable>;
  readonly knowledge: Knowledge;
  readonly matcher: Matcher;
  /** What responses did themselves: it raises no alerts. Undefined where nothing responds. */
  readonly own?: OwnActions | undefined;
  readonly timeline: Pick<TimelineStore, 'byEntity'>;
  readonly hubs: Hubs;
  readonly blobs: Blobs;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** How far back events are looked for, milliseconds. */
  readonly span: number;
  /** When it is to end, milliseconds since 1970-01-01T00:00:00Z; the rest is for the next run. */
  readonly deadline: number;
}

/** Which indicators were looked back for: a blob for each source. */
const CONTAINER = 'looked-back';
const PIECE = 500;
const AT_ONCE = 16;
/** So many events of one address are looked at, the latest first. */
const MOST_EVENTS = 200;
const HASH_BYTES = 6;

/**
 * Finds what happened before somebody told of its address: for each address that a source names anew, its events of the last days. What rules make
 * of these with what is known now goes to the `timeline` hub once more, where the event is known and the new signals are not. Safe to be run
 * again, whole or in part.
 * @throws whatever storage or the hub throws
 */
export async function lookBack(ports: LookBackPorts): Promise<void> {
  for (const [feed, table] of ports.sources) {
    const before = await lookedAt(ports.blobs, feed);
    const present = await addressesOf(table);
    const fresh = [...present].filter(([, hash]) => !before.has(hash)).map(([value]) => value);
    // What a source takes back and says again later is looked for again.
    const done = new Set([...present.values()].filter((hash) => before.has(hash)));
    if (fresh.length === 0 && done.size === before.size) continue;
    try {
      for (let at = 0; at < fresh.length && ports.clock.now() < ports.deadline; at += PIECE) {
        const piece = fresh.slice(at, at + PIECE);
        await inParallel(piece, AT_ONCE, (address) => lookFor(address, ports));
        for (const address of piece) done.add(hashOf(address));
        ports.metrics.count('looked_back', piece.length);
      }
    } finally {
      // What was done before a fault is not done again.
      await ports.blobs.put(CONTAINER, blobOf(feed), packed(done));
    }
  }
}

/** The addresses that a source names, and their hashes; others have their turn meanwhile. */
async function addressesOf(table: IndicatorTable): Promise<ReadonlyMap<string, number>> {
  const addresses = new Map<string, number>();
  const turns = new Turns();
  for (const value of table.values()) {
    if (!isAddress(value)) continue;
    addresses.set(value, hashOf(value));
    if (addresses.size % PIECE === 0) await turns.next();
  }
  return addresses;
}

async function lookFor(address: string, ports: LookBackPorts) {
  const { timeline, knowledge, matcher, own, hubs, metrics, clock, span } = ports;
  const from = clock.now() - span;
  const { events } = await timeline.byEntity(ipKey(address), { from, order: 'newest', limit: MOST_EVENTS });
  const fresh = events.flatMap((event) => withNewSignals(event, knowledge, matcher) ?? []);
  const told = await Promise.all(fresh.map((event) => suppressOwn(event, own)));
  if (told.length === 0) return;
  await hubs.send(TIMELINE_HUB, told.map(messageOf));
  metrics.count('late_signals', told.length);
}

/** The event with what rules make of it by now; undefined where that is nothing new. Its record is not at hand: rules that look at it make nothing. */
function withNewSignals(event: StoredEvent, knowledge: Knowledge, matcher: Matcher): StoredEvent | undefined {
  const { signals, matches = [], ...bare } = event;
  const enriched = enrichEvent({ ...bare, ocsf: { ...bare.ocsf, enrichments: undefined } }, knowledge);
  const read = { event: enriched, fields: {}, logsource: {} };
  const known = new Set([...signals.map(({ rule }) => rule.id), ...matches.map(({ rule }) => rule)]);
  const fired = matcher.match(read).filter(({ rule }) => !known.has(rule.id));
  if (fired.length === 0) return undefined;
  const fresh = matcher.standing?.(read, fired) ?? { signals: fired, matches: [] };
  const all = [...matches, ...fresh.matches];
  return { ...enriched, signals: [...signals, ...fresh.signals], ...(all.length > 0 && { matches: all }) };
}

const isAddress = (value: string): boolean => !value.includes('/') && /^[\d.]+$|:/.test(value);

const hashOf = (value: string): number => Number.parseInt(hash('sha256', value, 'hex').slice(0, HASH_BYTES * 2), 16);

const blobOf = (feed: string): string => `${feed}.hashes`;

async function lookedAt(blobs: Blobs, feed: string): Promise<Set<number>> {
  const { body } = (await blobs.get(CONTAINER, blobOf(feed))) ?? {};
  const bytes = Buffer.from(body ?? []);
  const hashes = new Set<number>();
  for (let at = 0; at + HASH_BYTES <= bytes.length; at += HASH_BYTES) hashes.add(bytes.readUIntBE(at, HASH_BYTES));
  return hashes;
}

function packed(hashes: ReadonlySet<number>): Uint8Array {
  const bytes = Buffer.alloc(hashes.size * HASH_BYTES);
  let at = 0;
  for (const hash of hashes) at = bytes.writeUIntBE(hash, at, HASH_BYTES);
  return bytes;
}
