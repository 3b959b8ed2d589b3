import { describe, expect, it } from 'vitest';
import { isObject, type JsonObject } from '../../../platform/json.ts';
import { samplesIn } from '../../../test/records.ts';
import { findingOf } from '../../timeline/finding-of.ts';
import { defender } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));
const GROUP = 'arm:/subscriptions/00000000-0000-4000-8000-0000000005b1/resourcegroups/shop-rg/providers';

function sample(name: string, changes: JsonObject = {}): JsonObject {
  const record = samples.find((candidate) => candidate.name === `${name}.json`)?.record;
  const properties = record?.properties;
  if (record === undefined) throw new Error(`no sample ${name}`);
  return isObject(properties) ? { ...record, properties: { ...properties, ...changes } } : record;
}

const eventOf = (name: string, changes?: JsonObject) => defender.read(sample(name, changes)).event;
const found = (name: string, changes?: JsonObject) => findingOf(eventOf(name, changes));

describe('an assessment', () => {
  it('that fails is an open finding about the resource', () => {
    expect(found('assessment-unhealthy')).toMatchObject({
      title: 'Storage accounts should not allow public access to blobs',
      asset: `${GROUP}/microsoft.storage/storageaccounts/contososhop`,
      assetLabel: 'contososhop',
      cves: [],
      severity: 'medium',
      status: 'open',
      time: Date.parse('2026-11-20T08:15:30.337Z'),
      exposure: 'internet',
    });
  });

  it('says how to mend it, and in which control', () => {
    expect(eventOf('assessment-unhealthy').ocsf).toMatchObject({
      class_uid: 2003,
      compliance: { control: 'Storage accounts should not allow public access to blobs', status: 'Fail' },
      remediation: { desc: '1. Open the resource.<br>2. Change the setting.' },
    });
  });

  it('says nothing of exposure where no factor of the risk does', () => {
    expect(found('assessment-unhealthy', { risk: { riskFactors: ['Sensitive data'] } })?.exposure).toBeUndefined();
  });

  it('that passes later is the same finding, mended, though its id is written in another case', () => {
    const [failed, passed] = [found('assessment-unhealthy'), found('assessment-healthy')];
    expect(passed).toMatchObject({ id: failed?.id, status: 'fixed', time: Date.parse('2026-11-20T16:02:11.500Z') });
    expect(eventOf('assessment-healthy').ocsf).toMatchObject({
      type_uid: 200303,
      compliance: { status: 'Pass', status_id: 1 },
    });
  });

  it('that does not apply is nobody’s to mend, and says why', () => {
    expect(found('assessment-exempt')?.status).toBe('suppressed');
    expect(eventOf('assessment-exempt').ocsf).toMatchObject({
      status_detail: 'The machine is exempt until it is replaced',
      compliance: { status: 'NotApplicable', status_id: 99 },
    });
  });

  it('that is deleted comes after what it said before', () => {
    const {
      assessmentEventDataEnrichment: _,
      securityEventDataEnrichment: _more,
      ...written
    } = sample('assessment-deleted');
    const [before, deleted] = [defender.read(written).event, eventOf('assessment-deleted')];
    expect(deleted.recordId).toBe(before.recordId);
    expect(deleted.id).not.toBe(before.id);
    expect(deleted.time).toBeGreaterThan(before.time);
    expect([findingOf(before)?.status, findingOf(deleted)?.status]).toEqual(['open', 'fixed']);
  });

  it('of a resource of AWS is about it by its ARN', () => {
    expect(found('assessment-amazon')?.asset).toBe(
      'aws:arn:aws:ec2:eu-central-1:111122223333:instance/i-0aa11bb22cc33dd44',
    );
  });

  it('is about what its own id lies under, where its details name no resource', () => {
    expect(
      eventOf('assessment-unhealthy', { resourceDetails: { source: 'Azure', id: '/repositories/x' } }).principal,
    ).toBe(`${GROUP}/microsoft.storage/storageaccounts/contososhop`);
  });

  it('sent again with a snapshot is the same event', () => {
    const record = sample('assessment-unhealthy');
    const snapshot = { ...record, securityEventDataEnrichment: { action: 'Insert', isSnapshot: true } };
    expect(defender.read(snapshot).event.id).toBe(defender.read(record).event.id);
  });
});

describe('a sub-assessment', () => {
  it('with a CVE is a vulnerability, of an image by the name under which it is run', () => {
    const event = eventOf('sub-assessment-image');
    expect(findingOf(event)).toMatchObject({
      asset: 'image:contosoregistry.azurecr.io/shop/api:1.4',
      cves: ['CVE-2099-10001'],
      severity: 'high',
      cvss: 7.5,
      subject: 'example-tls 3.0.11',
      fix: '3.0.14',
      status: 'open',
    });
    expect(event.entities.map(({ key }) => key)).toEqual([
      `${GROUP}/microsoft.containerregistry/registries/contosoregistry`,
      'cve:cve-2099-10001',
      'image:contosoregistry.azurecr.io/shop/api:1.4',
    ]);
    expect(event.ocsf).toMatchObject({
      vulnerabilities: [
        { is_exploit_available: true, is_fix_available: true, references: ['https://cve.example/CVE-2099-10001'] },
      ],
    });
  });

  it('of a machine may name several CVEs, with the scores of each version of CVSS', () => {
    expect(found('sub-assessment-machine')).toMatchObject({
      asset: `${GROUP}/microsoft.compute/virtualmachines/shop-web-1`,
      cves: ['CVE-2099-20001', 'CVE-2099-20002'],
      cvss: 7.8,
      fix: 'apt install example-shell',
    });
    expect(found('sub-assessment-machine-fixed')).toMatchObject({
      id: found('sub-assessment-machine')?.id,
      status: 'fixed',
    });
  });

  it('of a running container is about its image, and names the cluster', () => {
    expect(eventOf('sub-assessment-cluster').entities.map(({ key }) => key)).toContain(
      `${GROUP}/microsoft.containerservice/managedclusters/shop-aks`,
    );
    expect(found('sub-assessment-cluster')).toMatchObject({
      asset: 'image:contosoregistry.azurecr.io/shop/api',
      cves: ['CVE-2099-10001'],
      severity: 'critical',
      cvss: 9.8,
    });
  });

  it('about a setting is no vulnerability; capitalised names are read as the others', () => {
    const { event, fields } = defender.read(sample('sub-assessment-capitalised'));
    expect(fields).toMatchObject({
      type: 'Microsoft.Security/assessments/subAssessments',
      properties: { category: 'N/A' },
    });
    expect(event.ocsf.class_uid).toBe(2003);
    expect(findingOf(event)).toMatchObject({
      title: 'Ensure that DCCP is disabled',
      asset: `${GROUP}/microsoft.compute/virtualmachines/shop-web-1`,
      severity: 'low',
    });
  });
});
