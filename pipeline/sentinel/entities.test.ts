import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../platform/json.ts';
import { MAX_KEY } from '../timeline/entity-keys.ts';
import { namedEntities, type NamedEntity } from './entities.ts';
import { allIds, ID_KINDS, MOST_IDS } from './entity-ids.ts';

const TENANT = '00000000-0000-4000-8000-0000000000aa';
const ANN = '00000000-0000-4000-8000-000000000001';
const VM =
  '/subscriptions/00000000-0000-4000-8000-0000000000bb/resourceGroups/Shop/providers/Microsoft.Compute/virtualMachines/Web-1';

const one = (kind: string, properties: JsonObject): NamedEntity | undefined =>
  namedEntities([{ kind, properties }], TENANT)[0];

describe('an account', () => {
  it('is the same by its name with the suffix apart, with an @ before it, and whole', () => {
    for (const properties of [
      { accountName: 'Ann', upnSuffix: 'contoso.example' },
      { accountName: 'ann', upnSuffix: '@contoso.example' },
      { accountName: 'Ann@contoso.example' },
      { accountName: 'ann@contoso.example', upnSuffix: 'contoso.example' },
      { accountName: 'CONTOSO\\ann', upnSuffix: 'contoso.example', ntDomain: 'CONTOSO' },
      { friendlyName: 'ann@contoso.example' },
    ]) {
      expect(one('Account', properties)).toMatchObject({
        keys: ['upn:ann@contoso.example'],
        ids: { upns: ['ann@contoso.example'] },
        label: 'ann@contoso.example',
      });
    }
  });

  it('without a suffix is only a name that may mean several', () => {
    expect(one('Account', { accountName: 'CONTOSO\\Ann', sid: 's-1-5-21-1-2-3-1001' })).toEqual({
      kind: 'Account',
      label: 'CONTOSO\\Ann',
      keys: [],
      ids: { accountNames: ['ann'], sids: ['S-1-5-21-1-2-3-1001'] },
    });
  });

  it('is found by its object id whether it is a user or a service principal, in its own tenant or that of the workspace', () => {
    const own = '00000000-0000-4000-8000-0000000000cc';
    expect(one('Account', { aadUserId: ANN.toUpperCase(), aadTenantId: own })?.keys).toEqual([
      `entra-user:${own}/${ANN}`,
      `entra-sp:${own}/${ANN}`,
      `entra-oid:${ANN}`,
    ]);
    expect(one('Account', { objectGuid: ANN })?.keys[0]).toBe(`entra-user:${TENANT}/${ANN}`);
    expect(namedEntities([{ kind: 'Account', properties: { aadUserId: ANN } }])[0]?.keys).toEqual([`entra-oid:${ANN}`]);
  });

  it('of a guest is asked after by what it signs in with at home, too', () => {
    expect(
      one('Account', { accountName: 'ann_lee_fabrikam.example#EXT#', upnSuffix: 'contoso.onmicrosoft.com' })?.ids.upns,
    ).toEqual(['ann_lee_fabrikam.example#ext#@contoso.onmicrosoft.com', 'ann_lee@fabrikam.example']);
    expect(one('Account', { accountName: 'live.com#ann@fabrikam.example' })?.keys).toEqual([
      'upn:ann@fabrikam.example',
    ]);
  });

  it('of AWS is known by ARN, access key, or account and user name', () => {
    const arn = 'arn:aws:sts::111122223333:assumed-role/deploy/ann@contoso.example';
    expect(one('Account', { accountName: arn })).toMatchObject({ keys: [`aws:${arn}`], ids: { arns: [arn] } });
    expect(one('Account', { accountName: 'AKIAINVENTED00000001' })).toMatchObject({
      keys: ['aws-key:AKIAINVENTED00000001'],
      ids: { accessKeys: ['AKIAINVENTED00000001'] },
    });
    expect(one('Account', { accountName: 'ci', cloudAppAccountId: '111122223333' })).toMatchObject({
      keys: ['aws:arn:aws:iam::111122223333:user/ci'],
      ids: { awsUserNames: ['ci'], accountNames: ['ci'] },
    });
  });

  it('without anything to ask after keeps its name alone', () => {
    expect(one('Account', { displayName: 'Ann Lee' })).toEqual({
      kind: 'Account',
      label: 'Ann Lee',
      keys: [],
      ids: {},
    });
    expect(one('Account', { accountName: 'ann\nlee', aadUserId: 'not an id' })).toMatchObject({ keys: [], ids: {} });
  });
});

describe('other entities', () => {
  it('have the keys that events have', () => {
    expect(one('Ip', { address: '::FFFF:203.0.113.9' })).toMatchObject({ keys: ['ip:203.0.113.9'] });
    expect(one('AzureResource', { resourceId: `${VM}/` })).toMatchObject({ keys: [`arm:${VM.toLowerCase()}`] });
    expect(one('Host', { hostName: 'Web-1', azureID: VM, additionalData: { AadDeviceId: ANN } })).toMatchObject({
      keys: [`arm:${VM.toLowerCase()}`, `entra-device:${ANN}`],
      ids: { hosts: ['web-1'] },
      label: 'Web-1',
    });
    expect(one('Url', { url: 'https://Login.Contoso.example:8443/a?b' })).toMatchObject({
      keys: ['domain:login.contoso.example'],
    });
    expect(one('Url', { url: '198.51.100.7/payload' })).toMatchObject({ keys: ['ip:198.51.100.7'] });
    expect(one('Url', { url: 'http://[2001:db8::1]/x' })).toMatchObject({ keys: ['ip:2001:db8::1'] });
    expect(one('DnsResolution', { domainName: 'evil.example.' })).toMatchObject({ keys: ['domain:evil.example'] });
    expect(one('Mailbox', { mailboxPrimaryAddress: 'Ann@contoso.example' })).toMatchObject({
      keys: ['upn:ann@contoso.example'],
    });
    expect(one('MailMessage', { recipient: 'ann@contoso.example', senderIP: '203.0.113.9' })?.keys).toEqual([
      'upn:ann@contoso.example',
      'ip:203.0.113.9',
    ]);
    expect(one('AmazonResource', { amazonResourceId: 'arn:aws:s3:::contoso-backup' })).toMatchObject({
      keys: ['aws:arn:aws:s3:::contoso-backup'],
    });
  });

  it('that nothing can be asked of keep their name', () => {
    expect(one('File', { friendlyName: 'a.exe' })).toEqual({ kind: 'File', label: 'a.exe', keys: [], ids: {} });
    expect(one('Ip', { address: 'nowhere', friendlyName: 'nowhere' })).toMatchObject({ keys: [], label: 'nowhere' });
    expect(one('constructor', {})).toEqual({ kind: 'constructor', label: 'constructor', keys: [], ids: {} });
  });

  it('are each there once, and alerts and bookmarks not at all', () => {
    const ip = { kind: 'Ip', properties: { address: '203.0.113.9' } };
    expect(
      namedEntities([ip, ip, { kind: 'SecurityAlert', properties: {} }, { kind: 'Bookmark', properties: {} }]),
    ).toHaveLength(1);
  });
});

describe('hostile entities', () => {
  it('give nothing but texts, in keys of bounded number', () => {
    const names = [
      'accountName',
      'upnSuffix',
      'sid',
      'address',
      'url',
      'resourceId',
      'azureID',
      'additionalData',
      '__proto__',
    ];
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constant('a_'.repeat(700)),
      fc.constantFrom('@', '\\', 'a@', 'arn:aws:iam::1', '#EXT#'),
    );
    const value: fc.Arbitrary<Json> = fc.oneof(text, fc.integer(), fc.constant(null), fc.dictionary(text, text));
    const properties = fc.dictionary(fc.constantFrom(...names), value);
    const kind = fc.constantFrom('Account', 'Host', 'Ip', 'Url', 'AzureResource', 'Mailbox', 'DnsResolution', 'x');
    fc.assert(
      fc.property(fc.array(fc.record({ kind, properties })), (entities) => {
        const named = namedEntities(entities, TENANT);
        const ids = allIds(named.map((each) => each.ids));
        for (const { keys } of named) for (const key of keys) expect(key).toMatch(/^[a-z-]+:./s);
        for (const each of ID_KINDS) {
          expect(ids[each].length).toBeLessThanOrEqual(MOST_IDS);
          for (const id of ids[each]) expect(id).not.toMatch(/[\u0000-\u001f]/);
        }
      }),
    );
  });

  it('are cut where keys would be too long', () => {
    const key = one('AzureResource', { resourceId: `/subscriptions/${'x'.repeat(900)}` })?.keys[0];
    expect(key?.length ?? 0).toBeLessThanOrEqual(MAX_KEY);
  });
});
