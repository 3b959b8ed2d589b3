import type { IntelSourceSettings } from '../../../platform/configuration/threat-intel.ts';
import { isNotPublic, type IgnoredValues } from './ignored-values.ts';
import { IndicatorTable, type IndicatorDetail } from './indicator-table.ts';
import { readIndicatorValue, type IndicatorValue } from './indicator-value.ts';
import { isShared } from './shared-domains.ts';

/** Why something that a source says is an indicator is not taken for one; worded to follow a number. */
export type Refusal =
  | 'not understood'
  | 'too wide'
  | 'not public addresses'
  | 'shared by many'
  | 'ignored or one’s own'
  | 'revoked'
  | 'benign'
  | 'said before'
  | 'too many';

/** Networks with shorter prefixes are half the internet or a provider, not an attacker. */
const SHORTEST_PREFIX = { 4: 12, 6: 24 } as const;
/** The host of a page that is an attacker's may be anybody's: evidence, and no more. */
const HOST_CONFIDENCE = 30;
const MOST_EXAMPLES = 5;
const LONGEST_EXAMPLE = 100;

/** What was refused, and a few examples of it. */
export type Refused = ReadonlyMap<Refusal, { readonly count: number; readonly examples: readonly string[] }>;

/** Puts what a source says into a table, and counts what cannot be an indicator. */
export class TableBuilder {
  readonly #table: IndicatorTable;
  readonly #refused = new Map<Refusal, { count: number; examples: string[] }>();
  readonly #settings: IntelSourceSettings;
  readonly #ignored: IgnoredValues;

  constructor(settings: IntelSourceSettings, ignored: IgnoredValues) {
    this.#settings = settings;
    this.#ignored = ignored;
    this.#table = new IndicatorTable(settings.name, settings.expires);
  }

  /** How much was refused for a reason. */
  refused(reason: Refusal): number {
    return this.#refused.get(reason)?.count ?? 0;
  }

  /** @param text an address, a network, a domain, or the address of a page, as its source wrote it */
  addText(text: string, detail: IndicatorDetail): void {
    // Before it is looked at: of ten million rows most are no more than counted.
    if (this.#table.size >= this.#settings.maxIndicators) this.refuse('too many', text);
    else {
      const value = readIndicatorValue(text);
      const reason = value === undefined ? 'not understood' : this.#refusalOf(value);
      if (reason !== undefined) this.refuse(reason, text);
      else if (value !== undefined && !this.#added(value, detail)) this.refuse('said before', text);
    }
  }

  #added(value: IndicatorValue, detail: IndicatorDetail): boolean {
    const said = value.url === undefined ? detail : hostDetail(detail, value.url);
    if (value.kind === 'network') return this.#table.addNetwork(value.prefix, said);
    return this.#table.addDomain(value.domain, said);
  }

  #refusalOf(value: IndicatorValue): Refusal | undefined {
    if (value.kind === 'network') {
      if (value.prefix.length < SHORTEST_PREFIX[value.prefix.version]) return 'too wide';
      if (isNotPublic(value.prefix)) return 'not public addresses';
    } else if (isShared(value.domain)) return 'shared by many';
    return this.#ignored.has(value) ? 'ignored or one’s own' : undefined;
  }

  /** Counts what is no indicator. @param text as its source wrote it */
  refuse(reason: Refusal, text: string): void {
    const refused = this.#refused.get(reason) ?? { count: 0, examples: [] };
    refused.count += 1;
    if (refused.examples.length < MOST_EXAMPLES) refused.examples.push(text.slice(0, LONGEST_EXAMPLE));
    this.#refused.set(reason, refused);
  }

  /** @param version as the source calls what it says now; empty where it has no name for it */
  build(version: string): IndicatorTable {
    this.#table.complete(version, this.#refused);
    return this.#table;
  }
}

/** What is said of a page, said of its host. */
function hostDetail(detail: IndicatorDetail, url: string): IndicatorDetail {
  const page = `the page ${url.slice(0, 200)} there`;
  return {
    ...detail,
    description: detail.description === undefined ? page : `${page}: ${detail.description}`,
    confidence: Math.min(detail.confidence ?? HOST_CONFIDENCE, HOST_CONFIDENCE),
  };
}
