import fc from 'fast-check';
import { expect, it } from 'vitest';
import { windowOf } from './enrich.ts';
import { parseIncident } from './incident.ts';
import { namedInAlerts } from './named-in-alerts.ts';

const ARN = 'arn:aws:sts::111122223333:assumed-role/deploy/ann@contoso.example';

it('finds CVEs, ARNs of identities and access keys anywhere in the text of alerts, each once', () => {
  const alerts = [
    { description: `Exploit of CVE-2026-0001 and cve-2026-0001 by ${ARN}, see CVE-2026-12345.` },
    { additionalData: { ExtendedProperties: `{"AccessKeyId":"AKIAINVENTED00000001","arn":"${ARN}"}` } },
    { note: 'arn:aws:s3:::contoso-backup is no identity, CVE-26-1 no CVE, AKIA no key, XAKIAINVENTED00000002 neither' },
  ];
  expect(namedInAlerts(alerts)).toEqual({
    cves: ['CVE-2026-0001', 'CVE-2026-12345'],
    awsNames: [ARN, 'AKIAINVENTED00000001'],
    more: false,
  });
});

it('finds access keys at the beginning of a line, also in JSON within JSON', () => {
  const lines = 'keys:\nAKIAINVENTED00000003\n\tASIAINVENTED00000004';
  const { awsNames } = namedInAlerts([{ lines }, { nested: JSON.stringify({ x: 'key\nAKIAINVENTED00000005' }) }]);
  expect(awsNames).toEqual(['AKIAINVENTED00000003', 'ASIAINVENTED00000004', 'AKIAINVENTED00000005']);
});

it('takes policies, groups and providers of AWS for no identities', () => {
  const named = ['policy/boundary', 'group/admins', 'saml-provider/contoso', 'instance-profile/web', 'rootless'];
  const text = named.map((name) => `arn:aws:iam::111122223333:${name}`).join(' ');
  const identities = [
    'iam::111122223333:root',
    'iam::111122223333:role/ci/deploy',
    'sts::111122223333:federated-user/ann',
  ];
  const { awsNames } = namedInAlerts([{ text, identities: identities.map((name) => `arn:aws:${name}`) }]);
  expect(awsNames).toEqual(identities.map((name) => `arn:aws:${name}`));
});

it('finds a bounded number, in bounded time, in whatever text', () => {
  const many = Array.from({ length: 600 }, (_, at) => `CVE-2026-${1000 + at} ${ARN}${at}`).join(' ');
  const { cves, awsNames, more } = namedInAlerts([{ many }]);
  expect([cves.length, awsNames.length, more]).toEqual([500, 10, true]);
  for (const piece of ['arn:aws', 'CVE-', 'CVE-2026-', 'arn:aws:iam::111122223333:', 'AKIA']) {
    const begun = performance.now();
    namedInAlerts([{ text: piece.repeat(100_000) }]);
    expect(performance.now() - begun).toBeLessThan(1000);
  }
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'binary' })), (properties) => {
      expect(() => namedInAlerts([properties])).not.toThrow();
    }),
  );
});

it('looks at an incident from a day before its alerts to a day after, and no further back than two weeks', () => {
  const incident = (first: string | null, last: string | null) =>
    windowOf(
      parseIncident({
        id: '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/soc-contoso/providers/Microsoft.SecurityInsights/incidents/a',
        properties: {
          title: 't',
          status: 'New',
          createdTimeUtc: '2026-11-20T12:00:00Z',
          firstActivityTimeUtc: first,
          lastActivityTimeUtc: last,
        },
      }),
    );
  const window = (from: string, to: string) => ({ from: Date.parse(from), to: Date.parse(to) });
  expect(incident('2026-11-20T09:00:00Z', '2026-11-20T10:00:00Z')).toEqual(
    window('2026-11-19T09:00:00Z', '2026-11-21T10:00:00Z'),
  );
  expect(incident('2026-01-01T00:00:00Z', '2026-11-20T10:00:00Z')).toEqual(
    window('2026-11-06T10:00:00Z', '2026-11-21T10:00:00Z'),
  );
  expect(incident(null, null)).toEqual(window('2026-11-19T12:00:00Z', '2026-11-21T12:00:00Z'));
  expect(incident('2026-11-20T10:00:00Z', '2026-11-20T09:00:00Z')).toEqual(
    window('2026-11-19T09:00:00Z', '2026-11-21T09:00:00Z'),
  );
});
