import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { compareTexts } from '../../../platform/compare-texts.ts';
import { atOnce } from '../../../platform/turns.ts';
import type { Grant } from '../../timeline/asset.ts';
import type { FeedChanges } from '../copies/copy.ts';
import { FeedError } from '../feed-error.ts';
import type { Feed } from '../feed/feed.ts';
import { ASSET_KINDS } from '../../timeline/asset.ts';
import type { Inventory, StatedAsset } from './inventory.ts';

/** No inventory is larger than this, unpacked: bytes. */
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_EXAMPLES = 20;
/** So many assets or grants are read in one piece. */
const PIECE = 5000;
/** An inventory of so few is too small to say that most of it is gone. */
const FEW = 20;

const keys = z.array(z.string()).optional();
const assetSchema: z.ZodType<StatedAsset> = z.object({
  key: z.string(),
  kind: z.enum(ASSET_KINDS).optional(),
  name: z.string().optional(),
  owner: z.string().optional(),
  environment: z.string().optional(),
  importance: z.number().min(0).max(1).optional(),
  dataClass: z.enum(['public', 'internal', 'confidential', 'restricted']).optional(),
  exposure: z.enum(['internet', 'internal', 'unknown']).optional(),
  exposedBy: z.string().optional(),
  identities: keys,
  behind: keys,
  account: z.string().optional(),
});
const grantSchema: z.ZodType<Grant> = z.object({ principal: z.string(), scope: z.string(), role: z.string() });
const schema = z.object({
  source: z.string(),
  by: z.enum(['person', 'cloud']),
  assets: z.array(z.unknown()),
  grants: z.array(z.unknown()),
  missing: z.array(z.string()),
});

/** An inventory as its copy is kept: the same bytes for the same assets, in whatever order they were read. */
export function encodeInventory(inventory: Inventory): Uint8Array {
  const assets = inventory.assets.toSorted((one, other) => compareTexts(one.key, other.key));
  const grants = inventory.grants.toSorted((one, other) => compareTexts(textOfGrant(one), textOfGrant(other)));
  return gzipSync(JSON.stringify({ ...inventory, assets, grants }));
}

const textOfGrant = ({ principal, scope, role }: Inventory['grants'][number]): string =>
  `${principal}\n${scope}\n${role}`;

/**
 * Reads what {@link encodeInventory} wrote.
 * @throws FeedError for anything else
 */
export const decodeInventory = (body: Uint8Array): Inventory => atOnce(inventoryPieces(body));

/** As {@link decodeInventory}, in pieces. */
export function* inventoryPieces(body: Uint8Array): Generator<void, Inventory> {
  let value: unknown;
  try {
    const text = gunzipSync(body, { maxOutputLength: MOST_BYTES }).toString('utf8');
    yield;
    value = JSON.parse(text);
  } catch {
    throw new FeedError('not an inventory: it cannot be unpacked and read as JSON');
  }
  yield;
  const whole = readAs(schema, value);
  const assets = yield* eachAs(assetSchema, whole.assets, 'assets');
  const grants = yield* eachAs(grantSchema, whole.grants, 'grants');
  return { ...whole, assets, grants };
}

function* eachAs<T>(type: z.ZodType<T>, values: readonly unknown[], name: string): Generator<void, T[]> {
  const read: T[] = [];
  for (const [at, value] of values.entries()) {
    if (at % PIECE === 0) yield;
    read.push(readAs(type, value, [name, at]));
  }
  return read;
}

/** @throws FeedError naming the place. @param place of the value in the whole */
function readAs<T>(type: z.ZodType<T>, value: unknown, place: readonly PropertyKey[] = []): T {
  const read = type.safeParse(value);
  if (read.success) return read.data;
  const path = [...place, ...(read.error.issues[0]?.path ?? [])].map(String).join('.');
  throw new FeedError(`not an inventory: ${path === '' ? 'it' : path} is not as it should be`);
}

/** An inventory for lists of copies: how much, and whether it is whole. */
const describeInventory = ({ assets, missing }: Inventory): { version: string; rows: number } => ({
  version: missing.length === 0 ? 'whole' : `partial: ${missing.length} not read`,
  rows: assets.length,
});

/** Which assets came, went or are other than before. */
function inventoryChanges(before: Inventory, after: Inventory): FeedChanges {
  const old = new Map(before.assets.map((asset) => [asset.key, asset]));
  const fresh = new Set(after.assets.map(({ key }) => key));
  const added = after.assets.filter(({ key }) => !old.has(key));
  const changed = after.assets.filter((asset) => {
    const known = old.get(asset.key);
    return known !== undefined && JSON.stringify(known) !== JSON.stringify(asset);
  });
  const withdrawn = before.assets.filter(({ key }) => !fresh.has(key));
  const examples = (assets: readonly StatedAsset[]): readonly string[] =>
    assets.slice(0, MOST_EXAMPLES).map(({ key }) => key.slice(0, 300));
  return {
    added: added.length,
    changed: changed.length,
    withdrawn: withdrawn.length,
    examples: { added: examples(added), changed: examples(changed), withdrawn: examples(withdrawn) },
  };
}

/** Why an inventory does not take the place of another by itself: rights to read that were lost look like assets that are gone. */
function inventoryObjection(before: Inventory, after: Inventory): string | undefined {
  const [had, has] = [before.assets.length, after.assets.length];
  if (had <= FEW || has >= had / 2) return undefined;
  return `it has ${has} assets where there were ${had}`;
}

/** How every feed of an inventory reads, describes and compares its copies. */
export const INVENTORY_COPIES = {
  parse: decodeInventory,
  pieces: inventoryPieces,
  describe: describeInventory,
  changes: inventoryChanges,
  objection: inventoryObjection,
} satisfies Partial<Feed<Inventory>>;

/** What was read, and of what could not be read this time what was known before. */
export function withKept(
  read: Inventory,
  before: Inventory | undefined,
  isMissing: { readonly asset: (asset: StatedAsset) => boolean; readonly grants: boolean },
): Inventory {
  if (before === undefined || read.missing.length === 0) return read;
  const fresh = new Set(read.assets.map(({ key }) => key));
  const kept = before.assets.filter((asset) => !fresh.has(asset.key) && isMissing.asset(asset));
  const grants = isMissing.grants ? [...read.grants, ...before.grants] : read.grants;
  return { ...read, assets: [...read.assets, ...kept], grants: distinct(grants) };
}

function distinct(grants: Inventory['grants']): Inventory['grants'] {
  return [...new Map(grants.map((grant) => [textOfGrant(grant), grant])).values()];
}
