import { Option, type Command } from 'commander';
import { systemClock } from '../../platform/clock.ts';
import { loadConfiguration } from '../../platform/configuration.ts';
import { keyOfId } from '../../pipeline/enrichment/assets/asset-key.ts';
import { loadAssetFiles } from '../../pipeline/enrichment/assets/asset-files.ts';
import { importInventory } from '../../pipeline/enrichment/assets/imported-inventory.ts';
import { AssetError } from '../../pipeline/enrichment/assets/inventory.ts';
import { decodeInventory } from '../../pipeline/enrichment/assets/inventory-copy.ts';
import { feedHttp } from '../../pipeline/enrichment/feed/http-client.ts';
import { reportText } from '../../pipeline/enrichment/feed/report-text.ts';
import { updateFeed } from '../../pipeline/enrichment/feed/update-feed.ts';
import { configuredFeeds } from '../../pipeline/enrichment/feeds/registry.ts';
import { ASSET_KINDS, type Asset } from '../../pipeline/timeline/asset.ts';
import { assetPage } from '../assets/asset-page.ts';
import { assetTable } from '../assets/asset-table.ts';
import { knownAssets, type AssetsOptions } from '../assets/known-assets.ts';
import { dataOption } from '../connection.ts';
import { folderOption, keptCopies } from '../feeds/kept-copies.ts';
import { writer } from '../output.ts';
import { UnusableInputError } from '../scan/files.ts';
import { printable } from '../terminal.ts';

interface Options extends AssetsOptions {
  readonly format: 'table' | 'ndjson';
}

interface ListOptions extends Options {
  readonly kind?: string;
  readonly exposure?: string;
  readonly environment?: string;
  readonly within?: string;
  readonly limit: number;
}

/** `crosstrail assets update|import|list|show` */
export function assetsCommand(program: Command): void {
  const assets = program
    .command('assets')
    .description('what there is: who owns it, how important it is, and whether it can be reached from the internet');
  withInventories(assets.command('update').description('read the inventories of the clouds that are configured'))
    .option('--force', 'take one that is much shorter than before')
    .action(async (options: Options & { readonly force?: boolean }) => {
      process.exitCode = await update(options);
    });
  withInventories(assets.command('import').description('put an inventory that people keep into a deployment'))
    .argument('<file>', 'JSON or CSV; it takes the place of the one imported before')
    .option('--force', 'take it though it is much shorter than before')
    .action(async (file: string, options: Options & { readonly force?: boolean }) => {
      process.exitCode = await importFile(file, options);
    });
  withInventories(assets.command('list').description('assets, the most important first'))
    .addOption(new Option('--kind <kind>', 'only these').choices(ASSET_KINDS))
    .addOption(new Option('--exposure <exposure>', 'only these').choices(['internet', 'internal', 'unknown']))
    .option('--environment <environment>', 'only of this')
    .option(
      '--within <asset>',
      'only what this is or what lies within it: an Azure resource id, an ARN, an account, a key',
    )
    .option('--limit <n>', 'at most this many', (text) => Number.parseInt(text, 10), 50)
    .action(list);
  withInventories(assets.command('show').description('one asset, whom it can act as, and what these may do'))
    .argument('<id>', 'an Azure resource id, an ARN, an account, a key, or its name')
    .action(show);
}

const withInventories = (command: Command): Command =>
  command
    .addOption(dataOption())
    .addOption(folderOption())
    .option('--config <file>', 'the configuration, which names inventories (crosstrail.yaml)')
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'));

/** @returns 1 where it was not taken */
async function importFile(
  file: string,
  { force, format, ...options }: Options & { readonly force?: boolean },
): Promise<number> {
  const [inventory] = await loadAssetFiles([file]).catch((error: unknown) => {
    throw error instanceof AssetError ? new UnusableInputError(error.message) : error;
  });
  if (inventory === undefined) return 1;
  const { store } = await keptCopies(options);
  const report = await importInventory(inventory, store, systemClock, { force });
  const out = writer(process.stdout);
  out.line(format === 'ndjson' ? JSON.stringify({ type: 'assets-import', ...report }) : reportText(report));
  await out.end();
  return report.outcome === 'kept' ? 1 : 0;
}

/** @returns 1 where an inventory was not taken */
async function update({ force, config, format, ...options }: Options & { readonly force?: boolean }): Promise<number> {
  const { inventories } = configuredFeeds(await loadConfiguration(config));
  if (inventories.length === 0)
    throw new UnusableInputError(
      'no cloud is configured: name assets.azure or assets.aws in crosstrail.yaml; files are read where they are',
    );
  const { store } = await keptCopies(options);
  const out = writer(process.stdout);
  let failed = 0;
  for (const feed of inventories) {
    const report = await updateFeed(feed, store, feedHttp(), systemClock, { force });
    const copy = await store.read(feed.id);
    const missing = copy === undefined ? [] : decodeInventory(copy.body).missing;
    if (report.outcome === 'kept') failed++;
    if (format === 'ndjson') out.line(JSON.stringify({ type: 'assets-update', ...report, missing }));
    else out.line([reportText(report), ...missing.map((what) => `  not read: ${printable(what)}`)].join('\n'));
  }
  await out.end();
  return failed === 0 ? 0 : 1;
}

async function list({ kind, exposure, environment, within, limit, format, ...options }: ListOptions): Promise<void> {
  if (!(limit >= 1)) throw new UnusableInputError('--limit: expected a whole number from 1');
  const { inventory, shown, missing } = await knownAssets(options);
  const all = within === undefined ? [...inventory.all()] : inventory.within(keyOfId(within.trim()), inventory.size);
  const asked = all
    .filter((asset) => kind === undefined || asset.kind === kind)
    .filter((asset) => environment === undefined || asset.environment === environment.toLowerCase())
    .map(shown)
    .filter((asset) => exposure === undefined || asset.exposure === exposure);
  const out = writer(process.stdout);
  const first = asked.slice(0, limit);
  if (format === 'ndjson') for (const asset of first) out.line(JSON.stringify({ type: 'asset', ...asset }));
  else if (first.length === 0) out.line('no assets');
  else {
    out.line(assetTable(first));
    if (asked.length > limit) out.line(`and ${asked.length - limit} more (--limit)`);
  }
  await out.end();
  tellMissing(missing);
}

async function show(id: string, { format, ...options }: Options): Promise<void> {
  const { inventory, shown, missing } = await knownAssets(options);
  const text = id.trim();
  const found = inventory.find(keyOfId(text));
  const named = found === undefined ? [...inventory.all()].filter(({ name }) => name === text) : [found];
  const [asset] = named;
  const asked = printable(text).slice(0, 200);
  if (asset === undefined)
    throw new UnusableInputError(`no inventory knows ${asked}; crosstrail assets list shows what there is`);
  if (named.length > 1) throw new UnusableInputError(`${asked} may mean several: ${keysOf(named)}`);
  const out = writer(process.stdout);
  const told = shown(asset);
  const rights = asset.identities.flatMap((identity) => inventory.grantsOf(identity));
  if (format === 'ndjson') out.line(JSON.stringify({ type: 'asset', ...told, grants: rights }));
  else out.line(assetPage(told, keyOfId(text), rights, inventory));
  await out.end();
  tellMissing(missing);
}

const keysOf = (assets: readonly Asset[]): string =>
  `${assets
    .slice(0, 5)
    .map(({ key }) => printable(key))
    .join(', ')}${assets.length > 5 ? ', …' : ''}`;

function tellMissing(missing: readonly string[]): void {
  for (const what of missing) process.stderr.write(`crosstrail: not read: ${printable(what)}\n`);
}
