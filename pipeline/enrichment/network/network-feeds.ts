import type { NetworkSettings } from '../../../platform/configuration/network.ts';
import { fetchFile } from '../feed/fetch-file.ts';
import type { Feed } from '../feed/feed.ts';
import { unpacked } from '../feed/unpacked.ts';
import { parseProviderRanges, type Provider, type ProviderRanges } from './provider-ranges.ts';

const MAX_BYTES = 64 * 1024 * 1024;
/** Azure publishes once a week. */
const MAX_AGE = 14 * 86_400_000;

const TITLES: Readonly<Record<Provider, string>> = {
  aws: 'addresses of AWS',
  gcp: 'addresses of Google Cloud',
  azure: 'addresses of Azure',
};

/** The ranges of addresses that clouds publish and the configuration asks for, as feeds: `ranges/aws`. */
export function networkFeeds({ providers }: NetworkSettings): Feed<ProviderRanges>[] {
  const { aws, gcp, azure } = providers;
  return [
    ...(aws.enabled ? [rangesFeed('aws', { url: aws.url })] : []),
    ...(gcp.enabled ? [rangesFeed('gcp', { url: gcp.url })] : []),
    ...(azure.url !== undefined || azure.file !== undefined ? [rangesFeed('azure', azure)] : []),
  ];
}

interface Place {
  readonly url?: string | undefined;
  readonly file?: string | undefined;
}

function rangesFeed(provider: Provider, { url = '', file }: Place): Feed<ProviderRanges> {
  return {
    id: `ranges/${provider}`,
    title: TITLES[provider],
    maxAge: MAX_AGE,
    fetch: (previous, http) =>
      file === undefined ? http.get({ url, previous: previous?.manifest }) : fetchFile(file, previous),
    parse: (body) => parseProviderRanges(provider, unpacked(body, MAX_BYTES)),
    describe: ({ version, size }) => ({ version, rows: size }),
    objection: (before, after) =>
      after.size * 2 >= before.size
        ? undefined
        : `it has ${after.size} ranges and had ${before.size}: more than half are gone`,
  };
}
