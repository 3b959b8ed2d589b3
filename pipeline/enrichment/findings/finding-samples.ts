import type { Asset } from '../../timeline/asset.ts';
import { armKey } from '../../timeline/entity-keys.ts';
import type { Finding, VulnerabilityContext } from '../../timeline/finding.ts';

/** Invented findings and assets, for tests. */
const GROUP = '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop';
export const NOW = Date.UTC(2026, 10, 21, 12);
export const HOUR = 3_600_000;

/** Key of an Azure resource of the shop. */
export const shopKey = (type: string, name: string): string => armKey(`${GROUP}/providers/${type}/${name}`);
export const SHOP_GROUP = armKey(GROUP);
export const WEB = shopKey('Microsoft.Compute/virtualMachines', 'vm-web');

export const finding = (more: Partial<Finding> = {}): Finding => ({
  id: 'defender/finding-1',
  source: 'defender',
  title: 'openssl can be crashed',
  asset: WEB,
  cves: ['CVE-2026-11111'],
  severity: 'high',
  status: 'open',
  time: NOW - HOUR,
  eventId: 'defender/event-1',
  ...more,
});

export const assetOf = (key: string, more: Partial<Asset> = {}): Asset => ({
  key,
  kind: 'compute',
  exposure: 'unknown',
  identities: [],
  behind: [],
  sources: ['assets.csv'],
  ...more,
});

type Kev = NonNullable<VulnerabilityContext['kev']>;

export const kev = (more: Partial<Kev> = {}): Kev => ({
  name: 'Invented',
  dateAdded: '2026-11-01',
  dueDate: '2027-02-01',
  ransomware: false,
  ...more,
});

export const epss = (probability: number, percentile = 0.9, model = 'v2026.03.14') => ({
  probability,
  percentile,
  model,
});
