import { loadAssetFiles } from './assets/asset-files.ts';
import { IMPORTED_INVENTORY } from './assets/imported-inventory.ts';
import type { Inventory } from './assets/inventory.ts';
import { LiveAssets, weightsInventory } from './assets/live-assets.ts';
import { LiveCopies, type LiveCopiesPorts } from './feed/live-copies.ts';
import type { Feed } from './feed/feed.ts';
import { configuredFeeds, type ConfiguredFeeds, type FeedSettings } from './feeds/registry.ts';
import { knowledgeOf, type Knowledge } from './knowledge.ts';
import { openAddressDatabase, type AddressDatabase } from './network/address-database.ts';
import { NetworkContext } from './network/network-context.ts';
import type { IndicatorTable } from './threat-intel/indicator-table.ts';
import { ThreatIntel } from './threat-intel/threat-intel.ts';

/** What the configuration says of what is known beside the logs. */
export type KnowledgeSettings = FeedSettings;

/** A feed as it is in use; without a version where no copy is. */
export interface FeedInUse {
  readonly id: string;
  readonly version: string | undefined;
  readonly model: string | undefined;
  readonly rows: number | undefined;
  /** Seconds since it was last known to be what its publisher has. */
  readonly age: number | undefined;
  readonly stale: boolean;
}

/** So long copies are waited for when a process begins: milliseconds. */
const BUDGET = 2000;

/**
 * What is known beside the logs, in a process: files that the configuration names, read once, and copies of feeds and inventories as they come.
 * Looking something up asks nobody, and what is not loaded is not waited for: it is named as missing.
 */
export class LiveKnowledge {
  readonly #copies: LiveCopies;
  readonly #feeds: ConfiguredFeeds;
  readonly #assets: LiveAssets;
  readonly #databases: readonly AddressDatabase[];
  readonly #settings: KnowledgeSettings;
  #made: { readonly of: string; readonly knowledge: Knowledge } | undefined;

  private constructor(
    settings: KnowledgeSettings,
    ports: LiveCopiesPorts,
    files: { readonly inventories: readonly Inventory[]; readonly databases: readonly AddressDatabase[] },
  ) {
    this.#settings = settings;
    this.#feeds = configuredFeeds(settings);
    this.#copies = new LiveCopies(ports, [...this.#feeds.all, IMPORTED_INVENTORY]);
    this.#assets = new LiveAssets([...files.inventories, weightsInventory(settings.correlation.assets)]);
    this.#databases = files.databases;
  }

  /**
   * Reads the files, and such copies as can be had at once.
   * @param inventories beside those that the configuration names
   * @throws AssetError, FeedError where a file that the configuration names cannot be used
   */
  static async open(
    settings: KnowledgeSettings,
    ports: LiveCopiesPorts,
    inventories: readonly Inventory[] = [],
  ): Promise<LiveKnowledge> {
    const files = {
      inventories: [...inventories, ...(await loadAssetFiles(settings.assets.files))],
      databases: await Promise.all(settings.network.databases.map(openAddressDatabase)),
    };
    const knowledge = new LiveKnowledge(settings, ports, files);
    await knowledge.#copies.start(BUDGET);
    return knowledge;
  }

  /** Looks for new copies, at most every few minutes; not to be waited for. Never throws. */
  refresh(): Promise<void> {
    return this.#copies.refresh();
  }

  /** All that is known now. The same object as long as nothing is new. */
  get current(): Knowledge {
    const of = `${this.#copies.version} ${this.#feeds.intel.map((feed) => this.#copies.confirmed(feed) ?? '').join(' ')}`;
    if (this.#made?.of !== of) this.#made = { of, knowledge: this.#make(of) };
    return this.#made.knowledge;
  }

  /** Each feed in use, for people: `age` in seconds since it was last known to be what its publisher has. */
  feeds(): FeedInUse[] {
    return this.#feeds.all.map((feed) => {
      const { version, model, rows } = this.#copies.manifest(feed) ?? {};
      const age = this.#copies.age(feed);
      const told = { version, model, rows, age: age === undefined ? undefined : Math.round(age / 1000) };
      return { id: feed.id, ...told, stale: this.#copies.isStale(feed) };
    });
  }

  /** The indicators of each source that is loaded, by the id of its feed. */
  get indicators(): ReadonlyMap<string, IndicatorTable> {
    return new Map(
      this.#feeds.intel.flatMap((feed) => {
        const table = this.#copies.value(feed);
        return table === undefined ? [] : [[feed.id, table] as const];
      }),
    );
  }

  #make(version: string): Knowledge {
    const { kev, epss, intel, ignored, ranges, inventories } = this.#feeds;
    const value = <T>(feed: Feed<T> | undefined): T | undefined => feed && this.#copies.value(feed);
    const tables = intel.flatMap((feed) => {
      const table = value(feed);
      return table === undefined ? [] : [{ table, confirmed: this.#copies.confirmed(feed) }];
    });
    const known = ranges.map((feed) => value(feed)).filter((source) => source !== undefined);
    const own = this.#settings.correlation.networks.map(({ cidr }) => cidr);
    return knowledgeOf({
      version,
      kev: value(kev),
      epss: value(epss),
      assets: this.#assets.inventory([IMPORTED_INVENTORY, ...inventories].map(value)),
      intel: new ThreatIntel(tables, ignored),
      network: new NetworkContext(own, [...this.#databases, ...known]),
      missing: this.#missing(),
    });
  }

  /** What is configured and not loaded. Ranges of clouds are no loss. */
  #missing(): Knowledge['missing'] {
    const { kev, epss, intel, inventories } = this.#feeds;
    const absent = (feed: Feed<unknown>): boolean => this.#copies.value(feed) === undefined;
    const titles = (feeds: readonly (Feed<unknown> | undefined)[]): string[] =>
      feeds.filter((feed) => feed !== undefined && absent(feed)).map((feed) => feed?.title ?? '');
    return { vulnerabilities: titles([kev, epss]), others: titles([...intel, ...inventories]) };
  }
}
