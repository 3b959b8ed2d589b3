/** Facts made up for tests: a web server that everybody can reach, with a vulnerability that is exploited. */
import type { Asset } from '../timeline/asset.ts';
import type { AttackPath, IncidentFacts, Indicator, IndicatorHit } from '../timeline/context.ts';
import type { Finding, WeighedFinding } from '../timeline/finding.ts';

export const WEB =
  'arm:/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/shop/providers/microsoft.compute/virtualmachines/web-1';

export const sampleAsset = (more: Partial<Asset> = {}): Asset => ({
  key: WEB,
  kind: 'compute',
  name: 'web-1',
  owner: 'payments',
  environment: 'production',
  exposure: 'internet',
  exposedBy: 'public address 203.0.113.4',
  identities: [],
  behind: [],
  sources: ['azure'],
  ...more,
});

export const sampleFinding = (more: Partial<Finding> = {}): Finding => ({
  id: 'defender/web-1-openssl',
  source: 'defender',
  title: 'Update openssl',
  asset: WEB,
  assetLabel: 'web-1',
  cves: ['CVE-2026-11111'],
  severity: 'critical',
  status: 'open',
  time: Date.UTC(2026, 10, 19),
  eventId: 'defender/1',
  cvss: 9.8,
  ...more,
});

export const sampleWeighed = (more: Partial<WeighedFinding> = {}): WeighedFinding => ({
  finding: sampleFinding(),
  priority: 'act',
  rank: 90,
  reasons: ['CISA knows it to be exploited', 'reachable from the internet: public address 203.0.113.4'],
  vulnerabilities: [
    {
      cve: 'CVE-2026-11111',
      kev: { name: 'Invented', dateAdded: '2026-10-01', dueDate: '2026-10-22', ransomware: false },
    },
  ],
  exposure: 'internet',
  missing: [],
  ...more,
});

export const sampleHit = (more: Partial<Indicator> = {}): IndicatorHit => ({
  key: 'ip:203.0.113.9',
  indicator: {
    id: 'contoso-intel/1',
    kind: 'address',
    value: '203.0.113.9',
    source: 'contoso-intel',
    labels: ['malicious-activity'],
    confidence: 90,
    validUntil: Date.UTC(2026, 11, 1),
    ...more,
  },
});

export const samplePath = (more: Partial<AttackPath> = {}): AttackPath => ({
  steps: [
    { key: 'internet', label: 'internet', is: 'exposure', how: 'everybody' },
    { key: WEB, label: 'web-1', is: 'workload', how: 'is reachable by public address 203.0.113.4' },
    { key: 'entra-sp:t/1', label: 'web-identity', is: 'identity', how: 'is what web-1 can act as' },
    { key: 'arm:/orders', label: 'orders', is: 'data', how: 'is read by Storage Blob Data Reader' },
  ],
  blastRadius: 60,
  reaches: 3,
  findings: ['defender/web-1-openssl'],
  seen: true,
  ...more,
});

export const sampleFacts = (more: Partial<IncidentFacts> = {}): IncidentFacts => ({
  assets: [],
  findings: [],
  hits: [],
  paths: [],
  missing: [],
  ...more,
});
