import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FakeNetwork } from '../../local/fakes/network.ts';
import type { Action, ActionContext } from '../../playbooks/contract/action.ts';
import { awsDeactivateAccessKey } from '../../playbooks/aws/aws-deactivate-access-key/aws-deactivate-access-key.ts';
import { awsQuarantineUser } from '../../playbooks/aws/aws-quarantine-user/aws-quarantine-user.ts';
import { nsgDeny } from '../../playbooks/azure/nsg-deny/nsg-deny.ts';
import { entraDisableUser } from '../../playbooks/entra/entra-disable-user/entra-disable-user.ts';
import type { Json, JsonObject } from '../../platform/json.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { Footprints, OWN_RESPONSE } from '../../pipeline/response/own-actions/footprints.ts';
import {
  accountDisabled,
  keyDeactivated,
  NSG,
  RESPONDER,
  ROLE,
  ruleWritten,
} from '../../pipeline/response/own-actions/own-action-samples.ts';
import { readRecord } from '../../pipeline/sources/registry.ts';
import { actionContext } from './action-context.ts';
import { awsStage, DEPLOYER, SETTING } from './aws-stage.ts';
import { ANN, GRACE } from './contoso.ts';
import { startGraph } from './graph-stage.ts';
import { HurriedClock } from './hurried-clock.ts';

const SUBNET = NSG.replace('networksecuritygroups/nsg-web', 'virtualnetworks/vnet-shop/subnets/web');
const NOW = Date.UTC(2026, 10, 20, 10);

afterEach(() => {
  vi.unstubAllEnvs();
});

/** What is known of records, after the plan of an action was noted. */
async function known(action: Action, parameters: Json, context: ActionContext, records: readonly JsonObject[]) {
  const footprints = new Footprints(memoryStorage().tables, [RESPONDER, ROLE]);
  await footprints.note(action, await action.plan(parameters, context), NOW);
  return Promise.all(records.map((record) => footprints.covers(readRecord(record).event)));
}

describe('records of what actions do are known by their plans, and those of anything else are not', () => {
  it('a rule of a security group', async () => {
    const fake = new FakeNetwork({ securityGroups: [{ id: NSG, rules: {}, subnets: [SUBNET] }] });
    await fake.listen();
    onTestFinished(() => fake.close());
    const context = actionContext({
      ...{ clock: new HurriedClock(), configuration: `azure: { endpoints: { arm: '${fake.url}' } }` },
    });
    const parameters = { networkSecurityGroup: NSG, address: '198.51.100.23' };
    const records = [ruleWritten(NOW), ruleWritten(NOW, { group: NSG.replace('nsg-web', 'nsg-db') })];
    expect(await known(nsgDeny, parameters, context, records)).toEqual([OWN_RESPONSE, undefined]);
  });

  it('a user of Entra', async () => {
    const { context } = await startGraph();
    const records = [accountDisabled(NOW, { user: ANN.id }), accountDisabled(NOW, { user: GRACE.id, upn: GRACE.upn })];
    expect(await known(entraDisableUser, { user: ANN.upn }, context(), records)).toEqual([OWN_RESPONSE, undefined]);
  });

  it('a user of IAM, whose path its calls do not name', async () => {
    const stage = await awsStage({ clock: new HurriedClock(), ...SETTING });
    onTestFinished(() => stage.iam.close());
    const { name, path } = DEPLOYER;
    const user = `arn:aws:iam::111122223333:user${path}${name}`;
    const key = DEPLOYER.keys[0]?.id ?? '';
    const ofKey = [
      keyDeactivated(NOW, { key, user: name }),
      keyDeactivated(NOW, { key, user: name, name: 'CreateAccessKey' }),
    ];
    const deactivating = { accessKeyId: key, user };
    expect(await known(awsDeactivateAccessKey, deactivating, stage.context(), ofKey)).toEqual([
      OWN_RESPONSE,
      undefined,
    ]);
    const ofUser = [
      keyDeactivated(NOW, { name: 'PutUserPolicy', user: name }),
      keyDeactivated(NOW, { name: 'PutUserPolicy', user: 'boss' }),
    ];
    expect(await known(awsQuarantineUser, { user }, stage.context(), ofUser)).toEqual([OWN_RESPONSE, undefined]);
  });
});
