import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssetError } from './inventory.ts';
import { parseAssetFile } from './parse-asset-file.ts';

const VAULT =
  '/subscriptions/00000000-0000-4000-8000-0000000005ab/resourceGroups/RG-Shop/providers/Microsoft.KeyVault/vaults/kv-shop';
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const INSTANCE = 'arn:aws:ec2:eu-central-1:111122223333:instance/i-0aaa';

const reasonOf = (written: string): string => {
  try {
    parseAssetFile(written, 'assets.csv');
  } catch (error) {
    if (error instanceof AssetError) return error.message;
    throw error;
  }
  return 'none';
};

describe('an inventory that a person keeps', () => {
  const json = JSON.stringify({
    assets: [
      { resourceId: `${VAULT}/`, name: 'Keys', owner: 'shop@contoso.example', environment: 'Production', importance: 'critical', dataClass: 'Restricted' },
      { arn: INSTANCE, kind: 'compute', importance: 0.35, exposure: 'internet', identities: [ROLE], behind: ['ip:203.0.113.4'] },
      { id: '111122223333', name: 'shop' },
      { key: 'upn:ada@contoso.example', importance: '1' },
    ],
  }); // prettier-ignore

  it('is read from JSON', () => {
    const { assets, by, source } = parseAssetFile(json, 'assets.json');
    expect({ by, source }).toEqual({ by: 'person', source: 'assets.json' });
    expect(assets).toEqual([
      { key: `arm:${VAULT.toLowerCase()}`, name: 'Keys', owner: 'shop@contoso.example', environment: 'production', importance: 1, dataClass: 'restricted' },
      { key: `aws:${INSTANCE}`, kind: 'compute', importance: 0.35, exposure: 'internet', identities: [`aws:${ROLE}`], behind: ['ip:203.0.113.4'] },
      { key: 'aws-account:111122223333', name: 'shop' },
      { key: 'upn:ada@contoso.example', importance: 1 },
    ]); // prettier-ignore
  });

  it('says the same as CSV', () => {
    const csv = [
      'id,name,kind,owner,environment,importance,dataClass,exposure,identities,behind',
      `${VAULT},Keys,,shop@contoso.example,PRODUCTION,critical,restricted,,,`,
      `${INSTANCE},,compute,,,0.35,,internet,${ROLE};,ip:203.0.113.4`,
      '111122223333,shop,,,,,,,,',
      'upn:ada@contoso.example,,,,,1,,,,',
    ].join('\r\n');
    expect(parseAssetFile(csv, 'assets.json')).toEqual(parseAssetFile(json, 'assets.json'));
  });

  it.each([
    ['', 'assets.csv: is empty'],
    ['{', 'assets.csv: it is no JSON'],
    ['{"things":[]}', 'expected a list of assets'],
    [`[${'['.repeat(10)}${']'.repeat(10)}]`, 'nests deeper'],
    ['id,colour\n/subscriptions/x,red', 'line 1: there is no column "colour"; there are key, id, arn, resourceId, name'],
    ['id,__proto__\n/subscriptions/x,red', 'line 1: there is no column "__proto__"'],
    ['id,importance\n/subscriptions/x,huge', 'line 2: importance: expected a number from 0 to 1, or low, medium, high, critical'],
    ['id,importance\n/subscriptions/x,1.5', 'line 2: importance: expected a number from 0 to 1'],
    ['id,dataClass\n/subscriptions/x,odd', 'line 2: dataClass: expected public, internal, confidential or restricted'],
    ['id,kind\n\n/subscriptions/x,vm', 'line 3: kind: expected one of compute, storage'],
    ['id,kind\nvm-1,compute', 'line 2: id: expected an Azure resource id, an ARN'],
    ['id,arn\n/subscriptions/x,arn:aws:s3:::a', 'line 2: expected one of key, id, arn, resourceId'],
    ['name\nx', 'line 2: expected one of key, id, arn, resourceId'],
    ['id,name\n"/subscriptions/x', 'line 2: a quote that is not closed'],
    ['[{"id":"/a","tags":{}}]', 'entry 1: Unrecognized key: "tags"'],
    [`id\n${'x\n'.repeat(40)}`, 'and 30 more'],
    [`id\n/${'x'.repeat(600)}`, 'line 2: id: expected at most 512 characters'],
    [`[{"id":"/a","behind":${JSON.stringify(Array(65).fill('/b'))}}]`, 'entry 1: behind: expected at most 64'],
  ])('%j is refused', (written, reason) => expect(reasonOf(written)).toContain(reason)); // prettier-ignore

  it('throws nothing else, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ maxLength: 200 })), (written) => {
        expect(reasonOf(written)).toBeTypeOf('string');
      }),
    );
    expect(reasonOf(`[${'['.repeat(100_000)}${']'.repeat(100_000)}]`)).toContain('nests deeper');
  });
});
