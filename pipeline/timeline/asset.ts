/** What is known of the things that attacks are about: inventory, as plain data. */

/** From where a thing can be reached, as far as is known. */
export type Exposure = 'internet' | 'internal' | 'unknown';

/** How bad it is where others see its data. */
export type DataClass = 'public' | 'internal' | 'confidential' | 'restricted';

/** What a thing is, as far as attack paths ask. */
export const ASSET_KINDS = [
  'compute',
  'storage',
  'database',
  'secrets',
  'cluster',
  'image',
  'repository',
  'identity',
  'network',
  'other',
] as const;
export type AssetKind = (typeof ASSET_KINDS)[number];

/** One thing of an inventory, under its canonical key (`entity-keys.ts`). */
export interface Asset {
  readonly key: string;
  readonly kind: AssetKind;
  /** A name for people. */
  readonly name?: string | undefined;
  readonly owner?: string | undefined;
  /** As its inventory calls it: `production`, `test`. Lower case. */
  readonly environment?: string | undefined;
  /** 0, like any other, to 1, the crown jewels; undefined where nobody said. What lies within it counts too. */
  readonly importance?: number | undefined;
  readonly dataClass?: DataClass | undefined;
  readonly exposure: Exposure;
  /** Why it is held to be exposed or not, in few words: `public address 203.0.113.4`. */
  readonly exposedBy?: string | undefined;
  /** Keys of the identities that it can act as: managed identities, roles of instance profiles, service accounts. */
  readonly identities: readonly string[];
  /** Keys of what gives it addresses and guards it: network interfaces, public addresses, security groups, load balancers; and of the image it runs. */
  readonly behind: readonly string[];
  /** Which inventories name it: `assets.csv`, `azure`, `aws`. */
  readonly sources: readonly string[];
}

/** Rights that an identity was given. */
export interface Grant {
  /** Key of who has them. */
  readonly principal: string;
  /** Key of what they are for; what lies within it is meant too. */
  readonly scope: string;
  /** Name of the role, as its cloud calls it. */
  readonly role: string;
}

/** Finds assets by key. In memory; takes time with the length of a key, not with the number of assets. */
export interface AssetLookup {
  /** The asset of a key itself. */
  get(key: string): Asset | undefined;
  /** The closest asset that the thing of a key is or lies within. */
  find(key: string): Asset | undefined;
  /** Assets that a security group, public address, network interface, load balancer or image stands before. */
  behind(key: string): readonly Asset[];
  /** Assets that can act as an identity. */
  actingAs(identity: string): readonly Asset[];
  /** Rights that an identity was given. */
  grantsOf(identity: string): readonly Grant[];
  /** Assets that lie within the thing of a key, itself included, most important first; at most so many. */
  within(key: string, most: number): readonly Asset[];
}
