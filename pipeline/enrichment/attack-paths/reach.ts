import { compareTexts } from '../../../platform/compare-texts.ts';
import type { Asset, AssetKind, DataClass, Grant } from '../../timeline/asset.ts';
import { containersOf, kindOfKey, lastNameOf } from '../assets/asset-key.ts';
import type { AttackPathBounds, AttackPathSources, SeenUse } from './attack-path-sources.ts';
import { hasContent, operationReachesData, roleReachesData } from './data-access.ts';

/** Something that holds data, and how an identity gets at it. */
export interface ReachedData {
  readonly key: string;
  readonly asset: Asset | undefined;
  /** For people: `is open to it by the role Owner on rg-shop`. */
  readonly how: string;
}

/** A role that an identity was seen to take. */
export interface TakenRole {
  readonly key: string;
  /** `is a role that it was seen to take (AssumeRole, 2026-11-20)`. */
  readonly how: string;
}

/** What an identity gets at by itself. */
export interface Reach {
  /** By key. */
  readonly data: ReadonlyMap<string, ReachedData>;
  /** The same, what matters most first. */
  readonly ranked: readonly ReachedData[];
  /** Of all of it. */
  readonly blastRadius: number;
  /** In order of key. */
  readonly roles: readonly TakenRole[];
}

const NOTHING: Reach = { data: new Map(), ranked: [], blastRadius: 0, roles: [] };
/** So many grants of one identity are looked at. */
const MOST_GRANTS = 100;
const DATA_KINDS: ReadonlySet<AssetKind> = new Set(['storage', 'database', 'secrets']);
const ROLE = /^aws:arn:[^:]*:iam:[^:]*:[^:]*:role\//;
const BUCKET = /^aws:arn:[^:]*:s3:/;

/** What identities get at, each worked out once, and no more identities than are allowed. */
export class Reaches {
  readonly #sources: AttackPathSources;
  readonly #bounds: AttackPathBounds;
  readonly #known = new Map<string, Reach>();
  readonly #within = new Map<string, readonly Asset[]>();

  constructor(sources: AttackPathSources, bounds: AttackPathBounds) {
    this.#sources = sources;
    this.#bounds = bounds;
  }

  of(identity: string): Reach {
    const known = this.#known.get(identity);
    if (known !== undefined) return known;
    if (this.#known.size >= this.#bounds.identities) return NOTHING;
    const grants = this.#sources.assets.grantsOf(identity).slice(0, MOST_GRANTS);
    const uses = this.#sources.uses(identity).toSorted(latestFirst).slice(0, this.#bounds.reached);
    if (grants.length === 0 && uses.length === 0) return NOTHING;
    const data = this.#dataOf(grants, uses);
    const ranked = [...data.values()].sort(byWorth);
    const reach = { data, ranked, blastRadius: blastRadius(ranked), roles: rolesTaken(identity, uses) };
    this.#known.set(identity, reach);
    return reach;
  }

  /** What was seen is said before what is merely allowed. */
  #dataOf(grants: readonly Grant[], uses: readonly SeenUse[]): Map<string, ReachedData> {
    const data = new Map<string, ReachedData>();
    for (const use of uses) {
      const found = operationReachesData(use.operation) ? this.#dataAt(use.target) : undefined;
      if (found !== undefined && !data.has(found.key))
        data.set(found.key, { ...found, how: `was seen to be used by it${what(use)}` });
    }
    for (const { scope, role } of grants) {
      if (!roleReachesData(role)) continue;
      const how = `is open to it by the role ${role} on ${this.#nameOf(scope)}`;
      for (const found of this.#dataWithin(scope)) {
        if (data.size >= this.#bounds.reached) return data;
        if (!data.has(found.key)) data.set(found.key, { ...found, how });
      }
    }
    return data;
  }

  #nameOf(key: string): string {
    return this.#sources.assets.get(key)?.name ?? lastNameOf(key);
  }

  #dataWithin(scope: string): Omit<ReachedData, 'how'>[] {
    let assets = this.#within.get(scope);
    // A scope may hold a whole cloud; so many are looked through, each once.
    if (assets === undefined && this.#within.size < this.#bounds.identities) {
      assets = this.#sources.assets.within(scope, this.#bounds.reached).filter(holdsData);
      this.#within.set(scope, assets);
    }
    if (assets !== undefined && assets.length > 0) return assets.map((asset) => ({ key: asset.key, asset }));
    const itself = this.#dataAt(scope);
    return itself === undefined ? [] : [itself];
  }

  /** What holds data that the thing of a key is or is a part of, by the inventory, or by the form of the key. */
  #dataAt(key: string): Omit<ReachedData, 'how'> | undefined {
    if (!hasContent(key)) return undefined;
    const asset = this.#sources.assets.find(key);
    if (asset !== undefined && (DATA_KINDS.has(asset.kind) || (asset.key === key && holdsData(asset))))
      return { key: asset.key, asset };
    const place = placeOfData(key);
    return place === undefined ? undefined : { key: place, asset: this.#sources.assets.get(place) };
  }
}

/** The account, vault, database or bucket that a key is of or within, as far as its form tells. */
function placeOfData(key: string): string | undefined {
  if (key.startsWith('arm:')) return [key, ...containersOf(key)].find((one) => DATA_KINDS.has(kindOfKey(one)));
  if (BUCKET.test(key)) return key.split('/', 1)[0];
  return DATA_KINDS.has(kindOfKey(key)) ? key : undefined;
}

const latestFirst = (one: SeenUse, other: SeenUse): number =>
  (other.time ?? 0) - (one.time ?? 0) ||
  compareTexts(one.target, other.target) ||
  compareTexts(one.operation ?? '', other.operation ?? '');

function rolesTaken(identity: string, uses: readonly SeenUse[]): TakenRole[] {
  const roles = new Map<string, TakenRole>();
  for (const use of uses) {
    const { target, operation } = use;
    if (target === identity || !ROLE.test(target)) continue;
    // To look at a role is not to take it.
    if (operation !== undefined && !operation.startsWith('AssumeRole')) continue;
    if (!roles.has(target)) roles.set(target, { key: target, how: `is a role that it was seen to take${what(use)}` });
  }
  return [...roles.values()].sort((one, other) => compareTexts(one.key, other.key));
}

function what({ operation, time }: SeenUse): string {
  const day = time === undefined ? undefined : new Date(time).toISOString().slice(0, 10);
  const said = [operation, day].filter((part) => part !== undefined);
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}

/** Whether there is data to be had at an asset: by what it is, or by the class of what it holds. */
export const holdsData = ({ key, kind, dataClass }: Asset): boolean =>
  hasContent(key) && (DATA_KINDS.has(kind) || (dataClass !== undefined && dataClass !== 'public'));

const CLASS_WEIGHT: Readonly<Record<DataClass, number>> = {
  restricted: 0.4,
  confidential: 0.25,
  internal: 0.1,
  public: 0,
};
const BASE_WEIGHT = 0.1;
const IMPORTANCE_WEIGHT = 0.4;
/** Of data of which nobody said what it is. */
const UNSAID_WEIGHT = 0.1;

/** How much it matters that data is lost, 0.1 to 0.9: what it is, and how important. */
function worthOf(asset: Asset | undefined): number {
  const importance = Math.min(1, Math.max(0, asset?.importance ?? 0));
  const dataClass = asset?.dataClass === undefined ? UNSAID_WEIGHT : CLASS_WEIGHT[asset.dataClass];
  return BASE_WEIGHT + IMPORTANCE_WEIGHT * importance + dataClass;
}

const byWorth = (one: ReachedData, other: ReachedData): number =>
  worthOf(other.asset) - worthOf(one.asset) || compareTexts(one.key, other.key);

/**
 * How much lies in all of these together, 0 to 100: as of independent chances that one of them is the loss that matters, so that more, more
 * important and more secret data never make less.
 */
export function blastRadius(data: Iterable<{ readonly asset: Asset | undefined }>): number {
  let spared = 1;
  for (const { asset } of data) spared *= 1 - worthOf(asset);
  return Math.round(100 * (1 - spared));
}
