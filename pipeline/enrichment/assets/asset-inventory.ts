import { compareTexts } from '../../../platform/compare-texts.ts';
import type { Asset, AssetLookup, Exposure, Grant } from '../../timeline/asset.ts';
import { containersOf, kindOfKey } from './asset-key.ts';
import type { Inventory, StatedAsset } from './inventory.ts';
import { ManyByKey } from './many-by-key.ts';

/** Keys that one asset names of each sort, at most; what is over is left out. */
const MOST_NAMED = 256;

interface Known {
  readonly asset: Asset;
  readonly containers: readonly string[];
}

/**
 * All that several inventories say, as one. What one says of a thing counts before what those after it say; where exposure is concerned, that it
 * is open to the internet counts before all else. Owner, environment and importance of what nobody speaks of are those of what it lies within,
 * and so is the class of data, but for what holds none. Never changes: made anew where an inventory changed.
 */
export class AssetInventory implements AssetLookup {
  readonly #assets = new Map<string, Asset>();
  /** Without those of the keys themselves. */
  readonly #within = new ManyByKey<Asset>();
  readonly #behind = new ManyByKey<Asset>();
  readonly #actingAs = new ManyByKey<Asset>();
  readonly #grants = new ManyByKey<Grant>();

  /** @param inventories those that count first first; see {@link inOrderOfTrust} */
  constructor(inventories: readonly Inventory[]) {
    const stated = statements(inventories);
    const own = new Map([...stated.keys()].map((key) => [key, ownOf(stated.of(key))]));
    const known = [...stated.keys()].map((key) => merged(key, stated.of(key), own));
    known.sort((one, other) => byImportance(one.asset, other.asset));
    for (const { asset, containers } of known) {
      this.#assets.set(asset.key, asset);
      for (const container of containers) this.#within.add(container, asset);
      for (const key of asset.behind) this.#behind.add(key, asset);
      for (const key of asset.identities) this.#actingAs.add(key, asset);
    }
    const seen = new Set<string>();
    for (const grant of inventories.flatMap(({ grants }) => grants)) {
      const { principal, scope, role } = grant;
      const id = JSON.stringify([principal, scope, role]);
      if (!seen.has(id)) this.#grants.add(principal, grant);
      seen.add(id);
    }
  }

  /** How many assets there are. */
  get size(): number {
    return this.#assets.size;
  }

  /** All assets, most important first, then by key. */
  all(): Iterable<Asset> {
    return this.#assets.values();
  }

  get(key: string): Asset | undefined {
    return this.#assets.get(key);
  }

  find(key: string): Asset | undefined {
    const itself = this.#assets.get(key);
    if (itself !== undefined || this.#assets.size === 0) return itself;
    for (const container of containersOf(key)) {
      const asset = this.#assets.get(container);
      if (asset !== undefined) return asset;
    }
    return undefined;
  }

  behind(key: string): readonly Asset[] {
    return this.#behind.of(key);
  }

  actingAs(identity: string): readonly Asset[] {
    return this.#actingAs.of(identity);
  }

  grantsOf(identity: string): readonly Grant[] {
    return this.#grants.of(identity);
  }

  within(key: string, most: number): readonly Asset[] {
    const contained = this.#within.of(key).slice(0, most);
    const itself = this.#assets.get(key);
    return itself === undefined ? contained : [itself, ...contained].sort(byImportance).slice(0, most);
  }
}

/** Inventories as they count: what people wrote first, each sort in the order given. */
export const inOrderOfTrust = (inventories: readonly Inventory[]): Inventory[] => [
  ...inventories.filter(({ by }) => by === 'person'),
  ...inventories.filter(({ by }) => by === 'cloud'),
];

/** What each inventory says of a thing, and which says it. */
interface Statement {
  readonly source: string;
  readonly asset: StatedAsset;
}

type Statements = ManyByKey<Statement>;

function statements(inventories: readonly Inventory[]): Statements {
  const stated = new ManyByKey<Statement>();
  for (const { source, assets } of inventories) {
    for (const asset of assets) stated.add(asset.key, { source, asset });
  }
  return stated;
}

/** What holds for what lies within a thing too. */
type Inherited = Pick<StatedAsset, 'owner' | 'environment' | 'importance' | 'dataClass'>;

const ownOf = (said: readonly Statement[]): Inherited => ({
  owner: first(said, 'owner'),
  environment: first(said, 'environment'),
  importance: first(said, 'importance'),
  dataClass: first(said, 'dataClass'),
});

/** @param own what is said of each thing itself, by key: looked through once, however many things lie within it */
function merged(key: string, said: readonly Statement[], own: ReadonlyMap<string, Inherited>): Known {
  const containers = containersOf(key, first(said, 'account'));
  const levels = [key, ...containers].flatMap((each) => own.get(each) ?? []);
  const inherited = <Name extends keyof Inherited>(name: Name): Inherited[Name] =>
    levels.find((level) => level[name] !== undefined)?.[name];
  const kind = first(said, 'kind') ?? kindOfKey(key);
  const holdsData = kind !== 'network' && kind !== 'identity';
  const asset: Asset = {
    key,
    kind,
    name: first(said, 'name'),
    owner: inherited('owner'),
    environment: inherited('environment'),
    importance: inherited('importance'),
    dataClass: holdsData ? inherited('dataClass') : own.get(key)?.dataClass,
    ...exposureAmong(said),
    identities: united(said, 'identities'),
    behind: united(said, 'behind'),
    sources: [...new Set(said.map(({ source }) => source))],
  };
  return { asset, containers };
}

function first<Name extends keyof StatedAsset>(said: readonly Statement[], name: Name): StatedAsset[Name] | undefined {
  for (const { asset } of said) if (asset[name] !== undefined) return asset[name];
  return undefined;
}

/** That it is open counts before that it is not: whoever says so has seen a way in. */
function exposureAmong(said: readonly Statement[]): { exposure: Exposure; exposedBy: string | undefined } {
  for (const exposure of ['internet', 'internal'] as const) {
    const by = said.find(({ asset }) => asset.exposure === exposure);
    if (by !== undefined) return { exposure, exposedBy: by.asset.exposedBy ?? `${by.source} says so` };
  }
  return { exposure: 'unknown', exposedBy: undefined };
}

function united(said: readonly Statement[], name: 'identities' | 'behind'): readonly string[] {
  return [...new Set(said.flatMap(({ asset }) => asset[name] ?? []))].slice(0, MOST_NAMED);
}

const byImportance = (one: Asset, other: Asset): number =>
  (other.importance ?? 0) - (one.importance ?? 0) || compareTexts(one.key, other.key);
