import { prefixText, type IpPrefix } from '../../../platform/ip-prefix.ts';
import type { Indicator } from '../../timeline/context.ts';
import { PrefixTable } from '../network/prefix-table.ts';

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
/** The DNS knows no longer name. */
const LONGEST_DOMAIN = 253;

/**
 * The indicators of one source. Rows that share what is said of them share it in memory, so that a list of 100,000 addresses takes some
 * megabytes.
 */
export class IndicatorTable {
  readonly source: string;
  readonly #networks = new PrefixTable<readonly IndicatorDetail[]>();
  readonly #domains = new Map<string, readonly IndicatorDetail[]>();
  #size = 0;

  constructor(source: string) {
    this.source = source;
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

  /** @param address in canonical text */
  ofAddress(address: string): Indicator[] {
    return this.#networks.matches(address).flatMap(({ prefix, value }) => {
      const text = prefixText(prefix);
      const kind = text.includes('/') ? 'network' : 'address';
      return value.map((detail) => this.#indicator(kind, text, detail));
    });
  }

  ofDomain(domain: string): Indicator[] {
    if (domain.length > LONGEST_DOMAIN + 1 || this.#domains.size === 0) return [];
    const found: Indicator[] = [];
    let rest = domain.toLowerCase().replace(/\.$/, '');
    for (;;) {
      for (const detail of this.#domains.get(rest) ?? []) found.push(this.#indicator('domain', rest, detail));
      const dot = rest.indexOf('.');
      if (dot < 0) return found;
      rest = rest.slice(dot + 1);
    }
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
