import type { Indicator, IndicatorHit } from '../../timeline/context.ts';
import type { IgnoredValues } from './ignored-values.ts';
import { asciiDomain } from './indicator-value.ts';
import type { IndicatorTable } from './indicator-table.ts';

/** What one source says, and when it was last known to say it. */
export interface IntelSource {
  readonly table: IndicatorTable;
  /** Milliseconds since 1970-01-01T00:00:00Z. From then on indicators that say no end expire; undefined: they do not. */
  readonly confirmed?: number | undefined;
}

/** The DNS knows no longer name. */
const LONGEST_DOMAIN = 253;

/** Whether an indicator counts at some time: already, still, or neither. */
export type Validity = 'current' | 'expired' | 'not yet valid';

/** Sources begin to tell of attackers some days after these began: so long before `validFrom` an indicator counts already. Milliseconds. */
const TOLD_LATE = 7 * 86_400_000;

/** @param time of an event, milliseconds since 1970-01-01T00:00:00Z */
export function validityAt({ validFrom, validUntil }: Indicator, time: number): Validity {
  if (validUntil !== undefined && time >= validUntil) return 'expired';
  return validFrom !== undefined && time < validFrom - TOLD_LATE ? 'not yet valid' : 'current';
}

/**
 * What all sources hold to be attackers'. Immutable: what is known anew is another. Look-ups are in memory; they take time with the number
 * of sources, prefix lengths and labels, not of indicators.
 */
export class ThreatIntel {
  readonly #sources: readonly IntelSource[];
  readonly #ignored: IgnoredValues | undefined;
  /** Whether there is an indicator of any domain. */
  readonly knowsDomains: boolean;

  /** @param ignored what is nobody's but one's own, though it may lie within a network that a source names */
  constructor(sources: readonly IntelSource[], ignored?: IgnoredValues) {
    this.#sources = sources;
    this.#ignored = ignored;
    this.knowsDomains = sources.some(({ table }) => table.knowsDomains);
  }

  /** How many indicators there are. */
  get size(): number {
    return this.#sources.reduce((sum, { table }) => sum + table.size, 0);
  }

  /** The indicators that an address is or lies within, whenever they count. @param address in canonical text */
  ofAddress(address: string): Indicator[] {
    if (this.#ignored?.hasAddress(address) === true) return [];
    return this.#of((table) => table.ofAddress(address));
  }

  /** The indicators that a domain is or lies below, whenever they count. Upper case, a last dot and letters beyond ASCII do not matter. */
  ofDomain(domain: string): Indicator[] {
    const name = asciiDomain(domain);
    if (name.length > LONGEST_DOMAIN || this.#ignored?.hasDomain(name) === true) return [];
    return this.#of((table) => table.ofDomain(name));
  }

  /**
   * What of some entities is held to be an attacker's.
   * @param keys of entities; those that begin with `ip:` and `domain:` are looked up
   * @param time of the event, milliseconds since 1970-01-01T00:00:00Z: indicators that do not count then are left out
   */
  hits(keys: Iterable<string>, time: number): IndicatorHit[] {
    const hits: IndicatorHit[] = [];
    for (const key of new Set(keys)) {
      for (const indicator of this.#ofKey(key)) {
        if (validityAt(indicator, time) === 'current') hits.push({ indicator, key });
      }
    }
    return hits;
  }

  #ofKey(key: string): Indicator[] {
    if (key.startsWith('ip:')) return this.ofAddress(key.slice('ip:'.length));
    return key.startsWith('domain:') ? this.ofDomain(key.slice('domain:'.length)) : [];
  }

  /** What says no end counts for as long as its source lets it after it last said so. */
  #of(look: (table: IndicatorTable) => readonly Indicator[]): Indicator[] {
    return this.#sources.flatMap(({ table, confirmed }) => {
      const found = look(table);
      if (confirmed === undefined || found.length === 0) return found;
      return found.map((each) =>
        each.validUntil === undefined ? { ...each, validUntil: confirmed + table.expires } : each,
      );
    });
  }
}
