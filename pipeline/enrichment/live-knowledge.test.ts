import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { parseConfiguration } from '../../platform/configuration.ts';
import { Metrics } from '../../platform/metrics.ts';
import { MemoryBlobs } from '../../platform/storage/memory.ts';
import { blobCopies, type CopyStore } from './copies/copy-store.ts';
import { importInventory } from './assets/imported-inventory.ts';
import { LiveKnowledge } from './live-knowledge.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const SETTINGS = parseConfiguration(
  `
threatIntel: { sources: [{ name: contoso, url: 'https://intel.contoso.example/list.txt' }], ignore: [198.51.100.7] }
network: { providers: { aws: { enabled: false }, gcp: { enabled: false } } }
correlation: { assets: [{ id: 'arn:aws:s3:::contoso-orders', weight: 0.8 }], networks: [{ cidr: 203.0.113.0/28 }] }
`,
  '/etc/crosstrail.yaml',
);
const KEV = JSON.stringify({
  catalogVersion: '2026.11.20',
  vulnerabilities: [{ cveID: 'CVE-2026-11111', vulnerabilityName: 'Invented', knownRansomwareCampaignUse: 'Known' }],
});
const EPSS = `#model_version:v2026.01.01,score_date:2026-11-20T12:00:00Z\ncve,epss,percentile\nCVE-2026-11111,0.91,0.99\n`;

let clock: ManualClock;
let store: CopyStore;
beforeEach(() => {
  clock = new ManualClock(NOON);
  store = blobCopies(new MemoryBlobs());
});

async function keep(id: string, body: Uint8Array): Promise<void> {
  const sha256 = createHash('sha256').update(body).digest('hex');
  const manifest = { id, sha256, bytes: body.length, fetched: clock.now(), version: '1', rows: 1, source: 'test' };
  await store.write(manifest, body);
}

const open = () => LiveKnowledge.open(SETTINGS, { store, clock, metrics: new Metrics(), log: () => undefined });

describe('what is known in a process', () => {
  it('is what copies, files and the configuration say together', async () => {
    await keep('kev', Buffer.from(KEV));
    await keep('epss', gzipSync(EPSS));
    await keep('intel/contoso', Buffer.from('198.51.100.9\n198.51.100.7\n203.0.113.5\n'));
    const { current } = await open();
    expect(current.missing).toEqual({ vulnerabilities: [], others: [] });
    expect(current.vulnerability('CVE-2026-11111')).toMatchObject({
      kev: { ransomware: true },
      epss: { probability: 0.91, model: 'v2026.01.01' },
    });
    expect(current.assets.find('aws:arn:aws:s3:::contoso-orders')?.importance).toBe(0.8);
    expect(current.network.of('203.0.113.5')).toEqual({ own: true });
    const hits = (address: string) => current.intel.hits([`ip:${address}`], NOON).length;
    expect(['198.51.100.9', '198.51.100.7', '203.0.113.5'].map(hits)).toEqual([1, 0, 0]);
  });

  it('names what is not there yet, and has it when it comes, as another', async () => {
    const knowledge = await open();
    const { current } = knowledge;
    expect(current.missing).toEqual({
      vulnerabilities: ['KEV catalogue', 'EPSS scores'],
      others: ['indicators of contoso'],
    });
    expect(knowledge.current).toBe(current);
    await keep('kev', Buffer.from(KEV));
    await knowledge.refresh();
    expect(knowledge.current).toBe(current);
    clock.advance(10 * 60_000);
    await knowledge.refresh();
    expect(knowledge.current.version).not.toBe(current.version);
    expect(knowledge.current.missing.vulnerabilities).toEqual(['EPSS scores']);
    expect(knowledge.feeds()).toContainEqual(
      expect.objectContaining({ id: 'kev', version: '1', age: 600, stale: false }),
    );
    expect(knowledge.feeds()).toContainEqual(expect.objectContaining({ id: 'epss', version: undefined, stale: true }));
  });

  it('is the same as time passes, also where a copy was fetched by a machine whose clock is ahead', async () => {
    clock.advance(60_000);
    await keep('intel/contoso', Buffer.from('198.51.100.9\n'));
    clock.advance(-60_000);
    const knowledge = await open();
    const { current } = knowledge;
    expect(current.missing.others).toEqual([]);
    clock.advance(1);
    expect(knowledge.current).toBe(current);
  });

  it('has an inventory as soon as somebody imports one, and misses none where nobody did', async () => {
    const knowledge = await open();
    expect(knowledge.current.missing.others).toEqual(['indicators of contoso']);
    const assets = [{ key: 'aws:arn:aws:s3:::contoso-orders', owner: 'shop team' }];
    const inventory = { source: 'assets.csv', by: 'person' as const, assets, grants: [], missing: [] };
    expect(await importInventory(inventory, store, clock)).toMatchObject({ outcome: 'new' });
    clock.advance(10 * 60_000);
    await knowledge.refresh();
    expect(knowledge.current.assets.find('aws:arn:aws:s3:::contoso-orders/2026')?.owner).toBe('shop team');
  });

  it('stays where a copy is damaged', async () => {
    await keep('kev', Buffer.from(KEV));
    const knowledge = await open();
    await keep('kev', Buffer.from('<html>busy</html>'));
    clock.advance(10 * 60_000);
    await knowledge.refresh();
    expect(knowledge.current.vulnerability('CVE-2026-11111').kev).toBeDefined();
  });
});
