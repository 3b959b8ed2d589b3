import type { Plan } from '../../../playbooks/contract/action.ts';
import { planHashOf } from '../../../playbooks/contract/hashes.ts';
import type { ApprovalRequest, Approver, Response, Step } from '../response.ts';

/** Invented responses for tests of approvals. */

export const TENANT = '00000000-0000-4000-8000-0000000000aa';
export const ANN = '00000000-0000-4000-8000-00000000000a';
export const BEN = '00000000-0000-4000-8000-00000000000b';
export const EVE = '00000000-0000-4000-8000-00000000000e';
export const NOW = Date.UTC(2026, 10, 21, 12);

/** Somebody as a token of Entra shows them. */
export const approver = (objectId: string, name: string): Approver => ({
  id: `entra:${TENANT}/${objectId}`,
  name,
  aliases: [`entra-user:${TENANT}/${objectId}`, objectId, `upn:${name}`, name],
  by: 'Entra token',
});
export const ann = approver(ANN, 'ann@contoso.example');
export const ben = approver(BEN, 'ben@contoso.example');

const GROUP =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg-shop/providers/microsoft.network/networksecuritygroups/nsg-web';

export const samplePlan: Plan = {
  target: { kind: 'network security group', id: GROUP, label: 'nsg-web' },
  changes: [
    {
      id: 'inbound',
      holds: `nsg-deny|${GROUP}|198.51.100.23/32 inbound`,
      summary: 'Deny 198.51.100.23 inbound by rule crosstrail-deny-in-00 of nsg-web',
      target: {
        kind: 'security rule',
        id: `${GROUP}/securityrules/crosstrail-deny-in-00`,
        label: 'crosstrail-deny-in-00',
      },
      before: { prefixes: ['203.0.113.9/32'], priority: 100 },
      after: { prefixes: ['198.51.100.23/32', '203.0.113.9/32'], priority: 100 },
      undo: 'Takes 198.51.100.23 out of the rule again',
    },
  ],
  affects: ['All 3 machines behind nsg-web'],
  residual: [{ what: 'Connections that stand go on', lasts: 240_000 }],
  subjects: [{ kind: 'address', value: '198.51.100.23/32' }],
};

export const sampleStep: Step = {
  id: '0123456789abcdef0123456789abcdef',
  action: 'nsg-deny',
  parameters: { networkSecurityGroup: GROUP, address: '198.51.100.23/32' },
  lasts: 3_600_000,
  state: 'planned',
  plan: samplePlan,
  guards: [{ guard: 'privileged', says: 'ask', reason: 'Somebody must look at it: it is in production' }],
  changes: samplePlan.changes.map((change) => ({ change, state: 'planned' })),
};

export const sampleRequest: ApprovalRequest = {
  planHash: planHashOf([{ action: sampleStep.action, parameters: sampleStep.parameters, plan: samplePlan }]),
  number: 1,
  expires: NOW + 3_600_000,
  quorum: 1,
  answers: [],
};

/** A response that waits for approval. */
export const sampleResponse = (more: Partial<Response> = {}): Response => ({
  id: 'response-0123456789abcdef0123456789abcdef',
  incident: 'incident-5e1f0c2a',
  title: 'Contain the address',
  playbook: 'contain-address',
  binding: 'web-attacks',
  mode: 'approve',
  requester: 'binding:web-attacks',
  principals: [`entra-user:${TENANT}/${EVE}`, 'upn:eve@contoso.example'],
  state: 'awaiting-approval',
  steps: [sampleStep],
  approval: sampleRequest,
  created: NOW - 60_000,
  changed: NOW - 60_000,
  ...more,
});
