import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DirectoryError, parseDirectory } from './directory.ts';
import { IdentityGraph } from './identity-graph.ts';

const TENANT = '00000000-0000-4000-8000-00000000aaaa';
const ANN = '00000000-0000-4000-8000-0000000000a1';
const PIPELINE = '00000000-0000-4000-8000-0000000000c1';
const APP = '00000000-0000-4000-8000-0000000000c2';
const RESOURCE = '/subscriptions/00000000-0000-4000-8000-000000000010/resourceGroups/Shop/providers/p/t/shop';
const user = {
  tenant: TENANT,
  objectId: ANN,
  userPrincipalName: 'ann@contoso.example',
  otherMails: ['ann@fabrikam.example', 'a.example@contoso.example'],
  identityCenterIds: ['d-1234567890/user-1'],
  awsUsers: ['arn:aws:iam::111122223333:user/ann'],
};
const directory = {
  users: [user],
  servicePrincipals: [{ tenant: TENANT, objectId: PIPELINE, appId: APP }],
  managedIdentities: [{ tenant: TENANT, objectId: ANN.replace('a1', 'd1'), resourceId: RESOURCE }],
};

const reasonOf = (written: string): string => {
  try {
    parseDirectory(written);
  } catch (error) {
    if (error instanceof DirectoryError) return error.message;
    throw error;
  }
  return 'none';
};
const ends = (written: string): string[] => parseDirectory(written).links.map(({ one, other }) => `${one} ${other}`);

describe('a directory', () => {
  it('joins all ids of an entry', () => {
    const graph = new IdentityGraph();
    const { links, entries } = parseDirectory(JSON.stringify(directory));
    for (const link of links) graph.add(link);
    expect(entries).toBe(3);
    for (const key of [
      'upn:ann@contoso.example',
      'upn:ann@fabrikam.example',
      'aws-idc-user:d-1234567890/user-1',
      'aws:arn:aws:iam::111122223333:user/ann',
    ]) {
      expect(graph.resolve(key)).toBe(`entra-user:${TENANT}/${ANN}`);
    }
    expect(graph.resolve(`entra-app:${APP}`)).toBe(`entra-sp:${TENANT}/${PIPELINE}`);
    expect(graph.resolve(`arm:${RESOURCE.toLowerCase()}`)).toMatch(/^entra-sp:/);
    expect(graph.resolve('upn:bob@contoso.example')).toBe('upn:bob@contoso.example');
  });

  it('says the same as CSV', () => {
    const csv = [
      'kind,tenant,objectId,userPrincipalName,otherMails,identityCenterIds,awsUsers,appId,resourceId',
      `user,${TENANT},${ANN},"ann@contoso.example",ann@fabrikam.example; a.example@contoso.example,d-1234567890/user-1,arn:aws:iam::111122223333:user/ann,,`,
      `service-principal,${TENANT},${PIPELINE},,,,,${APP},`,
      '',
      `managed-identity,${TENANT},${ANN.replace('a1', 'd1')},,,,,,${RESOURCE}`,
    ].join('\r\n');
    expect(ends(csv)).toEqual(ends(JSON.stringify(directory)));
    expect(parseDirectory(csv).links[0]?.evidence.eventId).toBe('line 2');
  });

  it('states trusts and federated credentials', () => {
    const credential = { id: APP, issuer: 'https://Token.example/', subject: 'repo:contoso-example/shop' };
    const { links, trusts } = parseDirectory(
      JSON.stringify({
        servicePrincipals: [{ tenant: TENANT, objectId: PIPELINE, federatedCredentials: [credential] }],
        trusts: { oidc: [{ issuer: 'https://aks.example/x/', cluster: RESOURCE }], saml: [] },
      }),
    );
    expect(links).toContainEqual(
      expect.objectContaining({ kind: 'federation', other: 'federated:token.example|repo:contoso-example/shop' }),
    );
    expect([...trusts.oidc.keys()]).toEqual(['aks.example/x']);
  });
});

describe('what cannot be used names its place', () => {
  it.each([
    [{ users: [user, { ...user, objectId: 'ann' }] }, 'users, row 2: objectId: expected a GUID'],
    [{ users: [{ ...user, awsUsers: ['ann'] }] }, 'users, row 1: awsUsers.0: expected the ARN of an IAM user'],
    [{ users: [{ ...user, otherMails: Array(65).fill('a@b') }] }, 'users, row 1: otherMails: expected at most 64'],
    [
      { users: [{ ...user, userPrincipalName: `${'a'.repeat(600)}@b` }] },
      'userPrincipalName: expected at most 512 characters',
    ],
    [{ people: [] }, 'the directory: Unrecognized key: "people"'],
    [{ trusts: { oidc: [{ issuer: 'http://x' }] } }, 'trusts.oidc, row 1: issuer: expected an issuer as https://…'],
  ])('%j', (written, reason) => expect(reasonOf(JSON.stringify(written))).toContain(reason));

  it.each([
    ['{', 'it is no JSON'],
    ['kind,tenant\nuser', 'line 2: expected 2 cells as the first line has, found 1'],
    ['kind,tenant\nuser,"x', 'line 2: a quote that is not closed'],
    ['kind,kind\n', 'line 1: every column needs a name of its own'],
    ['kind,__proto__\nuser,x', 'line 1: there is no column "__proto__"'],
    ['kind,tenant\nrobot,x', 'line 2: kind: expected user, service-principal, managed-identity; found "robot"'],
    [`kind,tenant,objectId,otherMails\n\nuser,${TENANT},x,"a@b\n;c@d"\n`, 'line 3: objectId: expected a GUID'],
  ])('%j', (written, reason) => expect(reasonOf(written)).toContain(reason));

  it('of many faults the first ten', () => {
    const reason = reasonOf(JSON.stringify({ users: Array(50).fill({ tenant: 1 }) }));
    expect(reason.split('; ')).toHaveLength(11);
    expect(reason).toMatch(/and \d+ more$/);
  });

  it('throws nothing else, whatever it is given', () => {
    const anything = fc.oneof(fc.json(), fc.string({ maxLength: 200 }));
    fc.assert(
      fc.property(anything, (written) => {
        expect(reasonOf(written)).toBeTypeOf('string');
      }),
    );
    const depth = 200_000;
    expect(reasonOf(`{"users":${'['.repeat(depth)}${']'.repeat(depth)}}`)).toContain('deeper than');
    for (const cell of ['"'.repeat(4_000_000), `"${'x'.repeat(4_000_000)}`, `"${'""'.repeat(2_000_000)}"`])
      expect(reasonOf(`kind,tenant\nuser,${cell}`)).toMatch(/^line 2/);
  });
});
