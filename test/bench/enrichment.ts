import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { exposureOf, standingConditions } from '../../pipeline/enrichment/assets/exposure.ts';
import { parseEpss } from '../../pipeline/enrichment/epss.ts';
import { parseKev } from '../../pipeline/enrichment/kev.ts';
import { enrichEvent } from '../../pipeline/enrichment/enrich-event.ts';
import { NetworkContext } from '../../pipeline/enrichment/network/network-context.ts';
import { ThreatIntel } from '../../pipeline/enrichment/threat-intel/threat-intel.ts';
import { benchFeeds } from './generated-feeds.ts';
import { benchAddress, benchDatabase, benchEvent, benchIndicators, benchRanges } from './known-addresses.ts';
import { benchInventory } from './known-assets.ts';
import { median } from './rates.ts';

/** What is held in memory of one feed, and how long it took to read it. */
export interface Held {
  readonly name: string;
  readonly bytes: number;
  readonly milliseconds: number;
}

export interface Lookups {
  readonly name: string;
  readonly perSecond: number;
}

export interface EnrichmentBench {
  readonly input: string;
  readonly held: readonly Held[];
  readonly lookups: readonly Lookups[];
}

/** Something that is loaded and looked up in: how it is made, and looking up all of `asked` once. */
interface Enricher<T> {
  readonly name: string;
  readonly load: () => T;
  readonly lookups: (value: T) => readonly (readonly [name: string, count: number, work: () => number])[];
}

const asked = Array.from({ length: 20_000 }, (_, at) => benchAddress(at * 31));
const names = asked.map((_, at) => `login.host-${at}.fabrikam.example`);

/** Measures what look-ups cost, and what all that they need holds in memory. */
export function benchEnrichment(): EnrichmentBench {
  const { name: input, kev, epss } = benchFeeds();
  const held: Held[] = [];
  const lookups: Lookups[] = [];
  const run = <T>(enricher: Enricher<T>): T => {
    const value = heldBy(enricher, held);
    for (const [name, count, work] of enricher.lookups(value)) lookups.push({ name, perSecond: rateOf(count, work) });
    return value;
  };
  const scored = run({
    name: 'EPSS',
    load: () => parseEpss(epss),
    lookups(scores) {
      const known = [...scores.scores()].map(([cve]) => cve);
      const unknown = known.map((cve) => cve.replace(/^CVE-\d{4}/, 'CVE-2100'));
      return [
        ['EPSS, scored', known.length, () => found(known, (cve) => scores.get(cve))],
        ['EPSS, not scored', unknown.length, () => found(unknown, (cve) => scores.get(cve))],
      ];
    },
  });
  const listed = run({
    name: 'KEV',
    load: () => parseKev(kev),
    lookups({ entries }) {
      const known = [...entries.keys()];
      return [['KEV, listed', known.length, () => found(known, (cve) => entries.get(cve))]];
    },
  });
  const table = run({
    name: '100,000 indicators',
    load: benchIndicators,
    lookups: (indicators) => [
      ['indicators, by address', asked.length, () => found(asked, (one) => indicators.ofAddress(one)[0])],
      ['indicators, by domain', names.length, () => found(names, (one) => indicators.ofDomain(one)[0])],
    ],
  });
  const ranges = run({
    name: '60,000 ranges of clouds',
    load: benchRanges,
    lookups: (known) => [['ranges of clouds', asked.length, () => found(asked, (one) => known.of(one))]],
  });
  const assets = run({
    name: '20,000 assets',
    load: benchInventory,
    lookups(inventory) {
      const known = [...inventory.all()].map(({ key }) => key);
      const inside = known.map((key) => `${key}/extensions/agent`);
      const none = standingConditions([]);
      return [
        ['assets, by key', known.length, () => found(known, (key) => inventory.get(key))],
        ['assets, by what lies within', inside.length, () => found(inside, (key) => inventory.find(key))],
        ['exposure of assets', known.length, () => found(known, (key) => exposureOf(key, inventory, none).by)],
      ];
    },
  });
  const database = benchDatabase();
  const network = new NetworkContext(['198.51.100.0/24'], [database, ranges]);
  const knowledge = { intel: new ThreatIntel([{ table }]), network, vulnerability: (cve: string) => ({ cve }) };
  const events = asked.slice(0, 1000).map(benchEvent);
  lookups.push(
    { name: 'databases of addresses', perSecond: rateOf(asked.length, () => found(asked, (one) => database.of(one))) },
    {
      name: 'events, of addresses met before',
      perSecond: rateOf(events.length, () => events.filter((event) => enrichEvent(event, knowledge) !== event).length),
    },
  );
  // What was loaded first is held until all was measured, or it would be taken off what came later.
  if (scored.size === 0 || listed.entries.size === 0 || assets.size === 0) throw new Error('the feeds are empty');
  return { input, held, lookups };
}

/** How many of them there are; somebody has to want to know, or nothing is looked up. */
function found(asked: readonly string[], get: (one: string) => unknown): number {
  let count = 0;
  for (const one of asked) if (get(one) !== undefined) count++;
  return count;
}

function heldBy<T>({ name, load }: Enricher<T>, held: Held[]): T {
  load();
  const before = memory();
  const started = performance.now();
  const value = load();
  const milliseconds = Math.round(performance.now() - started);
  held.push({ name, bytes: memory() - before, milliseconds });
  return value;
}

/** Node's own collector of garbage, which it shows only where it is asked to. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

const collect = collector();

/** Bytes that are in use once what is not has been collected; buffers go with the collection after that of what held them. */
function memory(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const ROUNDS = 5;
const ROUND_MILLISECONDS = 200;

/** Look-ups a second, the median of some rounds. */
function rateOf(count: number, work: () => number): number {
  const rates = Array.from({ length: ROUNDS }, () => {
    const started = performance.now();
    let done = 0;
    do {
      if (work() < 0) throw new Error('less than nothing was found');
      done += count;
    } while (performance.now() - started < ROUND_MILLISECONDS);
    return (done / (performance.now() - started)) * 1000;
  });
  return Math.round(median(rates));
}
