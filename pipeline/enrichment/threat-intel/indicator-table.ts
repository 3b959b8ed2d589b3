import { parsePrefix, prefixText, type IpPrefix } from '../../../platform/ip-prefix.ts';
import type { Indicator } from '../../timeline/context.ts';
import { PrefixTable } from '../network/prefix-table.ts';
import type { Refused } from './table-builder.ts';

/** What a source says of one or many values. */
export interface IndicatorDetail {
  /** Its id in the source; undefined where the value is all there is. */
  readonly id?: string | undefined;
  readonly description?: string | undefined;
  readonly confidence?: number | undefined;
  readonly labels: readonly string[];
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly validFrom?: number | undefined;
  readonly validUntil?: number | undefined;
}

/** No source's indicators of one value are more than this; further ones are left out. */
const MOST_OF_ONE_VALUE = 8;
/**
 * The indicators of one source. Rows that share what is said of them share it in memory, so that a list of 100,000 addresses takes some
 * megabytes.
 */
export class IndicatorTable {
  readonly source: string;
  /** How long indicators count that say no end and no change: milliseconds since the source last said them. */
  readonly expires: number;
  readonly #networks = new PrefixTable<readonly IndicatorDetail[]>();
  readonly #domains = new Map<string, readonly IndicatorDetail[]>();
  #size = 0;
  #version = '';
  #refused: Refused = new Map();

  constructor(source: string, expires: number) {
    this.source = source;
    this.expires = expires;
  }

  get knowsDomains(): boolean {
    return this.#domains.size > 0;
  }

  /** As the source calls what it says now; empty where it has no name for it. */
  get version(): string {
    return this.#version;
  }

  /** What of it is no indicator. */
  get refused(): Refused {
    return this.#refused;
  }

  /** Notes what it is of, once all is added. */
  complete(version: string, refused: Refused): void {
    this.#version = version;
    this.#refused = refused;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns whether it was added: not, where there are many of this value already */
  addNetwork(prefix: IpPrefix, detail: IndicatorDetail): boolean {
    return this.#add(this.#networks.get(prefix), detail, (details) => this.#networks.set(prefix, details));
  }

  /** @param domain in lower case, without a last dot */
  addDomain(domain: string, detail: IndicatorDetail): boolean {
    return this.#add(this.#domains.get(domain), detail, (details) => this.#domains.set(domain, details));
  }

  #add(
    known: readonly IndicatorDetail[] | undefined,
    detail: IndicatorDetail,
    put: (details: readonly IndicatorDetail[]) => void,
  ): boolean {
    if (known !== undefined && (known.length >= MOST_OF_ONE_VALUE || known.includes(detail))) return false;
    put(known === undefined ? aloneOf(detail) : [...known, detail]);
    this.#size += 1;
    return true;
  }

  /** The values that it has indicators of, in canonical text. */
  *values(): Generator<string> {
    for (const prefix of this.#networks.prefixes()) yield prefixText(prefix);
    yield* this.#domains.keys();
  }

  /** Whether it has an indicator of just this value. @param value as {@link values} gives it */
  has(value: string): boolean {
    const prefix = parsePrefix(value);
    return prefix === undefined ? this.#domains.has(value) : this.#networks.get(prefix) !== undefined;
  }

  /** @param address in canonical text */
  ofAddress(address: string): Indicator[] {
    return this.#networks.matches(address).flatMap(({ prefix, value }) => {
      const text = prefixText(prefix);
      const kind = text.includes('/') ? 'network' : 'address';
      return value.map((detail) => this.#indicator(kind, text, detail));
    });
  }

  /** @param domain in lower case, without a last dot, at most 253 characters */
  ofDomain(domain: string): Indicator[] {
    const found: Indicator[] = [];
    for (let rest = domain; this.#domains.size > 0; rest = rest.slice(rest.indexOf('.') + 1)) {
      for (const detail of this.#domains.get(rest) ?? []) found.push(this.#indicator('domain', rest, detail));
      if (!rest.includes('.')) break;
    }
    return found;
  }

  #indicator(kind: Indicator['kind'], value: string, { id, ...detail }: IndicatorDetail): Indicator {
    return { id: `${this.source}/${id ?? value}`, kind, value, source: this.source, ...detail };
  }
}

/** Of most details many values have the same list of one. */
const alone = new WeakMap<IndicatorDetail, readonly IndicatorDetail[]>();

function aloneOf(detail: IndicatorDetail): readonly IndicatorDetail[] {
  const known = alone.get(detail) ?? [detail];
  alone.set(detail, known);
  return known;
}
