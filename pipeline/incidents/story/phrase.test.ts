import { describe, expect, it } from 'vitest';
import { filled, inThePast, Phrases } from './phrase.ts';
import type { Thing } from './thing.ts';

const user = (name: string): Thing => ({ key: `user ${name}`, noun: 'user', name });
const policy: Thing = { key: 'policy', noun: 'policy', name: 'AdministratorAccess' };
const secret = (name: string, namespace: string): Thing => ({
  key: `${namespace}/${name}`,
  noun: 'secret',
  name,
  of: ['in namespace', namespace],
});

describe('places in a phrase', () => {
  it('stand for the things of their nouns', () => {
    expect(filled('attach {policy} to {user|group}', [policy, user('backup')])).toBe(
      'attach policy AdministratorAccess to user backup',
    );
  });

  it('are told by their noun where there is no such thing, or left out', () => {
    expect(filled('attach {policy} to {user}', [])).toBe('attach a policy to a user');
    expect(filled('delete flow logs[ of {VPC}]', [])).toBe('delete flow logs');
    expect(filled('do[ on {*}]', [])).toBe('do');
    expect(filled('delete {*}', [])).toBe('delete something');
    expect(filled('list {bucket|*}', [user('a')])).toBe('list user a');
  });

  it('count what is much, and name some', () => {
    expect(filled('delete {user}', ['a', 'b'].map(user))).toBe('delete 2 users (a, b)');
    expect(filled('delete {user}', ['a', 'b', 'c', 'd'].map(user))).toBe('delete 4 users (a, b, c, others)');
  });

  it('say where things are, if all are in one place', () => {
    expect(filled('read {secret}', [secret('a', 'shop'), secret('b', 'shop')])).toBe(
      'read 2 secrets (a, b) in namespace shop',
    );
    expect(filled('read {secret}', [secret('a', 'shop'), secret('b', 'till')])).toBe('read 2 secrets (a, b)');
    const all: Thing = { key: 'all', noun: 'secret', all: true };
    expect(filled('read {secret}', [all])).toBe('read the secrets of all namespaces');
    expect(filled('read {secret}', [{ ...all, of: ['in namespace', 'shop'] }])).toBe(
      'read all secrets in namespace shop',
    );
  });

  it('take names for names, whatever they look like', () => {
    expect(filled('delete {user}[ of {policy}]', [user('{policy}'), user('[x]')])).toBe(
      'delete 2 users (“{policy}”, “[x]”)',
    );
    expect(filled('delete {user}', [user('$&')])).toBe('delete user “$&”');
  });
});

it('finds no phrase under names that every object has', () => {
  const phrases = new Phrases({ Delete: ['delete {user}', 'users deleted', 'vague'] });
  expect(phrases.of('constructor', [])).toBeUndefined();
  expect(phrases.of('__proto__', [])).toBeUndefined();
  expect(phrases.of('Delete', [user('a')])).toEqual({ does: 'delete user a', title: 'users deleted', vague: true });
});

it('tells in the past', () => {
  expect(inThePast('stop the logging')).toBe('stopped the logging');
  expect(inThePast('create or change x')).toBe('created or changed x');
  expect(inThePast('copy objects')).toBe('copied objects');
  expect(inThePast('deploy x')).toBe('deployed x');
  expect(inThePast('be reported at risk')).toBe('was reported at risk');
});
