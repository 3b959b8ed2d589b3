import { z } from 'zod';
import { CsvError, parseCsv } from '../../../platform/csv.ts';
import { isDeeperThan, parseJson } from '../../../platform/json.ts';
import { schemaMessage } from '../../../platform/schema-message.ts';
import { MAX_KEY } from '../../timeline/entity-keys.ts';
import { keyOfId } from './asset-key.ts';
import { dataClassOf, IMPORTANCE_WORDS, importanceOf } from './asset-words.ts';
import { ASSET_KINDS } from '../../timeline/asset.ts';
import { AssetError, type Inventory, type StatedAsset } from './inventory.ts';

/** No file has more assets than this. */
const MAX_ASSETS = 500_000;
const MAX_LIST = 64;
const MAX_TEXT = 256;
const MAX_FAULTS = 10;

const id = z
  .string()
  .trim()
  .min(1, 'expected an id')
  .max(MAX_KEY, `expected at most ${MAX_KEY} characters`)
  .refine(
    (text) => /^(?:\/|arn:|\d{12}$|[a-z][a-z0-9-]{1,30}:)/.test(text),
    'expected an Azure resource id, an ARN, an AWS account or a key such as upn:ada@contoso.example',
  )
  .transform(keyOfId)
  .refine((key) => key.length <= MAX_KEY, `expected at most ${MAX_KEY} characters`);

const text = z.string().trim().min(1).max(MAX_TEXT, `expected at most ${MAX_TEXT} characters`);
const ids = z.array(id).max(MAX_LIST, `expected at most ${MAX_LIST}`);

const IMPORTANCE = `expected a number from 0 to 1, or ${Object.keys(IMPORTANCE_WORDS).join(', ')}`;
const importance = z.union([z.string(), z.number()], IMPORTANCE).transform((value, context) => {
  const known = importanceOf(String(value));
  if (known === undefined) context.addIssue(IMPORTANCE);
  return known;
});

const DATA_CLASS = 'expected public, internal, confidential or restricted';
const dataClass = z.string().transform((value, context) => {
  const known = dataClassOf(value);
  if (known === undefined) context.addIssue(DATA_CLASS);
  return known;
});

/** The columns by which a thing may be named: one of them is needed. */
const NAMING = ['key', 'id', 'arn', 'resourceId'] as const;

const entry = z
  .strictObject({
    key: id.optional(),
    id: id.optional(),
    arn: id.optional(),
    resourceId: id.optional(),
    name: text.optional(),
    kind: z.enum(ASSET_KINDS).optional(),
    owner: text.optional(),
    environment: text.transform((name) => name.toLowerCase()).optional(),
    importance: importance.optional(),
    dataClass: dataClass.optional(),
    exposure: z.enum(['internet', 'internal', 'unknown']).optional(),
    identities: ids.optional(),
    behind: ids.optional(),
  })
  .transform(({ key, id, arn, resourceId, ...said }, context): StatedAsset => {
    const named = [key, id, arn, resourceId].filter((each) => each !== undefined);
    const [only] = named;
    if (only === undefined || named.length > 1) context.addIssue(`expected one of ${NAMING.join(', ')}`);
    return { key: only ?? '', ...said };
  });

const document = z.union([z.array(z.unknown()), z.strictObject({ assets: z.array(z.unknown()) })]);

/** One entry as it was written, and where. */
interface Written {
  readonly place: string;
  readonly value: unknown;
}

/**
 * Reads an inventory that a person keeps. JSON: a list of assets, or `{"assets":[…]}`. CSV: a row an asset, columns named as the fields of JSON,
 * lists parted by `;`. Fields: one of `key`, `id`, `arn` and `resourceId`; `name`, `kind`, `owner`, `environment`, `importance` (0 to 1, or a
 * word), `dataClass`, `exposure`, `identities`, `behind`.
 * @param source the name of its file
 * @throws AssetError naming the line or entry of each fault, up to ten
 */
export function parseAssetFile(written: string, source: string): Inventory {
  const begin = /\S/.exec(written.replace(/^\ufeff/, ''))?.[0];
  if (begin === undefined) throw new AssetError(`${source}: is empty`);
  const entries = begin === '[' || begin === '{' ? ofJson(written, source) : ofCsv(written, source);
  if (entries.length > MAX_ASSETS) throw new AssetError(`${source}: more than ${MAX_ASSETS} assets`);
  const assets: StatedAsset[] = [];
  const faults: string[] = [];
  for (const { place, value } of entries) {
    const read = entry.safeParse(value);
    if (read.success) assets.push(read.data);
    else faults.push(...read.error.issues.map((issue) => `${place}: ${faultOf(issue)}`));
  }
  if (faults.length > 0) {
    const more = faults.length > MAX_FAULTS ? [`and ${faults.length - MAX_FAULTS} more`] : [];
    throw new AssetError(`${source} cannot be used: ${[...faults.slice(0, MAX_FAULTS), ...more].join('; ')}`);
  }
  return { source, by: 'person', assets, grants: [], missing: [] };
}

function faultOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.').slice(0, 100);
  const message = schemaMessage(issue).slice(0, 200);
  return path === '' ? message : `${path}: ${message}`;
}

function ofJson(written: string, source: string): readonly Written[] {
  let json;
  try {
    json = parseJson(written.replace(/^\ufeff/, ''));
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : 'unreadable';
    throw new AssetError(`${source}: it is no JSON: ${why}`);
  }
  if (isDeeperThan(json, 5)) throw new AssetError(`${source}: it nests deeper than an inventory does`);
  const read = document.safeParse(json);
  if (!read.success) throw new AssetError(`${source}: expected a list of assets, or {"assets": […]}`);
  const listed = Array.isArray(read.data) ? read.data : read.data.assets;
  return listed.map((value, at) => ({ place: `entry ${at + 1}`, value }));
}

const COLUMNS: ReadonlySet<string> = new Set([
  ...NAMING, 'name', 'kind', 'owner', 'environment', 'importance', 'dataClass', 'exposure', 'identities', 'behind',
]); // prettier-ignore
const LISTS: ReadonlySet<string> = new Set(['identities', 'behind']);

function ofCsv(written: string, source: string): readonly Written[] {
  let rows;
  try {
    rows = parseCsv(written, MAX_ASSETS);
  } catch (error) {
    throw error instanceof CsvError ? new AssetError(`${source}: ${error.message}`) : error;
  }
  const unknown = [...(rows[0]?.cells.keys() ?? [])].find((column) => !COLUMNS.has(column));
  if (unknown !== undefined) {
    const there = [...COLUMNS].join(', ');
    throw new AssetError(
      `${source}: line 1: there is no column ${JSON.stringify(unknown.slice(0, 60))}; there are ${there}`,
    );
  }
  return rows.map(({ line, cells }) => {
    const filled = [...cells].filter(([, cell]) => cell !== '');
    const value = filled.map(([column, cell]) => [column, LISTS.has(column) ? listOf(cell) : cell] as const);
    return { place: `line ${line}`, value: Object.fromEntries(value) };
  });
}

const listOf = (cell: string): readonly string[] =>
  cell
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
