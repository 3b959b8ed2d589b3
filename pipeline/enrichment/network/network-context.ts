import { parsePrefix } from '../../../platform/ip-prefix.ts';
import type { AddressContext } from '../../timeline/context.ts';
import { PrefixTable } from './prefix-table.ts';

/** Tells where addresses are or whose, from one file or feed. Answers at once; never throws. */
export interface AddressSource {
  /** @param address in canonical text */
  of(address: string): AddressContext | undefined;
}

/** Where addresses are and whose, as far as anything tells. Immutable: what is known anew is another. */
export class NetworkContext {
  readonly #own = new PrefixTable<true>();
  readonly #sources: readonly AddressSource[];

  /**
   * @param own networks by which one's own people and workloads go out, in CIDR notation
   * @param sources what several say of an address is put together; of one thing the first that says it counts
   */
  constructor(own: readonly string[], sources: readonly AddressSource[]) {
    for (const text of own) {
      const prefix = parsePrefix(text);
      if (prefix !== undefined) this.#own.set(prefix, true);
    }
    this.#sources = sources;
  }

  /** @param address in canonical text; undefined where nothing is known of it */
  of(address: string): AddressContext | undefined {
    let known: AddressContext | undefined = this.#own.matches(address).length > 0 ? { own: true } : undefined;
    for (const source of this.#sources) {
      const more = source.of(address);
      if (more !== undefined) known = { ...more, ...known };
    }
    return known;
  }
}
