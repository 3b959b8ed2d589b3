import { expect, it } from 'vitest';
import { ACTIONS } from '../../../playbooks/registry.ts';
import { actionContext } from '../../../test/response/action-context.ts';
import { Blocklist, sampleAction } from '../../../test/response/sample-action.ts';
import { guardedPlan } from './guarded-plan.ts';

const NETWORK = '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/shop/providers/Microsoft.Network';
const EGRESS = ['203.0.113.0/24'];
const IP_SET = 'arn:aws:wafv2:eu-central-1:111122223333:regional/ipset/blocked/00000000-0000-4000-8000-0000000000c1';

/** What would ask a service fails: there is none. */
const nowhere = () => actionContext({ configuration: 'azure: { endpoints: { arm: "http://127.0.0.1:9" } }' });

it.each([
  ['nsg-deny', { networkSecurityGroup: `${NETWORK}/networkSecurityGroups/nsg-web` }],
  ['firewall-ip-group-add', { ipGroup: `${NETWORK}/ipGroups/blocked` }],
  ['aws-network-acl-deny', { networkAcl: 'acl-0123456789abcdef0', region: 'eu-central-1', account: '111122223333' }],
  ['aws-waf-ip-set-add', { ipSet: IP_SET }],
])('%s asks no service about an address that is never blocked', async (name, parameters) => {
  const action = ACTIONS.get(name);
  if (action === undefined) throw new Error(`there is no action ${name}`);
  for (const address of ['127.0.0.1', '168.63.129.16', '169.254.169.254', '203.0.113.7']) {
    const plan = await guardedPlan(action, { ...parameters, address }, nowhere(), EGRESS);
    expect(plan).toMatchObject({ changes: [], subjects: [{ kind: 'address', value: `${address}/32` }] });
  }
});

it('plans as ever what may be blocked', async () => {
  const action = sampleAction(new Blocklist());
  const plan = await guardedPlan(action, { list: 'web', address: '198.51.100.23' }, nowhere(), EGRESS);
  expect(plan.changes).toHaveLength(1);
  await expect(guardedPlan(action, { list: 'web', address: '0.0.0.0/0' }, nowhere(), EGRESS)).rejects.toThrow(
    'expected an address',
  );
});
