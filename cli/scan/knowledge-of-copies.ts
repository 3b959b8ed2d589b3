import { systemClock } from '../../platform/clock.ts';
import type { Configuration } from '../../platform/configuration.ts';
import { Metrics } from '../../platform/metrics.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { loadAssetFiles } from '../../pipeline/enrichment/assets/asset-files.ts';
import { blobCopies, folderCopies, type CopyStore } from '../../pipeline/enrichment/copies/copy-store.ts';
import { FeedError } from '../../pipeline/enrichment/feed-error.ts';
import type { FeedHttp } from '../../pipeline/enrichment/feed/feed-http.ts';
import { fetchFile } from '../../pipeline/enrichment/feed/fetch-file.ts';
import { updateFeed } from '../../pipeline/enrichment/feed/update-feed.ts';
import { configuredFeeds } from '../../pipeline/enrichment/feeds/registry.ts';
import type { Knowledge } from '../../pipeline/enrichment/knowledge.ts';
import { LiveKnowledge } from '../../pipeline/enrichment/live-knowledge.ts';
import { printable } from '../terminal.ts';

/** What is named beside the copies. */
interface NamedFiles {
  readonly kev?: string;
  readonly epss?: string;
  readonly assets?: readonly string[];
}

/**
 * What the copies of feeds and inventories in a folder say, and the files that options and the configuration name, which count before copies.
 * Nobody is asked over the network.
 * @throws FeedError, AssetError where a file cannot be used, or the folder holds nothing
 */
export async function knowledgeOfCopies(
  configuration: Configuration,
  folder: string,
  { kev, epss, assets = [] }: NamedFiles,
): Promise<Knowledge> {
  const copies = folderCopies(folder);
  if ((await copies.list()).length === 0) {
    throw new FeedError(`${folder}: holds no copies; crosstrail feeds update --folder ${folder} gets some`);
  }
  const { feeds } = configuration;
  const settings = {
    ...configuration,
    feeds: {
      ...feeds,
      kev: { ...feeds.kev, enabled: feeds.kev.enabled || kev !== undefined },
      epss: { ...feeds.epss, enabled: feeds.epss.enabled || epss !== undefined },
    },
  };
  const files = await copiesOfFiles(settings, { kev, epss });
  const ports = {
    store: layered(files, copies),
    clock: systemClock,
    metrics: new Metrics(),
    log: (_level: string, message: string) => void process.stderr.write(`crosstrail: ${printable(message)}\n`),
  };
  const live = await LiveKnowledge.open(settings, ports, await loadAssetFiles(assets));
  await live.refresh();
  return live.current;
}

const NOT_ASKED = 'nobody is asked in a scan';
const offline: FeedHttp = { get: () => Promise.reject(new FeedError(NOT_ASKED)) };

/** In memory, as copies, the feeds that are files. */
async function copiesOfFiles(
  settings: Configuration,
  named: Readonly<Record<string, string | undefined>>,
): Promise<CopyStore> {
  const store = blobCopies(memoryStorage().blobs);
  for (const feed of configuredFeeds(settings).published) {
    const file = Object.hasOwn(named, feed.id) ? named[feed.id] : undefined;
    const given = file === undefined ? undefined : await fetchFile(file, undefined);
    const from = given === 'unchanged' ? undefined : given;
    const { problem } = await updateFeed(feed, store, offline, systemClock, { from });
    if (problem !== undefined && problem !== NOT_ASKED) throw new FeedError(`${file ?? feed.id}: ${problem}`);
  }
  return store;
}

/** Two stores as one to read, of which the first counts. */
const layered = (first: CopyStore, second: CopyStore): CopyStore => ({
  ...first,
  manifest: async (id) => (await first.manifest(id)) ?? second.manifest(id),
  read: async (id) => (await first.read(id)) ?? second.read(id),
  check: async (id) => ((await first.manifest(id)) === undefined ? second.check(id) : first.check(id)),
  damage: async (id) => ((await first.manifest(id)) === undefined ? second.damage(id) : first.damage(id)),
  async list() {
    const manifests = new Map((await second.list()).map((manifest) => [manifest.id, manifest]));
    for (const manifest of await first.list()) manifests.set(manifest.id, manifest);
    return [...manifests.values()];
  },
});
