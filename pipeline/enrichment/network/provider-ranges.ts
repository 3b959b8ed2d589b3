import { parsePrefix } from '../../../platform/ip-prefix.ts';
import { arrayOf, isObject, objectOf, parseJson, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { AddressContext } from '../../timeline/context.ts';
import { FeedError } from '../feed-error.ts';
import type { AddressSource } from './network-context.ts';
import { PrefixTable } from './prefix-table.ts';

/** The clouds that publish which addresses are theirs. */
export type Provider = 'aws' | 'gcp' | 'azure';

/** The ranges of addresses that one cloud publishes. */
export class ProviderRanges implements AddressSource {
  readonly #ranges = new PrefixTable<AddressContext>();
  /** As its publisher calls it. */
  readonly version: string;

  constructor(ranges: Iterable<PublishedRange>, version: string) {
    const contexts = new Map<string, AddressContext>();
    for (const { cidr, name } of ranges) {
      const prefix = parsePrefix(cidr);
      // A whole half of the internet is nobody's.
      if (prefix === undefined || prefix.length < SHORTEST) continue;
      const known = this.#ranges.get(prefix)?.provider;
      if (known !== undefined && known.length >= name.length) continue;
      const context = contexts.get(name) ?? { provider: name };
      contexts.set(name, context);
      this.#ranges.set(prefix, context);
    }
    this.version = version;
  }

  /** How many ranges there are. */
  get size(): number {
    return this.#ranges.size;
  }

  of(address: string): AddressContext | undefined {
    return this.#ranges.matches(address)[0]?.value;
  }
}

const SHORTEST = 8;

/** A range in CIDR notation, and what it is called: `AWS EC2 eu-central-1`. Of two names of one range the longer, which says more, counts. */
interface PublishedRange {
  readonly cidr: string;
  readonly name: string;
}

/**
 * Reads the ranges of a cloud as it publishes them.
 * @throws FeedError for anything else
 */
export function parseProviderRanges(provider: Provider, body: Uint8Array): ProviderRanges {
  let file: Json;
  try {
    file = parseJson(new TextDecoder().decode(body));
  } catch {
    throw new FeedError('not the ranges of a cloud: not JSON');
  }
  const { ranges, version } = READERS[provider](objectOf(file) ?? {});
  const read = new ProviderRanges(ranges, version.slice(0, 100));
  if (read.size === 0) throw new FeedError(`not the ranges of ${provider} as it publishes them: there is none`);
  return read;
}

interface Published {
  readonly ranges: readonly PublishedRange[];
  readonly version: string;
}

const READERS: Readonly<Record<Provider, (file: JsonObject) => Published>> = {
  aws: readAws,
  gcp: readGcp,
  azure: readAzure,
};

/** https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html */
function readAws(file: JsonObject): Published {
  const rows = [...objectsIn(file.prefixes), ...objectsIn(file.ipv6_prefixes)];
  const ranges = rows.map((row) => {
    const service = nameIn(row.service);
    // `AMAZON` holds every other: it says nothing more.
    const name = ['AWS', service === 'AMAZON' ? '' : service, nameIn(row.region)];
    return { cidr: textOf(row.ip_prefix) ?? textOf(row.ipv6_prefix) ?? '', name: joined(name) };
  });
  return { ranges, version: textOf(file.createDate) ?? textOf(file.syncToken) ?? '' };
}

/** https://docs.cloud.google.com/vpc/docs/access-apis-external-ip */
function readGcp(file: JsonObject): Published {
  const ranges = objectsIn(file.prefixes).map((row) => ({
    cidr: textOf(row.ipv4Prefix) ?? textOf(row.ipv6Prefix) ?? '',
    name: joined([nameIn(row.service) === '' ? 'Google Cloud' : nameIn(row.service), nameIn(row.scope)]),
  }));
  return { ranges, version: textOf(file.creationTime) ?? textOf(file.syncToken) ?? '' };
}

/** https://learn.microsoft.com/azure/virtual-network/service-tags-overview */
function readAzure(file: JsonObject): Published {
  const ranges = objectsIn(file.values).flatMap((value) => {
    const properties = objectOf(value.properties) ?? {};
    const service = nameIn(properties.systemService);
    // `AzureCloud` holds every other, and names no service.
    const name = joined([service.startsWith('Azure') ? '' : 'Azure', service, nameIn(properties.region)]);
    return (arrayOf(properties.addressPrefixes) ?? []).flatMap((cidr) =>
      typeof cidr === 'string' ? [{ cidr, name }] : [],
    );
  });
  const change = file.changeNumber;
  return { ranges, version: typeof change === 'number' ? String(change) : (textOf(change) ?? '') };
}

const objectsIn = (list: Json | undefined): JsonObject[] => (arrayOf(list) ?? []).filter(isObject);
const nameIn = (value: Json | undefined): string => textOf(value)?.slice(0, 60) ?? '';
const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');
