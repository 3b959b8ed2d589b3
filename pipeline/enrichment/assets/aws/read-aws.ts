import { textOf, type JsonObject } from '../../../../platform/json.ts';
import { awsAccountKey } from '../../../timeline/entity-keys.ts';
import { FeedError } from '../../feed-error.ts';
import { withKept } from '../inventory-copy.ts';
import type { Inventory, StatedAsset } from '../inventory.ts';
import type { TagNames } from '../tags.ts';
import { awsAssets, awsGrants } from './aws-assets.ts';
import type { AwsConfig, ConfigTarget } from './aws-config.ts';
import { CONFIG_QUERIES, expressionOf } from './config-queries.ts';

/**
 * Reads the inventory of AWS from AWS Config, target by target. One that is refused is named in `missing`, and what was known of it stays.
 * @param before what was read last
 * @throws FeedError where nothing could be read
 */
export async function readAws(
  targets: readonly ConfigTarget[],
  connect: (target: ConfigTarget) => Promise<AwsConfig>,
  tags: TagNames,
  before: Inventory | undefined,
): Promise<Inventory> {
  const rows: JsonObject[] = [];
  const missing: string[] = [];
  const failed: ConfigTarget[] = [];
  for (const target of targets) {
    try {
      for (const row of await rowsOf(target, connect)) rows.push(row);
    } catch (error) {
      missing.push(`${nameOf(target)}: ${reasonOf(error, target)}`);
      failed.push(target);
    }
  }
  if (failed.length === targets.length)
    throw new FeedError(`nothing of AWS could be read. ${missing.slice(0, 3).join('; ')}`);
  const distinct = [...new Map(rows.map((row) => [textOf(row['arn']), row])).values()];
  const inventory: Inventory = {
    source: 'aws',
    by: 'cloud',
    assets: awsAssets(distinct, tags),
    grants: awsGrants(distinct),
    missing,
  };
  const accounts = new Set(distinct.flatMap(({ accountId }) => textOf(accountId) ?? []).map(awsAccountKey));
  return withKept(inventory, before, {
    asset: (asset) => failed.some((target) => mayHold(target, asset, accounts)),
    grants: true,
  });
}

async function rowsOf(
  target: ConfigTarget,
  connect: (target: ConfigTarget) => Promise<AwsConfig>,
): Promise<readonly JsonObject[]> {
  const config = await connect(target);
  try {
    const rows: JsonObject[] = [];
    for (const query of CONFIG_QUERIES) for (const row of await config.rows(expressionOf(query))) rows.push(row);
    return rows;
  } finally {
    config.close();
  }
}

/** Whether an asset may be one that a target would have told of. What has no region, such as a role, any region of its account tells of. */
function mayHold(
  { account, region, aggregator }: ConfigTarget,
  asset: StatedAsset,
  read: ReadonlySet<string>,
): boolean {
  const [, , , , own = '', id = ''] = asset.key.split(':', 6);
  const holder = asset.account ?? awsAccountKey(id);
  if (aggregator !== undefined) return !read.has(holder);
  if (account !== undefined && holder !== awsAccountKey(account)) return false;
  return own === '' ? !read.has(holder) : own === region;
}

function nameOf({ account, region, aggregator, profile }: ConfigTarget): string {
  const who = account ?? (profile === undefined ? 'of the default credentials' : `of profile ${profile}`);
  return `AWS account ${who} in ${region}${aggregator === undefined ? '' : `, aggregator ${aggregator}`}`;
}

/** What the service says, and what to do where that is known. */
function reasonOf(error: unknown, { aggregator }: ConfigTarget): string {
  if (!(error instanceof Error)) return 'unknown error';
  const said = `${error.name}: ${error.message}`.replaceAll(/\s+/g, ' ').slice(0, 300);
  const action = aggregator === undefined ? 'config:SelectResourceConfig' : 'config:SelectAggregateResourceConfig';
  return error.name.startsWith('AccessDenied') ? `${said}. It needs the IAM permission ${action}` : said;
}
