/** What might be found out about an incident, for tests. */
import type { IncidentContext } from '../timeline/context.ts';
import type { Finding, VulnerabilityContext } from '../timeline/finding.ts';
import type { Incident } from '../timeline/incident.ts';
import type { Activity } from './activity.ts';
import type { Enrichment } from './enrichment.ts';

export const NINE = Date.UTC(2026, 10, 20, 9);
const HOUR = 3_600_000;
const VM =
  'arm:/subscriptions/00000000-0000-4000-8000-0000000000bb/resourcegroups/shop/providers/microsoft.compute/virtualmachines/web-1';

export const activity = (changes: Partial<Activity> = {}): Activity => ({
  time: NINE,
  id: 'e1',
  where: 'Entra',
  who: 'ann@contoso.example',
  what: 'Sign-in activity',
  target: 'Azure Portal',
  from: '203.0.113.9',
  outcome: 'success',
  signals: [],
  count: 1,
  ...changes,
});

export const kevListed = (cve: string): VulnerabilityContext => ({
  cve,
  kev: { name: 'Contoso Web Server', dateAdded: '2026-11-01', dueDate: '2026-11-22', ransomware: true },
});

const finding: Finding = {
  id: 'defender/f1',
  source: 'defender',
  title: 'Contoso Web Server has a flaw',
  asset: VM,
  assetLabel: 'Web-1',
  cves: ['CVE-2026-0001'],
  severity: 'critical',
  status: 'open',
  time: NINE,
  eventId: 'defender/e9',
  fix: 'contoso-web 3.0.2',
};

export const relatedIncident = (changes: Partial<Incident> = {}): Incident => ({
  id: 'inc-1',
  title: 'ann was taken over',
  severity: 'critical',
  score: 91,
  decision: 'block',
  grounds: { points: 91, critical: true, counted: false },
  reasons: [],
  principals: [],
  clouds: ['Microsoft Entra', 'AWS'],
  sources: ['entra', 'cloudtrail'],
  techniques: ['T1078.004'],
  tactics: [],
  firstSeen: NINE,
  lastSeen: NINE + HOUR,
  steps: [],
  story: [],
  graph: { nodes: [], edges: [] },
  joins: [],
  alertIds: [],
  eventIds: [],
  ...changes,
});

const context: IncidentContext = {
  headline: 'Web-1 can be reached from the internet and has CVE-2026-0001, which CISA knows to be exploited',
  assets: [
    {
      key: VM,
      kind: 'compute',
      name: 'Web-1',
      owner: 'shop-team',
      environment: 'production',
      importance: 0.7,
      exposure: 'internet',
      exposedBy: 'public address 198.51.100.4',
      identities: [],
      behind: [],
      sources: ['azure'],
    },
  ],
  findings: [
    {
      finding,
      priority: 'act',
      rank: 90,
      reasons: ['listed by CISA as exploited', 'reachable from the internet'],
      vulnerabilities: [],
      exposure: 'internet',
      missing: [],
    },
  ],
  hits: [
    {
      key: 'ip:203.0.113.9',
      indicator: {
        id: 'contoso-blocklist/1',
        kind: 'address',
        value: '203.0.113.9',
        source: 'contoso-blocklist',
        labels: ['anonymization'],
        confidence: 80,
        validUntil: NINE + 24 * HOUR,
      },
    },
  ],
  paths: [
    {
      steps: [
        { key: 'internet', label: 'internet', is: 'exposure', how: '' },
        { key: VM, label: 'Web-1', is: 'workload', how: 'is reachable' },
      ],
      blastRadius: 60,
      reaches: 2,
      findings: [],
      seen: true,
    },
  ],
  missing: [],
};

export const enrichment = (changes: Partial<Enrichment> = {}): Enrichment => ({
  window: { from: NINE - HOUR, to: NINE + HOUR },
  principals: [
    {
      principal: 'entra-user:t/1',
      label: 'ann@contoso.example',
      aliases: ['upn:ann@contoso.example', 'aws:arn:aws:iam::111122223333:user/ann'],
      keys: ['entra-user:t/1', 'upn:ann@contoso.example', 'aws:arn:aws:iam::111122223333:user/ann'],
      named: ['ann'],
      standing: ['User Administrator'],
    },
  ],
  unresolved: ['bob: nobody of that name is known'],
  activities: {
    shown: [
      activity(),
      activity({ time: NINE + 60_000, where: 'AWS', what: 'CreateAccessKey', signals: ['Access key created'] }),
    ],
    left: 0,
  },
  otherAlerts: [activity({ what: 'Unfamiliar sign-in properties', target: 'Azure Active Directory' })],
  incidents: [{ incident: relatedIncident(), state: 'open', shares: 'principal' }],
  vulnerabilities: [kevListed('CVE-2026-0001')],
  context,
  addresses: [{ address: '203.0.113.9', known: { country: 'NL', asn: 64500, organization: 'Fabrikam Hosting' } }],
  steps: [{ key: 'revoke-sessions', title: 'End the sessions of the account', description: 'Revoke them.' }],
  missing: ['sign-ins: the workspace took too long'],
  ...changes,
});
