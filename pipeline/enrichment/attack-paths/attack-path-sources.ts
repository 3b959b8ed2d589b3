import type { AssetLookup, Exposure } from '../../timeline/asset.ts';
import type { WeighedFinding } from '../../timeline/finding.ts';

/** Something that an identity was seen to use. */
export interface SeenUse {
  /** Key of what it used: a resource, or a role that it took. */
  readonly target: string;
  /** As its cloud calls it: `AssumeRole`, `GetSecretValue`. */
  readonly operation?: string | undefined;
  /** The last time; milliseconds since 1970-01-01T00:00:00Z. */
  readonly time?: number | undefined;
}

/** What attack paths are read from; all in memory. */
export interface AttackPathSources {
  readonly assets: AssetLookup;
  /** Of the asset of a key itself. */
  readonly findingsOf: (key: string) => readonly WeighedFinding[];
  /** From where the asset of a key can be reached, and by what: `public address 203.0.113.4`. */
  readonly exposureOf: (key: string) => { readonly exposure: Exposure; readonly by?: string | undefined };
  /** What an identity was seen to use. */
  readonly uses: (principal: string) => readonly SeenUse[];
}

/** How much is looked at; what is beyond is not followed. */
export interface AttackPathBounds {
  /** Paths given. */
  readonly paths: number;
  /** Keys of the incident that are begun from. */
  readonly seeds: number;
  /** Assets from which paths begin. */
  readonly workloads: number;
  /** Identities looked at in all. */
  readonly identities: number;
  /** Roles taken one after the other. */
  readonly hops: number;
  /** What one identity reaches, assets looked at within one scope, and uses of one identity. */
  readonly reached: number;
}

export const ATTACK_PATH_BOUNDS: AttackPathBounds = {
  paths: 5,
  seeds: 500,
  workloads: 50,
  identities: 200,
  hops: 4,
  reached: 500,
};
