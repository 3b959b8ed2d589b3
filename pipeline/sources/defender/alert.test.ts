import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { samplesIn } from '../../../test/records.ts';
import { defender } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));
const TENANT = '00000000-0000-4000-8000-00000000000a';
const GROUP = 'arm:/subscriptions/00000000-0000-4000-8000-0000000005b1/resourcegroups/shop-rg/providers';

function eventOf(name: string, changes: JsonObject = {}) {
  const record = samples.find((candidate) => candidate.name === `${name}.json`)?.record;
  if (record === undefined) throw new Error(`no sample ${name}`);
  return defender.read({ ...record, ...changes }).event;
}

const keysOf = (event: ReturnType<typeof eventOf>, part: string) =>
  event.entities.filter((entity) => entity.part === part).map(({ key }) => key);

describe('an alert', () => {
  it('is a detection about the resource, whatever the case of its id', () => {
    const event = eventOf('alert-virtual-machine');
    expect(event.principal).toBe(`${GROUP}/microsoft.compute/virtualmachines/shop-web-1`);
    expect(keysOf(event, 'target')).toEqual([event.principal]);
    expect(keysOf(event, 'origin')).toEqual(['ip:198.51.100.23']);
    expect(event.time).toBe(Date.parse('2026-11-20T09:52:30.111Z'));
    expect(event.ocsf).toMatchObject({
      type_uid: 200401,
      status: 'New',
      severity_id: 4,
      is_alert: true,
      message: 'shop-web-1',
      metadata: { event_code: 'VM_SuspectDownload', tenant_uid: TENANT },
      cloud: { provider: 'Azure', account: { uid: '00000000-0000-4000-8000-0000000005b1' } },
      finding_info: {
        uid: '2517000000000000001_00000000-0000-4000-8000-0000000000d1',
        title: 'Suspicious file download followed by its start',
        attacks: [{ tactic: { name: 'Execution' } }, { tactic: { name: 'Command And Control' } }],
        first_seen_time: Date.parse('2026-11-20T09:40:12.123Z'),
      },
      evidences: [
        { src_endpoint: { ip: '198.51.100.23', location: { city: 'Amsterdam', country: 'NL' } } },
        { user: { name: 'www-data' } },
      ],
      remediation: { desc: 'Look at the process and its parents.\nIsolate the machine where nobody knows of it.' },
    });
  });

  it('is by the person whom it names, where there is one', () => {
    const event = eventOf('alert-resource-manager');
    expect(event.principal).toBe(`entra-user:${TENANT}/00000000-0000-4000-8000-0000000000a1`);
    expect(keysOf(event, 'actor')).toEqual([event.principal, 'upn:adele@contoso.example']);
    expect(keysOf(event, 'target')).toContain(`${GROUP}/microsoft.storage/storageaccounts/contososhop`);
    expect(event.ocsf).toMatchObject({
      finding_info: { attacks: [{ tactic: { name: 'Credential Access' } }, { technique: { uid: 'T1555.006' } }] },
    });
  });

  it('is by nobody where it names two people', () => {
    const account = (name: string) => ({ Type: 'account', Name: name, UPNSuffix: 'contoso.example' });
    const event = eventOf('alert-virtual-machine', {
      Entities: [account('adele'), account('bruno'), account('adele')],
    });
    expect(keysOf(event, 'actor')).toEqual(['upn:adele@contoso.example', 'upn:bruno@contoso.example']);
    expect(event.principal).toBe(`${GROUP}/microsoft.compute/virtualmachines/shop-web-1`);
  });

  it('takes an account of Entra without a name for anything that has an object id, and the nil id for none', () => {
    const AadUserId = '00000000-0000-4000-8000-000000000051';
    expect(eventOf('alert-virtual-machine', { Entities: [{ Type: 'account', AadUserId }] }).principal).toBe(
      `entra-oid:${AadUserId}`,
    );
    const nil = { Type: 'account', Name: 'x', AadUserId: '00000000-0000-0000-0000-000000000000' };
    expect(keysOf(eventOf('alert-virtual-machine', { Entities: [nil] }), 'actor')).toEqual([]);
  });

  it('names pod and image by what it says of them elsewhere', () => {
    const cluster = `${GROUP}/microsoft.containerservice/managedclusters/shop-aks`;
    expect(keysOf(eventOf('alert-kubernetes'), 'target')).toEqual([
      cluster,
      `k8s:${cluster.slice('arm:'.length)}:shop/pods/api-7d9c-x2x4z`,
      'image:contosoregistry.azurecr.io/shop/api:1.4',
    ]);
  });

  it('knows an image without its digest, as findings do', () => {
    const image = {
      Type: 'container-image',
      ImageId: `contosoregistry.azurecr.io/shop/api:1.4@sha256:${'0a'.repeat(32)}`,
    };
    expect(keysOf(eventOf('alert-kubernetes', { Entities: [image] }), 'target')).toContain(
      'image:contosoregistry.azurecr.io/shop/api:1.4',
    );
  });

  it('about a resource of AWS is about it by its ARN', () => {
    expect(eventOf('alert-amazon').principal).toBe(
      'aws:arn:aws:ec2:eu-central-1:111122223333:instance/i-0aa11bb22cc33dd44',
    );
  });

  it('about what is in no cloud is about the name that it gives it', () => {
    const event = eventOf('alert-on-premises');
    expect(event.principal).toBe('scan-target:till-7.fabrikam.example');
    expect(keysOf(event, 'origin')).toEqual([]);
    expect(eventOf('alert-on-premises', { CompromisedEntity: '' }).principal).toBe('unknown');
  });

  it('is another event under the same id once somebody has decided on it, at the time when that was written', () => {
    const [told, dismissed] = [eventOf('alert-virtual-machine'), eventOf('alert-dismissed')];
    expect(dismissed.recordId).toBe(told.recordId);
    expect(dismissed.id).not.toBe(told.id);
    expect(dismissed.time).toBe(Date.parse('2026-11-20T11:10:02.500Z'));
    expect(dismissed.ocsf).toMatchObject({ type_uid: 200403, status: 'Suppressed', is_alert: false });
    expect(eventOf('alert-in-progress').ocsf).toMatchObject({
      type_uid: 200402,
      status: 'In Progress',
      is_alert: true,
    });
  });
});
