import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import type { Incident } from '../timeline/incident.ts';
import { AssetInventory } from './assets/asset-inventory.ts';
import type { StatedAsset } from './assets/inventory.ts';
import type { FindingReader } from './findings/finding-reader.ts';
import { MemoryFindings } from './findings/memory-findings.ts';
import { incidentFacts, type FactSources, type KnownCondition } from './incident-facts.ts';
import type { Knowledge } from './knowledge.ts';
import { NetworkContext } from './network/network-context.ts';
import { ThreatIntel } from './threat-intel/threat-intel.ts';
import { MemoryUses, type UseReader } from './uses.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const GROUP = 'arm:/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/shop/providers';
const WEB = `${GROUP}/microsoft.compute/virtualmachines/web-1`;
const GUARD = `${GROUP}/microsoft.network/networksecuritygroups/web`;
const ORDERS = `${GROUP}/microsoft.storage/storageaccounts/orders`;
const IDENTITY = 'entra-sp:00000000-0000-4000-8000-00000000aaaa/00000000-0000-4000-8000-0000000000b1';
const IMAGE = 'image:registry.contoso.example/web:1';
const ATTACKER = 'ip:203.0.113.9';

const ASSETS: readonly StatedAsset[] = [
  { key: WEB, kind: 'compute', name: 'web-1', identities: [IDENTITY], behind: ['ip:203.0.113.4', GUARD, IMAGE] },
  { key: ORDERS, kind: 'storage', name: 'orders', dataClass: 'restricted', importance: 0.9 },
];

/** What look-ups in memory give: a listed CVE, and one indicator that ends at one o'clock. */
function knowledgeOf(more: Partial<Knowledge> = {}): Knowledge {
  const grants = [{ principal: IDENTITY, scope: ORDERS, role: 'Storage Blob Data Reader' }];
  const inventory = { source: 'azure', by: 'cloud' as const, assets: ASSETS, grants, missing: [] };
  const intel = new ThreatIntel([]);
  intel.hits = (keys, time) =>
    [...keys].includes(ATTACKER) && time < NOON + 3_600_000 ? [{ key: ATTACKER, indicator: INDICATOR }] : [];
  return {
    version: '1',
    assets: new AssetInventory([inventory]),
    intel,
    network: new NetworkContext([], []),
    vulnerability: (cve) => ({
      cve,
      ...(cve === 'CVE-2026-11111' && {
        kev: { name: 'Invented', dateAdded: '2026-10-01', dueDate: '2026-10-22', ransomware: true },
      }),
    }),
    missing: { vulnerabilities: [], others: [] },
    ...more,
  };
}

const INDICATOR = { id: 'intel/1', kind: 'address', value: '203.0.113.9', source: 'intel', labels: [] } as const;

/** An incident in which the identity of the web server read orders, from the attacker's address. */
const incident = (more: Partial<Incident['graph']> = {}): Incident => ({
  id: 'incident-1',
  title: 'web-1',
  severity: 'medium',
  score: 30,
  reasons: [],
  decision: 'warn',
  grounds: { points: 30, critical: false, counted: false },
  principals: [{ id: IDENTITY, label: 'web-identity', kind: 'workload', aliases: [] }],
  clouds: ['Azure'],
  sources: ['azure-activity'],
  techniques: [],
  tactics: [],
  firstSeen: NOON,
  lastSeen: NOON,
  steps: [],
  story: [],
  graph: {
    nodes: [
      { id: IDENTITY, label: 'web-identity', kind: 'principal' },
      { id: ATTACKER, label: '203.0.113.9', kind: 'address' },
      { id: `${ORDERS}/blobservices/default`, label: 'orders', kind: 'resource' },
    ],
    edges: [{ from: IDENTITY, to: ATTACKER, label: 'used', time: NOON }],
    ...more,
  },
  joins: [],
  alertIds: [],
  eventIds: [],
});

const findings = new MemoryFindings();
const finding = {
  source: 'defender',
  cves: ['CVE-2026-11111'],
  severity: 'high',
  status: 'open',
  time: NOON,
  eventId: 'defender/1',
} as const;
findings.keep({ ...finding, id: 'defender/web', title: 'Update openssl', asset: WEB });
findings.keep({ ...finding, id: 'trivy/image', title: 'openssl in the image', asset: IMAGE });

const sources = (more: Partial<FactSources> = {}): FactSources => ({
  ...{ knowledge: () => knowledgeOf(), findings, uses: new MemoryUses(), clock: new ManualClock(NOON) },
  ...more,
});
const OPENED: readonly KnownCondition[] = [{ condition: 'network-open', resource: GUARD }];

describe('the facts of an incident', () => {
  it('are its assets, what is weak there, who attacks, and the way from the internet to data', async () => {
    const facts = await incidentFacts(incident(), OPENED, sources());
    expect(facts.assets.map(({ name, exposure }) => [name, exposure])).toEqual([
      ['orders', 'unknown'],
      ['web-1', 'internet'],
    ]);
    expect(facts.findings.map(({ finding: { id }, priority, exposure }) => [id, priority, exposure])).toEqual([
      ['defender/web', 'act', 'internet'],
      ['trivy/image', 'act', 'internet'],
    ]);
    expect(facts.hits).toEqual([{ key: ATTACKER, indicator: INDICATOR }]);
    expect(facts.paths[0]?.steps.map(({ key }) => key)).toEqual(expect.arrayContaining([WEB, IDENTITY, ORDERS]));
    expect(facts.paths[0]).toMatchObject({ seen: true });
    expect(facts.missing).toEqual([]);
  });

  it('name no more of an asset than a row has room for, what is weak first', async () => {
    const many = (kind: string) => Array.from({ length: 200 }, (_, at) => `${kind}:${at}`);
    const web = { key: WEB, identities: [IDENTITY, ...many('role')], behind: [...many('guard'), IMAGE] };
    const inventory = { source: 'azure', by: 'cloud' as const, assets: [web], grants: [], missing: [] };
    const knowledge = () => knowledgeOf({ assets: new AssetInventory([inventory]) });
    const { assets } = await incidentFacts(incident(), [], sources({ knowledge }));
    expect(assets[0]).toMatchObject({ key: WEB, identities: { length: 20 }, behind: { length: 20, 0: IMAGE } });
  });

  it('weigh of a flood of findings those of the highest severity', async () => {
    const flood = Array.from({ length: 30_000 }, (_, at) => {
      const severity = at === 29_999 ? 'critical' : 'low';
      return { ...finding, severity, id: `trivy/${at}`, title: 'Update', asset: WEB } as const;
    });
    let weighed = 0;
    const counting = { vulnerability: (cve: string) => (weighed++, { cve }) };
    const reader: FindingReader = { ofAsset: (key) => Promise.resolve(key === WEB ? flood : []) };
    const facts = await incidentFacts(
      incident(),
      [],
      sources({ findings: reader, knowledge: () => knowledgeOf(counting) }),
    );
    expect(facts.findings[0]?.finding.id).toBe('trivy/29999');
    expect(weighed).toBe(10_000);
  });

  it('name a way once that a principal is on under several names', async () => {
    const principal = { id: IDENTITY, label: 'web-identity', kind: 'workload', aliases: ['entra-oid:b1'] } as const;
    const named = { ...incident(), principals: [principal] };
    const uses: UseReader = { of: () => Promise.resolve([{ target: ORDERS }]) };
    const { paths } = await incidentFacts(named, [], sources({ uses }));
    expect(paths.map(({ steps }) => steps.map(({ label }) => label).join(' > '))).toEqual(['web-identity > orders']);
  });

  it('do not count what was closed again, nor an indicator before or after its time', async () => {
    const closed = [{ ...OPENED[0], condition: 'network-open', resource: GUARD, undone: {} }] as const;
    const facts = await incidentFacts(incident(), closed, sources());
    expect(facts.assets.find(({ name }) => name === 'web-1')?.exposure).not.toBe('internet');
    const later = incident({ edges: [{ from: IDENTITY, to: ATTACKER, label: 'used', time: NOON + 7_200_000 }] });
    expect((await incidentFacts(later, [], sources())).hits).toEqual([]);
  });

  it('name what could not be asked, and hold the rest', async () => {
    const failing: FindingReader = { ofAsset: () => Promise.reject(new Error('storage is away')) };
    const failed = await incidentFacts(incident(), OPENED, sources({ findings: failing }));
    expect(failed.missing).toEqual(['findings']);
    expect(failed.assets).toHaveLength(2);

    const clock = new ManualClock(NOON);
    const silent: UseReader = { of: () => new Promise(() => undefined) };
    const waiting = incidentFacts(incident(), OPENED, sources({ uses: silent, clock, budget: 1000 }));
    await expect.poll(() => clock.waiting).toBeGreaterThan(0);
    clock.advance(1000);
    const late = await waiting;
    expect(late.missing).toEqual(['what its identities use']);
    expect(late.findings).toHaveLength(2);
  });

  it('ask nobody where there is no time, and only what is in memory is told', async () => {
    let asked = 0;
    const counting: FindingReader & UseReader = {
      ofAsset: () => Promise.resolve((asked++, [])),
      of: () => Promise.resolve((asked++, [])),
    };
    const facts = await incidentFacts(incident(), OPENED, sources({ findings: counting, uses: counting, budget: 0 }));
    expect(asked).toBe(0);
    expect(facts.missing).toEqual(['findings', 'what its identities use']);
    expect(facts.hits).toHaveLength(1);
  });

  it('name feeds that were never loaded only where they would be asked', async () => {
    const missing = { vulnerabilities: ['EPSS scores'], others: [] };
    const knowledge = () => knowledgeOf({ missing });
    expect((await incidentFacts(incident(), [], sources({ knowledge }))).missing).toEqual(['EPSS scores']);
    const none = sources({ knowledge, findings: new MemoryFindings() });
    expect((await incidentFacts(incident(), [], none)).missing).toEqual([]);
  });
});
