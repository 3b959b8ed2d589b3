import { Option, type Command } from 'commander';
import { systemClock } from '../../platform/clock.ts';
import { loadConfiguration, type Configuration } from '../../platform/configuration.ts';
import { prefixText } from '../../platform/ip-prefix.ts';
import type { CopyStore } from '../../pipeline/enrichment/copies/copy-store.ts';
import { FeedError } from '../../pipeline/enrichment/feed-error.ts';
import { openAddressDatabase } from '../../pipeline/enrichment/network/address-database.ts';
import { NetworkContext, type AddressSource } from '../../pipeline/enrichment/network/network-context.ts';
import { networkFeeds } from '../../pipeline/enrichment/network/network-feeds.ts';
import { readIndicatorValue } from '../../pipeline/enrichment/threat-intel/indicator-value.ts';
import { ignoredValues } from '../../pipeline/enrichment/threat-intel/intel-feed.ts';
import { intelStatus } from '../../pipeline/enrichment/threat-intel/intel-status.ts';
import { ThreatIntel } from '../../pipeline/enrichment/threat-intel/threat-intel.ts';
import { dataOption } from '../connection.ts';
import { folderOption, keptCopies, type CopiesOptions } from '../feeds/kept-copies.ts';
import { lookupLine, lookupText, statusLine, statusText, type Lookup } from '../intel/intel-text.ts';
import { writer } from '../output.ts';
import { UnusableInputError } from '../scan/files.ts';

interface Options extends CopiesOptions {
  readonly config?: string;
  readonly format: 'table' | 'ndjson';
}

/** `crosstrail intel lookup|status` */
export function intelCommand(program: Command): void {
  const intel = program
    .command('intel')
    .description('indicators of attackers: what is known of an address or a domain');
  withOptions(intel.command('lookup'))
    .description(
      'what sources of indicators, databases and clouds say of addresses and domains, and until when it counts',
    )
    .argument('<value...>', 'IP addresses and domains')
    .action(async (values: string[], options: Options) => lookUp(values, options));
  withOptions(intel.command('status'))
    .description(
      'how the sources of indicators stand: how many they have, how old they are, and what of them was refused',
    )
    .action(async (options: Options) => tellStatus(options));
}

const withOptions = (command: Command): Command =>
  command
    .addOption(dataOption())
    .addOption(folderOption())
    .option('--config <file>', 'the configuration, which names the sources (crosstrail.yaml)')
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'));

async function lookUp(texts: readonly string[], options: Options): Promise<void> {
  const values = texts.map(valueOf);
  const configuration = await loadConfiguration(options.config);
  const { store } = await keptCopies(options);
  const { threatIntel, correlation } = configuration;
  const ignored = ignoredValues(threatIntel, correlation.networks);
  const now = systemClock.now();
  const statuses = await intelStatus(threatIntel, ignored, store, now);
  const sources = statuses.flatMap(({ source }) => (source === undefined ? [] : [source]));
  const [intel, network] = [new ThreatIntel(sources, ignored), await networkOf(configuration, store)];
  const lookups = values.map((value): Lookup =>
    value.includes('.') && readIndicatorValue(value)?.kind === 'domain'
      ? { value, context: undefined, indicators: intel.ofDomain(value) }
      : { value, context: network.of(value), indicators: intel.ofAddress(value) },
  );
  const out = writer(process.stdout);
  if (options.format === 'table') out.line(lookups.map((lookup) => lookupText(lookup, now)).join('\n\n'));
  else for (const lookup of lookups) out.line(JSON.stringify(lookupLine(lookup, now)));
  await out.end();
  for (const { id, source, problem = 'there is no copy of it yet; crosstrail feeds update gets one' } of statuses) {
    if (source === undefined) process.stderr.write(`crosstrail: ${id} could not be asked: ${problem}\n`);
  }
}

async function tellStatus(options: Options): Promise<void> {
  const { threatIntel, correlation } = await loadConfiguration(options.config);
  const ignored = ignoredValues(threatIntel, correlation.networks);
  const { store } = await keptCopies(options);
  const statuses = await intelStatus(threatIntel, ignored, store, systemClock.now());
  const out = writer(process.stdout);
  if (options.format === 'table') out.line(statusText(statuses));
  else for (const status of statuses) out.line(JSON.stringify(statusLine(status)));
  await out.end();
}

/** An address or a domain in canonical text. */
function valueOf(text: string): string {
  const value = readIndicatorValue(text);
  if (value?.kind === 'domain' && value.domain.includes('.')) return value.domain;
  const address = value?.kind === 'network' ? prefixText(value.prefix) : '/';
  if (!address.includes('/')) return address;
  throw new UnusableInputError(`${JSON.stringify(text)} is no IP address or domain; write one, such as 203.0.113.7`);
}

/** What the configured databases, and such ranges of clouds as there are copies of, say of addresses. */
async function networkOf({ network, correlation }: Configuration, store: CopyStore): Promise<NetworkContext> {
  const places: AddressSource[] = [];
  for (const file of network.databases) {
    places.push(
      await openAddressDatabase(file).catch((error: unknown) => {
        throw error instanceof FeedError ? new UnusableInputError(error.message) : error;
      }),
    );
  }
  for (const feed of networkFeeds(network)) {
    const copy = await store.read(feed.id);
    if (copy !== undefined) places.push(feed.parse(copy.body));
  }
  return new NetworkContext(
    correlation.networks.map(({ cidr }) => cidr),
    places,
  );
}
