import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, Subject } from '../../../playbooks/contract/action.ts';
import type { ResponseSettings } from '../../../platform/configuration/response.ts';
import { askGuards, outcomeOf } from './ask-guards.ts';
import type { Guard, GuardQuestion } from './guard.ts';
import { address, NOW, NSG, person, plan, question, resource, sampleAction, TENANT, USER } from './guard-samples.ts';
import { GUARDS } from './registry.ts';
import { stoppedBy, switchedOff, targetInUse } from './runner-refusals.ts';

const GROUP = '00000000-0000-4000-8000-0000000000b1';
const ROLE = 'arn:aws:iam::111122223333:role/deploy';

describe('the guards together', () => {
  it('have nothing against an address of an attacker', () => {
    const verdicts = askGuards(question(plan(address('198.51.100.23/32'), resource(`arm:${NSG}`))));
    expect(verdicts).toEqual([]);
    expect(outcomeOf(verdicts, false)).toBe('pass');
  });

  it('refuse where one fails', () => {
    const failing: Guard = {
      name: 'failing',
      description: '',
      ask: () => {
        throw new TypeError('secret');
      },
    };
    expect(askGuards(question(plan()), [failing])).toEqual([
      { guard: 'failing', says: 'refuse', reason: expect.not.stringContaining('secret') as string },
    ]);
  });

  it('have names of their own, and say what they are for', () => {
    expect(new Set(GUARDS.map(({ name }) => name)).size).toBe(GUARDS.length);
    for (const { description } of GUARDS) expect(description).toMatch(/approv|overrid|person|on duty/i);
  });
});

it('what keeps the runner from executing is said in the same form', () => {
  const at = { by: 'ann@contoso.example', at: NOW, reason: 'we are looking into it' };
  for (const verdict of [stoppedBy(at), switchedOff(), targetInUse(plan().target, '0123')]) {
    expect(verdict.says).toBe('refuse');
    expect(verdict.reason).toMatch(/^.+\. (To|Nobody) .+\.$/);
  }
});

/** Subjects that are protected by some configuration, and some that no configuration below protects. */
const subject: fc.Arbitrary<Subject> = fc.oneof(
  fc
    .record({
      keys: fc.subarray([`entra-user:${TENANT}/${USER}`, 'upn:ann@contoso.example', `aws:${ROLE}`]),
      label: fc.string({ maxLength: 20 }),
      groups: fc.subarray([GROUP]),
      privileged: fc.subarray(['is a Global Administrator']),
      unknown: fc.option(fc.constant('a permission is missing'), { nil: undefined }),
    })
    .map(person),
  fc
    .oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.constantFrom('198.51.100.23', '203.0.113.0/24', '10.0.0.1', '0.0.0.0/0'),
      fc.string(),
    )
    .map(address),
  fc.constantFrom(`arm:${NSG}`, `aws:${ROLE}`, 'k8s:/subscriptions/x:shop/pods/cart-0').map(resource),
);

const planned: fc.Arbitrary<Plan> = fc.array(subject, { maxLength: 4 }).map((subjects) => plan(...subjects));

interface Protections {
  readonly neverPrincipals: string[];
  readonly neverGroups: string[];
  readonly neverNetworks: string[];
  readonly neverResources: string[];
  readonly identities: string[];
  readonly ownEgress: string[];
}

const NOTHING: Protections = {
  ...{ neverPrincipals: [], neverGroups: [], neverNetworks: [], neverResources: [], identities: [], ownEgress: [] },
};

const protections: fc.Arbitrary<Protections> = fc.record({
  neverPrincipals: fc.subarray([USER, 'ann@contoso.example', ROLE, 'deploy']),
  neverGroups: fc.subarray([GROUP, '00000000-0000-4000-8000-0000000000b2']),
  neverNetworks: fc.subarray(['198.51.100.0/28', '203.0.113.0/24', '2001:db8::/32', '0.0.0.0/1']),
  neverResources: fc.subarray([NSG, 'k8s:*', 'aws-account:111122223333', '*']),
  identities: fc.subarray([ROLE, '00000000-0000-4000-8000-0000000000cc']),
  ownEgress: fc.subarray(['203.0.113.9/32', '198.51.100.23/32', 'unreadable']),
});

const together = (one: Protections, other: Protections): Protections => ({
  neverPrincipals: [...one.neverPrincipals, ...other.neverPrincipals],
  neverGroups: [...one.neverGroups, ...other.neverGroups],
  neverNetworks: [...one.neverNetworks, ...other.neverNetworks],
  neverResources: [...one.neverResources, ...other.neverResources],
  identities: [...one.identities, ...other.identities],
  ownEgress: [...one.ownEgress, ...other.ownEgress],
});

const asked = (
  one: Plan,
  { identities, ownEgress, ...guards }: Protections,
  more: Partial<GuardQuestion>,
): GuardQuestion => {
  const bare = question(one, '', { ownEgress, ...more });
  const settings: ResponseSettings = { ...bare.settings, identities, guards: { ...bare.settings.guards, ...guards } };
  return { ...bare, settings };
};

const circumstances = fc.record({
  mode: fc.constantFrom('observe' as const, 'approve' as const, 'automatic' as const),
  byPerson: fc.boolean(),
  action: fc.constantFrom(sampleAction(), sampleAction({ reversibility: 'irreversible' })),
  recent: fc.record({
    made: fc.array(fc.integer({ min: NOW - 7_200_000, max: NOW }), { maxLength: 40 }),
    failed: fc.array(fc.integer({ min: NOW - 7_200_000, max: NOW }), { maxLength: 6 }),
  }),
});

const RANK = { pass: 0, ask: 1, refuse: 2 } as const;

describe('whatever is asked', () => {
  it('approval lets through what is to be asked, and nothing that is refused', () => {
    fc.assert(
      fc.property(planned, protections, circumstances, (one, guarded, more) => {
        const before = askGuards(asked(one, guarded, { ...more, approved: false }));
        const after = askGuards(asked(one, guarded, { ...more, approved: true }));
        expect(outcomeOf(after, true)).toBe(outcomeOf(before, false) === 'refuse' ? 'refuse' : 'pass');
      }),
    );
  });

  it('one more protection lets nothing through that was kept back', () => {
    fc.assert(
      fc.property(planned, protections, protections, circumstances, (one, guarded, more, circumstance) => {
        const both = together(guarded, more);
        const before = outcomeOf(askGuards(asked(one, guarded, circumstance)), false);
        const after = outcomeOf(askGuards(asked(one, both, circumstance)), false);
        expect(RANK[after]).toBeGreaterThanOrEqual(RANK[before]);
      }),
    );
  });

  it('one more subject lets nothing through that was kept back', () => {
    fc.assert(
      fc.property(planned, subject, protections, circumstances, (one, another, guarded, circumstance) => {
        const more = { ...one, subjects: [...one.subjects, another] };
        const before = outcomeOf(askGuards(asked(one, guarded, circumstance)), false);
        expect(RANK[outcomeOf(askGuards(asked(more, guarded, circumstance)), false)]).toBeGreaterThanOrEqual(
          RANK[before],
        );
      }),
    );
  });

  it('no mode and no person gets at what is protected', () => {
    fc.assert(
      fc.property(circumstances, (circumstance) => {
        const guarded = { ...NOTHING, neverPrincipals: [USER] };
        expect(outcomeOf(askGuards(asked(plan(person()), guarded, circumstance)), true)).toBe('refuse');
      }),
    );
  });
});

it('the documentation has a line for each guard', () => {
  const page = readFileSync(new URL('../../../docs/guards.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
  expect(documented).toEqual(expect.arrayContaining(GUARDS.map(({ name }) => name)));
  expect(documented).toHaveLength(GUARDS.length);
});
