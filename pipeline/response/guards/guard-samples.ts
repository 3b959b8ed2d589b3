import { z } from 'zod';
import {
  defineAction,
  type Action,
  type ActionDefinition,
  type Plan,
  type Subject,
} from '../../../playbooks/contract/action.ts';
import { parseConfiguration } from '../../../platform/configuration.ts';
import type { GuardQuestion } from './guard.ts';

/** What the tests of guards ask about: an action and a plan to which no guard objects, and what makes one of them other. */

export const NOW = Date.UTC(2026, 10, 20, 10);
export const TENANT = '00000000-0000-4000-8000-00000000aaaa';
export const USER = '00000000-0000-4000-8000-0000000000a1';
export const NSG =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/shop/providers/microsoft.network/networksecuritygroups/nsg-web';

const TARGET = { kind: 'network security group', id: NSG, label: 'nsg-web' };

export const sampleAction = (definition: Partial<ActionDefinition<object>> = {}): Action =>
  defineAction({
    name: 'nsg-deny',
    group: 'azure',
    title: 'Deny an address in a network security group',
    description: '',
    parameters: z.strictObject({}),
    permissions: {},
    reversibility: 'reversible',
    lease: undefined,
    operations: ['MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE'],
    plan: async () => plan(),
    execute: async () => {},
    verify: async () => ({ is: 'absent' }),
    ...definition,
  });

export const plan = (...subjects: readonly Subject[]): Plan => ({
  target: TARGET,
  changes: [
    {
      ...{ id: 'inbound', holds: `nsg-deny|${NSG}|198.51.100.23/32`, target: TARGET, before: null },
      summary: 'Deny 198.51.100.23 inbound by rule crosstrail-deny-in-00 of nsg-web',
      after: { address: '198.51.100.23/32' },
      undo: 'Take 198.51.100.23 out of the rule',
    },
  ],
  ...{ affects: [], residual: [], subjects },
});

export const address = (value: string): Subject => ({ kind: 'address', value });
export const resource = (key: string): Subject => ({ kind: 'resource', key, label: key });
export const person = (more: Partial<Extract<Subject, { kind: 'principal' }>> = {}): Subject => ({
  kind: 'principal',
  keys: [`entra-user:${TENANT}/${USER}`, 'upn:ann@contoso.example'],
  ...{ label: 'ann@contoso.example', groups: [], privileged: [] },
  ...more,
});

/** @param yaml what stands below `response:` in a configuration, on lines of its own */
export function question(asked: Plan, yaml = '', more: Partial<GuardQuestion> = {}): GuardQuestion {
  const indented = yaml.replaceAll(/^/gm, '  ');
  return {
    action: sampleAction(),
    plan: asked,
    mode: 'automatic',
    decision: 'block',
    ...{ approved: false, byPerson: false, ownEgress: [], recent: { made: [], failed: [] }, now: NOW },
    settings: parseConfiguration(yaml === '' ? '' : `response:\n${indented}`, 'crosstrail.yaml').response,
    ...more,
  };
}
