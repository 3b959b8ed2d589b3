import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NamedIdentities } from './identity-names.ts';

const TENANT = '00000000-0000-4000-8000-00000000aaaa';
const OBJECT = '00000000-0000-4000-8000-0000000000a1';
const SESSION = 'aws:arn:aws:sts::111122223333:assumed-role/deploy/ann@contoso.example';
const ROLE = 'arn:aws:iam::111122223333:role/pipelines/deploy';

describe('identities that a configuration names', () => {
  it.each([
    ['a key', `entra-user:${TENANT}/${OBJECT}`, `entra-user:${TENANT}/${OBJECT}`],
    ['an object id', OBJECT.toUpperCase(), `entra-user:${TENANT}/${OBJECT}`],
    ['an object id, by what has no tenant', OBJECT, `entra-oid:${OBJECT}`],
    ['an object id, in a cluster', OBJECT, `k8s-user:/subscriptions/x:${OBJECT}`],
    ['a tenant and object id', OBJECT, `${TENANT}/${OBJECT}`],
    ['a user principal name in other case', 'Ann@Contoso.Example', 'upn:ann@contoso.example'],
    ['a user principal name in wide letters', 'ａnn@contoso.example', 'upn:ann@contoso.example'],
    ['an ARN', 'arn:aws:iam::111122223333:user/ann', 'aws:arn:aws:iam::111122223333:user/Ann'],
    ['an ARN of which the key leaves out the path', 'arn:aws:iam::1:user/people/ann', 'aws:arn:aws:iam::1:user/ann'],
    ['a role, by its session', ROLE, SESSION],
    ['a session, by its role', SESSION, `aws:${ROLE}`],
    ['an access key', 'AKIAEXAMPLE000000000', 'aws-key:AKIAEXAMPLE000000000'],
    ['a managed identity', '/subscriptions/X/identities/y', 'arm:/subscriptions/x/identities/y'],
  ])('are known by %s', (_name, entry, key) => {
    const identities = new NamedIdentities([entry]);
    expect(identities.exactEntryOf([key])).toBe(entry);
    expect(identities.entryOf([key])).toBe(entry);
  });

  it.each([
    ['a user of IAM', 'ann', 'aws:arn:aws:iam::111122223333:user/people/Ann'],
    ['a role of IAM', 'deploy', `aws:${ROLE}`],
    ['a role of IAM, by its session', 'deploy', SESSION],
    ['a user of a cluster', 'break-glass', 'k8s-user:/subscriptions/x:break-glass'],
    ['a user of GitHub', 'ann-contoso', 'github-user:ann-contoso'],
  ])('are known by a name alone where that may be another’s: %s', (_name, entry, key) => {
    const identities = new NamedIdentities([entry]);
    expect(identities.entryOf([key])).toBe(entry);
    expect(identities.exactEntryOf([key])).toBeUndefined();
  });

  it.each([
    ['a role of another account', ROLE, 'aws:arn:aws:iam::444455556666:role/deploy'],
    ['a user of another account that has the name of one’s role', ROLE, 'aws:arn:aws:iam::444455556666:user/deploy'],
    ['whoever calls a session as a protected person is called', 'ann@contoso.example', SESSION],
    ['a role that has the name of a user', 'arn:aws:iam::1:user/ann', 'aws:arn:aws:iam::1:role/ann'],
    ['another user of the tenant', OBJECT, `entra-user:${TENANT}/00000000-0000-4000-8000-0000000000a2`],
    ['the tenant alone', `entra-user:${TENANT}/${OBJECT}`, TENANT],
    ['an empty text', '   ', ''],
    ['names that objects inherit', 'constructor', '__proto__'],
  ])('are not taken for %s', (_name, entry, key) => {
    expect(new NamedIdentities([entry]).entryOf([key])).toBeUndefined();
  });

  it('know themselves, whatever they are called', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 600 }), (text) => {
        const identities = new NamedIdentities([text]);
        expect(identities.entryOf([text])).toBe(text.normalize('NFKC').trim() === '' ? undefined : text);
      }),
    );
  });

  it('are compared in no more than the time that a long text takes', () => {
    const long = `aws:arn:aws:iam::111122223333:role/${'a/'.repeat(100_000)}`;
    const started = performance.now();
    for (let count = 0; count < 100; count++) new NamedIdentities([long]).entryOf([`${long}x`]);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
