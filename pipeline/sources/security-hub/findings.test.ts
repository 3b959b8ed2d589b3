import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { samplesIn } from '../../../test/records.ts';
import { findingOf } from '../../timeline/finding-of.ts';
import { securityHub } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));
const INSTANCE = 'aws:arn:aws:ec2:eu-central-1:111122223333:instance/i-0aa11bb22cc33dd44';

function sample(name: string): JsonObject {
  const record = samples.find((candidate) => candidate.name === `${name}.json`)?.record;
  if (record === undefined) throw new Error(`no sample ${name}`);
  return record;
}

const eventOf = (name: string, changes: JsonObject = {}) => securityHub.read({ ...sample(name), ...changes }).event;
const found = (name: string, changes?: JsonObject) => findingOf(eventOf(name, changes));
const keysOf = (name: string, part: string) =>
  eventOf(name)
    .entities.filter((entity) => entity.part === part)
    .map(({ key }) => key);

describe('a vulnerability', () => {
  const about = {
    title: 'CVE-2099-10001 - example-tls',
    asset: INSTANCE,
    cves: ['CVE-2099-10001'],
    severity: 'critical',
    status: 'open',
    cvss: 9.1,
    subject: 'example-tls 3.0.11',
    fix: '0:3.0.14-1.amzn2',
  };

  it.each(['asff-inspector-instance', 'inspector-instance', 'ocsf-vulnerability'])('is the same in %s', (name) => {
    expect(found(name)).toMatchObject({ ...about, id: found('asff-inspector-instance')?.id });
    expect(eventOf(name).ocsf).toMatchObject({
      class_uid: 2002,
      vulnerabilities: [
        { is_exploit_available: true, is_fix_available: true, cve: { uid: 'CVE-2099-10001', epss: { score: '0.81' } } },
      ],
    });
    expect(keysOf(name, 'target')).toEqual([INSTANCE, 'cve:cve-2099-10001']);
  });

  it('known by an advisory is about the CVEs that it is related with', () => {
    expect(found('asff-inspector-image')).toMatchObject({
      cves: ['CVE-2099-20001', 'CVE-2099-20002'],
      asset: 'image:111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/api:1.4',
    });
  });

  it('known by an advisory alone is one all the same', () => {
    const [vulnerability] = sample('asff-inspector-image')['Vulnerabilities'] as JsonObject[];
    const { ocsf } = eventOf('asff-inspector-image', {
      Vulnerabilities: [{ ...vulnerability, RelatedVulnerabilities: [] }],
    });
    expect(ocsf).toMatchObject({ class_uid: 2002, vulnerabilities: [{ advisory: { uid: 'ALAS-2099-7' } }] });
  });

  it('of an image is about the name under which it is run, in all formats, and names its repository', () => {
    const image = 'image:111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/api:1.4';
    for (const name of ['asff-inspector-image', 'inspector-image']) {
      expect(eventOf(name).principal).toBe(image);
      expect(keysOf(name, 'target')).toContain('aws:arn:aws:ecr:eu-central-1:111122223333:repository/shop/api');
    }
    expect(found('inspector-image')).toMatchObject({ status: 'suppressed', fix: undefined });
  });

  it('that is closed is mended, at the time that Inspector writes in whichever way', () => {
    expect(found('inspector-instance-closed')).toMatchObject({
      id: found('inspector-instance')?.id,
      status: 'fixed',
      time: Date.parse('2026-11-20T18:08:05Z'),
    });
    expect(found('inspector-instance')?.time).toBe(Date.parse('2026-11-20T09:20:44.411Z'));
    expect(found('asff-inspector-closed')?.status).not.toBe('open');
  });

  it('in code is a weakness at its line, in the function and not one version of it', () => {
    expect(found('inspector-code')).toMatchObject({
      title: 'CODE_VULNERABILITY',
      asset: 'aws:arn:aws:lambda:eu-central-1:111122223333:function:shop-orders',
      cves: [],
      subject: 'src/orders.py:42',
    });
    expect(eventOf('inspector-code').ocsf).toMatchObject({ vulnerabilities: [{ cwe: { uid: 'CWE-89' } }] });
  });

  it('of another product is told apart by the product, and by the CVE in its title', () => {
    expect(found('asff-other-product')).toMatchObject({
      id: 'security-hub/arn:aws:securityhub:eu-central-1:111122223333:product/111122223333/default/scan-77',
      asset: 'scan-target:mail-7.fabrikam.example',
      cves: ['CVE-2099-30001'],
      severity: 'low',
    });
  });
});

describe('a weak setting', () => {
  it.each(['asff-control-failed', 'ocsf-control-failed'])('is the same in %s', (name) => {
    expect(found(name)).toMatchObject({
      id: found('asff-control-failed')?.id,
      title: 'S3 general purpose buckets should block public access',
      asset: 'aws:arn:aws:s3:::contoso-shop-orders',
      severity: 'high',
      status: 'open',
      subject: 'S3.8',
      fix: 'Block public access.',
    });
    expect(eventOf(name).ocsf).toMatchObject({ class_uid: 2003, compliance: { status: 'Fail', control: 'S3.8' } });
  });

  it.each([
    ['asff-control-passed', 'fixed'],
    ['ocsf-control-passed', 'fixed'],
    ['asff-control-suppressed', 'suppressed'],
    ['asff-control-not-available', 'suppressed'],
    ['asff-control-notified', 'open'],
    ['ocsf-account', 'fixed'],
  ])('%s is %s', (name, status) => {
    expect(found(name)?.status).toBe(status);
  });

  it('of an account is about the account', () => {
    expect(eventOf('asff-control-not-available').principal).toBe('aws-account:111122223333');
    expect(eventOf('ocsf-account').principal).toBe('aws-account:111122223333');
    expect(eventOf('asff-control-failed', { Resources: [] }).principal).toBe('aws-account:111122223333');
  });

  it('on which somebody decided comes after what it was, for its time of update stays', () => {
    const [open, decided] = [found('asff-control-failed'), found('asff-control-suppressed')];
    expect(decided?.id).toBe(open?.id);
    expect(decided?.time).toBeGreaterThan(open?.time ?? Infinity);
    expect(decided?.eventId).not.toBe(open?.eventId);
  });

  it('that opens a way from the internet says so', () => {
    expect(found('asff-network-reachable')).toMatchObject({ asset: INSTANCE, exposure: 'internet', cves: [] });
    expect(found('inspector-network')).toMatchObject({ id: found('asff-network-reachable')?.id, exposure: 'internet' });
    expect(
      found('asff-network-reachable', { NetworkPath: [{ ComponentType: 'AWS::EC2::VpcPeeringConnection' }] })?.exposure,
    ).toBeUndefined();
  });

  it('takes its severity from the number where there is no name', () => {
    expect(found('asff-control-failed', { Severity: { Normalized: 45 }, FindingProviderFields: null })?.severity).toBe(
      'medium',
    );
    expect(found('asff-control-failed', { Severity: null, FindingProviderFields: null })?.severity).toBe('medium');
  });
});

describe('a threat', () => {
  const SESSION = 'aws:arn:aws:sts::111122223333:assumed-role/shop-api/i-0aa11bb22cc33dd44';

  it('is a detection, by the session that used the key, and no finding of what is weak', () => {
    const event = eventOf('asff-guardduty-role-session');
    expect(event.principal).toBe(SESSION);
    expect(keysOf('asff-guardduty-role-session', 'credential')).toEqual(['aws-key:ASIAEXAMPLE0000000SH']);
    expect(keysOf('asff-guardduty-role-session', 'origin')).toEqual(['ip:198.51.100.23']);
    expect(findingOf(event)).toBeUndefined();
    expect(event.ocsf).toMatchObject({
      type_uid: 200401,
      severity_id: 4,
      is_alert: true,
      metadata: { product: { name: 'GuardDuty', vendor_name: 'AWS' } },
      finding_info: { attacks: [{ tactic: { name: 'Credential Access' } }] },
      evidences: [
        { src_endpoint: { ip: '198.51.100.23', autonomous_system: { number: 64500 }, location: { country: 'NL' } } },
        { api: { operation: 'ListBuckets', service: { name: 's3.amazonaws.com' } } },
      ],
    });
  });

  it('is the same in OCSF', () => {
    const event = eventOf('ocsf-guardduty');
    expect(event.principal).toBe(SESSION);
    expect(event.recordId).toBe(eventOf('asff-guardduty-role-session').recordId);
    expect(keysOf('ocsf-guardduty', 'origin')).toEqual(['ip:198.51.100.23']);
    expect(eventOf('ocsf-guardduty-suppressed').ocsf).toMatchObject({ status: 'Suppressed', is_alert: false });
  });

  it('against a machine is about the machine', () => {
    expect(eventOf('asff-guardduty-instance').principal).toBe(INSTANCE);
    expect(eventOf('asff-guardduty-instance').ocsf).toMatchObject({ type_uid: 200402 });
  });

  it('is by the user or the root of the account whose key it names', () => {
    expect(eventOf('asff-guardduty-archived').principal).toBe('aws:arn:aws:iam::111122223333:user/ci-uploader');
    expect(eventOf('asff-guardduty-root').principal).toBe('aws:arn:aws:iam::111122223333:root');
    expect(eventOf('asff-guardduty-archived').ocsf).toMatchObject({ type_uid: 200403, is_alert: false });
  });

  it('has its address from the fields of GuardDuty where it has no action', () => {
    expect(keysOf('asff-guardduty-archived', 'origin')).toEqual(['ip:203.0.113.77']);
  });

  it('of a product of others is one by its type', () => {
    expect(eventOf('asff-other-product', { Types: ['Unusual Behaviors/VM'] }).ocsf.class_uid).toBe(2004);
  });
});
