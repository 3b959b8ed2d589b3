import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armKey, githubRepositoryKey, imageKey } from './entity-keys.ts';
import type { Event } from './event.ts';
import { EXPOSURE_TAG, findingOf } from './finding-of.ts';
import { classification } from './ocsf/classification.ts';
import type { ComplianceFinding, OcsfEvent, VulnerabilityFinding } from './ocsf/types.ts';
import { violations } from './ocsf/validate.ts';

const VM = armKey(
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/vm-web',
);
const TIME = Date.UTC(2026, 10, 20, 9);

const common = {
  severity_id: 4,
  time: TIME,
  metadata: { version: '1.8.0', product: { name: 'Contoso Scanner', vendor_name: 'Contoso' } },
  status_id: 1,
} as const;

const vulnerable: VulnerabilityFinding = {
  ...classification(2002, 1),
  ...common,
  finding_info: {
    uid: 'finding-1',
    title: 'openssl can be crashed',
    tags: [{ name: EXPOSURE_TAG, value: 'internet' }],
  },
  vulnerabilities: [
    {
      cve: {
        uid: 'cve-2026-2222',
        cvss: [
          { base_score: 7.5, version: '3.1' },
          { base_score: 9.1, version: '4.0' },
        ],
      },
      affected_packages: [{ name: 'openssl', version: '3.0.1', fixed_in_version: '3.0.2' }],
    },
    { cve: { uid: 'CVE-2026-11111' } },
  ],
};

const weak: ComplianceFinding = {
  ...classification(2003, 1),
  ...common,
  severity_id: 0,
  finding_info: { uid: 'finding-2', title: 'Storage accounts should refuse public access' },
  compliance: { control: 'Refuse public access', status_id: 3 },
  remediation: { desc: 'Set <b>allowBlobPublicAccess</b> to false' },
};

const eventOf = (ocsf: OcsfEvent, more: Partial<Event> = {}): Event => ({
  id: 'defender/finding-1',
  source: 'defender',
  recordId: 'finding-1',
  time: TIME,
  ocsf,
  entities: [{ kind: 'resource', key: VM, part: 'target', label: 'vm-web' }],
  principal: VM,
  ...more,
});

describe('findingOf', () => {
  it('reads what is vulnerable, where, how badly and how it is mended', () => {
    expect(violations(vulnerable)).toEqual([]);
    expect(findingOf(eventOf(vulnerable))).toEqual({
      id: 'defender/finding-1',
      source: 'defender',
      title: 'openssl can be crashed',
      asset: VM,
      assetLabel: 'vm-web',
      cves: ['CVE-2026-11111', 'CVE-2026-2222'],
      severity: 'high',
      status: 'open',
      time: TIME,
      eventId: 'defender/finding-1',
      cvss: 9.1,
      subject: 'openssl 3.0.1',
      fix: '3.0.2',
      exposure: 'internet',
    });
  });

  it('reads a weak setting, and holds it to be medium where nobody says how bad it is', () => {
    expect(violations(weak)).toEqual([]);
    expect(findingOf(eventOf(weak))).toMatchObject({
      cves: [],
      severity: 'medium',
      subject: 'Refuse public access',
      fix: 'Set  allowBlobPublicAccess  to false',
      exposure: undefined,
    });
  });

  it('reads a place in code', () => {
    const file = { name: 'login.ts', path: 'src/login.ts', type_id: 1 } as const;
    const ocsf: OcsfEvent = {
      ...classification(2007, 1),
      ...common,
      finding_info: { uid: '7', title: 'Query built from input' },
      vulnerabilities: [{ affected_code: [{ file, start_line: 42 }], title: 'Query built from input' }],
    };
    const key = githubRepositoryKey('contoso/shop');
    const event = eventOf(ocsf, { entities: [{ kind: 'resource', key, part: 'target' }], principal: key });
    expect(findingOf(event)).toMatchObject({ asset: key, subject: 'src/login.ts:42', cves: [] });
  });

  it.each([
    [{ status_id: 1 }, 'open'],
    [{ status_id: 2, activity_id: 2 }, 'open'],
    [{ status_id: 3 }, 'suppressed'],
    [{ status_id: 4 }, 'fixed'],
    [{ status_id: 5, activity_id: 3 }, 'suppressed'],
    [{ status_id: 6 }, 'fixed'],
    [{ status_id: 1, activity_id: 3 }, 'fixed'],
    [{ compliance: { status_id: 1 } }, 'fixed'],
  ] as const)('takes %j for %s', (state, status) => {
    expect(findingOf(eventOf({ ...weak, ...state }))?.status).toBe(status);
  });

  it.each([
    [9.8, 'critical'],
    [7, 'high'],
    [4, 'medium'],
    [0.1, 'low'],
    [0, 'informational'],
  ])('takes the severity of the score %d where the source says none', (base_score, severity) => {
    const vulnerabilities = [{ cve: { uid: 'CVE-2026-2222', cvss: [{ base_score, version: '3.1' }] } }];
    expect(findingOf(eventOf({ ...vulnerable, severity_id: 0, vulnerabilities }))?.severity).toBe(severity);
  });

  it('is of the image where the event names one, else of the principal, else of the first target', () => {
    const image = imageKey('registry.contoso.example/shop:1.2');
    const entities = [VM, image].map((key) => ({ kind: 'resource', key, part: 'target' }) as const);
    expect(findingOf(eventOf(vulnerable, { entities }))?.asset).toBe(image);
    const others = ['arm:/other', VM].map((key) => ({ kind: 'resource', key, part: 'target' }) as const);
    expect(findingOf(eventOf(vulnerable, { entities: others }))?.asset).toBe(VM);
    expect(findingOf(eventOf(vulnerable, { entities: others, principal: 'github-user:ada' }))?.asset).toBe(
      'arm:/other',
    );
    expect(findingOf(eventOf(vulnerable, { entities: [], principal: VM }))?.asset).toBe(VM);
  });

  it('reads none of detections, and none where no asset is named', () => {
    const detection = { ...vulnerable, ...classification(2004, 1) } as unknown as OcsfEvent;
    expect(findingOf(eventOf(detection))).toBeUndefined();
    expect(findingOf(eventOf(vulnerable, { entities: [], principal: 'unknown' }))).toBeUndefined();
  });

  it('bounds what it keeps, and keeps no control characters', () => {
    const vulnerabilities = Array.from({ length: 50 }, (_, at) => ({ cve: { uid: `CVE-2026-${1000 + at}` } }));
    const finding_info = { uid: 'x'.repeat(3000), title: `\u001b[2J${'t'.repeat(3000)}` };
    const found = findingOf(eventOf({ ...vulnerable, finding_info, vulnerabilities }));
    expect(found?.cves).toHaveLength(20);
    expect(found?.id).toHaveLength(512);
    expect(found?.title).toMatch(/^\?\[2Jt{296}$/);
  });

  it('throws at nothing, whatever an event says', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(2002, 2003, 2007),
        fc.record(
          {
            finding_info: fc.oneof(fc.record({ uid: fc.string({ minLength: 1 }), tags: fc.anything() }), fc.anything()),
            vulnerabilities: fc.oneof(
              fc.array(fc.record({ cve: fc.anything(), affected_code: fc.anything() })),
              fc.anything(),
            ),
            compliance: fc.anything(),
            severity_id: fc.anything(),
            status_id: fc.anything(),
          },
          { requiredKeys: [] },
        ),
        (class_uid, said) => {
          const found = findingOf(eventOf({ class_uid, ...said } as unknown as OcsfEvent));
          expect(found === undefined || found.cves.length <= 20).toBe(true);
        },
      ),
    );
  });
});
