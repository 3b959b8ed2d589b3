import type { Indicator, IndicatorHit } from '../../timeline/context.ts';
import type { IndicatorTable } from './indicator-table.ts';

/** Whether an indicator counts at some time: already, still, or neither. */
export type Validity = 'current' | 'expired' | 'not yet valid';

/** @param time milliseconds since 1970-01-01T00:00:00Z */
export function validityAt({ validFrom, validUntil }: Indicator, time: number): Validity {
  if (validUntil !== undefined && time >= validUntil) return 'expired';
  return validFrom !== undefined && time < validFrom ? 'not yet valid' : 'current';
}

/**
 * What all sources hold to be attackers'. Immutable: what is known anew is another. Look-ups are in memory; they take time with the number
 * of sources, prefix lengths and labels, not of indicators.
 */
export class ThreatIntel {
  readonly #tables: readonly IndicatorTable[];

  constructor(tables: readonly IndicatorTable[]) {
    this.#tables = tables;
  }

  /** How many indicators there are. */
  get size(): number {
    return this.#tables.reduce((sum, { size }) => sum + size, 0);
  }

  /** The indicators that an address is or lies within, whenever they count. @param address in canonical text */
  ofAddress(address: string): Indicator[] {
    return this.#tables.flatMap((table) => table.ofAddress(address));
  }

  /** The indicators that a domain is or lies below, whenever they count. Upper case and a last dot do not matter. */
  ofDomain(domain: string): Indicator[] {
    return this.#tables.flatMap((table) => table.ofDomain(domain));
  }

  /**
   * What of some entities is held to be an attacker's.
   * @param keys of entities; those that begin with `ip:` and `domain:` are looked up
   * @param time of the event, milliseconds since 1970-01-01T00:00:00Z: indicators that do not count then are left out
   */
  hits(keys: Iterable<string>, time: number): IndicatorHit[] {
    const hits: IndicatorHit[] = [];
    for (const key of new Set(keys)) {
      for (const indicator of this.#of(key)) {
        if (validityAt(indicator, time) === 'current') hits.push({ indicator, key });
      }
    }
    return hits;
  }

  #of(key: string): Indicator[] {
    if (key.startsWith('ip:')) return this.ofAddress(key.slice('ip:'.length));
    return key.startsWith('domain:') ? this.ofDomain(key.slice('domain:'.length)) : [];
  }
}
