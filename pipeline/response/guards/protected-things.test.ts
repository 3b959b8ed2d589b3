import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../../platform/configuration.ts';
import { askGuards } from './ask-guards.ts';
import { NSG, person, plan, question, resource, TENANT, USER } from './guard-samples.ts';
import { neverGroup } from './never-group.ts';
import { neverPrincipal } from './never-principal.ts';
import { neverResource } from './never-resource.ts';
import { privileged } from './privileged.ts';

const GROUP = '00000000-0000-4000-8000-0000000000b1';

describe('whom nothing is done to', () => {
  it.each([
    ['by object id', USER],
    ['by key', `entra-user:${TENANT}/${USER}`],
    ['by user principal name, in other case', 'ANN@contoso.example'],
  ])('%s', (_name, entry) => {
    const yaml = `guards:\n  neverPrincipals: ['${entry}']`;
    expect(neverPrincipal.ask(question(plan(person()), yaml))).toMatchObject({
      says: 'refuse',
      reason: expect.stringMatching(
        /ann@contoso\.example.*whoever may change crosstrail\.yaml.*neverPrincipals/,
      ) as string,
    });
  });

  it('nobody unless told', () => {
    expect(neverPrincipal.ask(question(plan(person(), resource(`arm:${NSG}`))))).toBeUndefined();
    const yaml = `guards:\n  neverPrincipals: [bob@contoso.example]`;
    expect(neverPrincipal.ask(question(plan(person()), yaml))).toBeUndefined();
  });

  it('the identities that act for Crosstrail, whether an action takes them for somebody or for something', () => {
    const yaml = `identities: ['arn:aws:iam::111122223333:role/crosstrail-responder']`;
    const key = 'aws:arn:aws:iam::111122223333:role/crosstrail-responder';
    for (const subject of [person({ keys: [key] }), resource(key)]) {
      expect(neverPrincipal.ask(question(plan(subject), yaml))).toMatchObject({
        says: 'refuse',
        reason: expect.stringContaining('response.identities') as string,
      });
    }
    const silent = { ...plan(), target: { kind: 'role', id: key.slice(4), label: 'crosstrail-responder' } };
    expect(neverPrincipal.ask(question(silent, yaml))?.says).toBe('refuse');
  });

  it('by a name that says something else on a screen than it is: it is shown without what could do that', () => {
    const yaml = `guards:\n  neverPrincipals: ['${USER}']`;
    const verdict = neverPrincipal.ask(question(plan(person({ label: 'ann\u202e\u001b[2Jeve' })), yaml));
    expect(verdict?.reason).toContain('ann??[2Jeve');
  });
});

describe('groups that nothing is done to', () => {
  const yaml = `guards:\n  neverGroups: ['${GROUP}']`;

  it('protect their members', () => {
    const verdict = neverGroup.ask(question(plan(person({ groups: [GROUP.toUpperCase()] })), yaml));
    expect(verdict).toMatchObject({ says: 'refuse', reason: expect.stringContaining('neverGroups') as string });
  });

  it('protect whom it cannot be told of', () => {
    const unknown = person({ unknown: 'GroupMember.Read.All is missing' });
    expect(neverGroup.ask(question(plan(unknown), yaml))).toMatchObject({
      says: 'refuse',
      reason: expect.stringContaining('GroupMember.Read.All is missing') as string,
    });
    expect(neverGroup.ask(question(plan(unknown)))).toBeUndefined();
  });

  it('may be groups of IAM', () => {
    const ofIam = `guards:\n  neverGroups: ['arn:aws:iam::111122223333:group/people/admins']`;
    const admin = person({ groups: ['arn:aws:iam::111122223333:group/people/admins'] });
    expect(neverGroup.ask(question(plan(admin), ofIam))?.says).toBe('refuse');
    expect(() => question(plan(admin), `guards:\n  neverGroups: [admins]`)).toThrow('the ARN of a group of IAM');
  });

  it('protect nobody else', () => {
    const other = person({ groups: ['00000000-0000-4000-8000-0000000000b2'] });
    expect(neverGroup.ask(question(plan(other), yaml))).toBeUndefined();
  });
});

describe('whoever is privileged', () => {
  const admin = person({ privileged: ['is eligible for Global Administrator'] });
  const unknown = person({ unknown: 'RoleManagement.Read.Directory is missing' });

  it.each([
    ['is asked for', admin, '', 'ask'],
    ['is asked for where it cannot be told', unknown, '', 'ask'],
    ['is left alone', admin, 'guards:\n  privileged: never', 'refuse'],
    ['is left alone where it cannot be told', unknown, 'guards:\n  privileged: never', 'refuse'],
    ['is nobody else', person(), 'guards:\n  privileged: never', undefined],
  ])('%s', (_name, subject, yaml, says) => {
    expect(privileged.ask(question(plan(subject), yaml))?.says).toBe(says);
  });
});

describe('what is never changed', () => {
  const CLUSTER =
    '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/shop/providers/microsoft.containerservice/managedclusters/shop';

  it.each([
    ['the thing itself', NSG, `arm:${NSG}`],
    ['the thing itself, by its key', `arm:${NSG}`, `arm:${NSG}`],
    ['in other case', NSG.toUpperCase(), `arm:${NSG}`],
    ['a resource group', NSG.slice(0, NSG.indexOf('/providers')), `arm:${NSG}`],
    ['a resource group, with a slash', `${NSG.slice(0, NSG.indexOf('/providers'))}/`, `arm:${NSG}`],
    ['a beginning', '/subscriptions/00000000-*', `arm:${NSG}`],
    ['everything', '*', `arm:${NSG}`],
    ['a cluster', CLUSTER, `k8s:${CLUSTER}:shop/pods/cart-0`],
    ['a cluster, by its key', `arm:${CLUSTER}`, `k8s:${CLUSTER}:shop/pods/cart-0`],
    ['an account of AWS', 'aws-account:111122223333', 'aws:arn:aws:iam::111122223333:role/deploy'],
    ['a tenant', `entra-tenant:${TENANT}`, `entra-user:${TENANT}/${USER}`],
  ])('%s', (_name, entry, key) => {
    const yaml = `guards:\n  neverResources: ['${entry}']`;
    expect(neverResource.ask(question(plan(resource(key)), yaml))).toMatchObject({
      says: 'refuse',
      reason: expect.stringContaining('response.guards.neverResources') as string,
    });
  });

  it.each([
    ['of which only the beginning is alike', NSG.slice(0, -1), `arm:${NSG}`],
    ['of another account', 'aws-account:444455556666', 'aws:arn:aws:iam::111122223333:role/deploy'],
    ['of another kind', 'aws-account:1111', 'aws:arn:aws:iam::111122223333:role/deploy'],
  ])('not what stands beside it: %s', (_name, entry, key) => {
    const yaml = `guards:\n  neverResources: ['${entry}']`;
    const bare = { ...plan(resource(key)), target: { kind: 'x', id: key, label: '' }, changes: [] };
    expect(neverResource.ask(question(bare, yaml))).toBeUndefined();
  });

  it('also where an action names it as its target alone', () => {
    const yaml = `guards:\n  neverResources: ['${NSG}']`;
    expect(neverResource.ask(question(plan(), yaml))?.says).toBe('refuse');
  });
});

it('is told all at once', () => {
  const yaml = `guards:\n  neverPrincipals: ['${USER}']\n  neverGroups: ['${GROUP}']\n  privileged: never`;
  const subject = person({ groups: [GROUP], privileged: ['is an owner'] });
  expect(askGuards(question(plan(subject), yaml)).map(({ guard }) => guard)).toEqual([
    'never-principal',
    'never-group',
    'privileged',
  ]);
});

it.each([
  ["guards: { neverPrincipals: ['arn:aws:iam::111122223333:role/admin-*'] }", 'guards.neverPrincipals.0'],
  ["identities: ['aws:arn:aws:iam::111122223333:role/crosstrail-*']", 'identities.0'],
  ["guards: { neverResources: ['/subscriptions/*/resourceGroups/prod'] }", 'guards.neverResources.0'],
])('an asterisk that would protect nothing cannot be configured: %s', (text, path) => {
  expect(() => parseConfiguration(`response: { ${text} }`, 'c.yaml')).toThrow(`response.${path}: expected`);
});
