import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scan } from '../cli/scan/scan.ts';
import { provideServices, services } from '../functions/services.ts';
import { DEMO_INVENTORY } from '../local/demo/inventory.ts';
import { demoStory, type DemoRecord } from '../local/demo/story.ts';
import { ATTACKER } from '../local/demo/tenant.ts';
import { invoke, json } from '../local/host/invoke.ts';
import { captureFunctions, type FunctionApp } from '../local/host/registrations.ts';
import { importInventory } from '../pipeline/enrichment/assets/imported-inventory.ts';
import { blobCopies, sha256 } from '../pipeline/enrichment/copies/copy-store.ts';
import type { Incident } from '../pipeline/timeline/incident.ts';
import { ManualClock } from '../platform/clock.ts';
import { memoryPorts } from './memory-ports.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;
const KEV = Buffer.from(
  JSON.stringify({
    catalogVersion: '2026.11.20',
    vulnerabilities: [{ cveID: 'CVE-2025-55182', dueDate: '2026-12-01', knownRansomwareCampaignUse: 'Known' }],
  }),
);
const CONFIGURATION = `
feeds: { epss: { enabled: false } }
network: { providers: { aws: { enabled: false }, gcp: { enabled: false } } }
threatIntel: { sources: [{ name: contoso, url: 'https://intel.contoso.example/list.txt' }] }
`;

const { storage, hubs } = memoryPorts();
const story = demoStory(NOON);
const clock = new ManualClock(story[0]?.time ?? 0);
const copies = blobCopies(storage.blobs);
let folder: string;
let app: FunctionApp;

/** Has a copy of a feed. */
function keep(id: string, body: Uint8Array): Promise<void> {
  const manifest = { id, sha256: sha256(body), bytes: body.length, fetched: clock.now(), version: '1', rows: 1 };
  return copies.write({ ...manifest, source: 'test' }, body);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scan-and-streams-'));
  writeFileSync(join(folder, 'crosstrail.yaml'), CONFIGURATION);
  process.env['CROSSTRAIL_CONFIG'] = join(folder, 'crosstrail.yaml');
  await keep('kev', KEV);
  await keep('intel/contoso', Buffer.from(`${ATTACKER.ip}\n`));
  await importInventory(DEMO_INVENTORY, copies, clock);
  provideServices({ storage, hubs, clock, log: () => undefined });
  app = await captureFunctions(() => import('../functions/index.ts'));
});
afterAll(() => {
  delete process.env['CROSSTRAIL_CONFIG'];
  provideServices({});
  rmSync(folder, { recursive: true, force: true });
});

/** Gives bodies to a function as one batch of its hub. */
async function deliver(name: string, bodies: readonly Uint8Array[], enqueued: number): Promise<void> {
  const registration = app.functions.find((one) => one.name === name);
  if (registration === undefined) throw new Error(`there is no function ${name}`);
  const metadata = {
    sequenceNumberArray: json(bodies.map((_, at) => at)),
    enqueuedTimeUtcArray: json(bodies.map(() => new Date(enqueued).toISOString())),
    partitionContext: json({ partitionId: '0' }),
  };
  const data = { collectionBytes: { bytes: bodies.map((body) => Buffer.from(body)) } };
  await invoke(app, registration, { data, metadata }, () => undefined);
}

/** What was sent to a hub since this was last asked. */
function taken(hub: string): Uint8Array[] {
  const messages = hubs.sent.get(hub)?.splice(0) ?? [];
  return messages.map(({ body }) => (typeof body === 'string' ? Buffer.from(body) : body));
}

/** Brings what waits in the hubs to the functions, in their order. */
async function settle(): Promise<void> {
  const events = taken('timeline');
  if (events.length > 0) {
    await deliver('store-events', events, clock.now());
    await deliver('correlate', events, clock.now());
  }
  const observations = taken('correlation');
  if (observations.length > 0) await deliver('join-observations', observations, clock.now());
}

/** The story through the functions, a few records at a time, then an hour in which nothing comes. */
async function streamed(): Promise<Incident[]> {
  for (let at = 0; at < story.length; at += 25) {
    const some = story.slice(at, at + 25);
    const latest = some.at(-1)?.time ?? 0;
    clock.advance(Math.max(0, latest - clock.now()));
    for (const [hub, records] of Map.groupBy(some, (one: DemoRecord) => one.hub))
      await deliver(
        `ingest-${hub}`,
        records.map(({ record }) => Buffer.from(JSON.stringify(record))),
        latest,
      );
    await settle();
  }
  const tick = app.functions.find(({ name }) => name === 'pass-time');
  if (tick === undefined) throw new Error('there is no function pass-time');
  for (let minutes = 0; minutes < 60; minutes += 3) {
    clock.advance(3 * MINUTE);
    await invoke(app, tick, { data: json({ IsPastDue: false }) }, () => undefined);
    await settle();
  }
  const { incidents } = await services();
  return (await Array.fromAsync(incidents.list({ limit: 100 }))).map(({ incident }) => incident);
}

async function scanned(): Promise<readonly Incident[]> {
  const files = [...Map.groupBy(story, ({ hub }) => hub)].map(([hub, records]) => {
    const file = join(folder, `${hub}.json`);
    writeFileSync(file, JSON.stringify(records.map(({ record }) => record)));
    return file;
  });
  const { rules, knowledge } = await services();
  return (await scan(files, rules.current, {}, { knowledge: knowledge.current })).incidents;
}

const inOrder = (incidents: readonly Incident[]): Incident[] =>
  incidents.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((one) => JSON.parse(JSON.stringify(one)) as Incident);

describe('a scan and the streams, for the same records and with the same knowledge', () => {
  it('tell the same incidents, with the same facts, score and decision', async () => {
    const [streams, files] = [inOrder(await streamed()), inOrder(await scanned())];
    expect(files.some(({ context }) => context?.headline?.includes('CVE-2025-55182'))).toBe(true);
    expect(files.some(({ context }) => context?.hits.length === 1 && context.paths.length > 0)).toBe(true);
    expect(streams).toEqual(files);
  });
});
