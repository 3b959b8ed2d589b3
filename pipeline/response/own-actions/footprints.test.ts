import { beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../../playbooks/contract/action.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { memoryStorage } from '../../../platform/storage/memory.ts';
import { readRecord } from '../../sources/registry.ts';
import { Footprints, OWN_RESPONSE } from './footprints.ts';
import {
  accountDisabled,
  keyDeactivated,
  NSG,
  RESPONDER,
  ROLE,
  ruleWritten,
  TENANT,
  USER,
} from './own-action-samples.ts';

const NOW = Date.UTC(2026, 10, 20, 10);
const MINUTE = 60_000;

const planOf = (kind: string, id: string, subjects: Plan['subjects'] = []): Plan => {
  const target = { kind, id, label: id };
  return { target, changes: [], affects: [], residual: [], subjects };
};

const NSG_DENY = {
  name: 'nsg-deny',
  operations: [
    'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE',
    'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/DELETE',
  ],
};
const KEY = { name: 'aws-deactivate-access-key', operations: ['UpdateAccessKey'] };
const DISABLE = {
  name: 'entra-disable-user',
  operations: ['Disable account', 'Update application - Certificates and secrets management'],
};

let tables: ReturnType<typeof memoryStorage>['tables'];
let footprints: Footprints;

beforeEach(async () => {
  ({ tables } = memoryStorage());
  footprints = new Footprints(tables, [RESPONDER, ROLE]);
  await footprints.note(NSG_DENY, planOf('network security group', NSG), NOW);
  await footprints.note(KEY, planOf('access key', 'AKIAEXAMPLE000000000'), NOW);
  await footprints.note(DISABLE, planOf('user', `${TENANT}/${USER}`), NOW);
});

const covers = (record: JsonObject, of = footprints) => of.covers(readRecord(record).event);

describe('what a response did itself', () => {
  it.each([
    ['a rule of a security group', ruleWritten(NOW + MINUTE)],
    ['its removal', ruleWritten(NOW + MINUTE, { write: 'DELETE' })],
    ['an access key', keyDeactivated(NOW + MINUTE)],
    ['an account', accountDisabled(NOW + MINUTE)],
    ['a clock behind', accountDisabled(NOW - 5 * MINUTE)],
    [
      'another dash',
      accountDisabled(NOW, { activity: 'Update application \u2013 Certificates and secrets management ' }),
    ],
    ['an operation that took its time', accountDisabled(NOW + 40 * MINUTE)],
  ])('is known by identity, operation, target and time: %s', async (_name, record) => {
    expect(await covers(record)).toBe(OWN_RESPONSE);
  });
});

describe('whoever acts as our identity is not taken for it', () => {
  it.each([
    ['another identity', ruleWritten(NOW, { by: '00000000-0000-4000-8000-0000000000e9' })],
    ['another role', keyDeactivated(NOW, { role: 'deploy' })],
    ['another operation', keyDeactivated(NOW, { name: 'CreateAccessKey' })],
    ['another security group', ruleWritten(NOW, { group: NSG.replace('nsg-web', 'nsg-db') })],
    ['one whose name begins alike', ruleWritten(NOW, { group: `${NSG}-2` })],
    ['another key', keyDeactivated(NOW, { key: 'AKIAEXAMPLE000000009' })],
    ['another user', accountDisabled(NOW, { user: '00000000-0000-4000-8000-0000000000a2' })],
    ['another identity in Entra', accountDisabled(NOW, { by: USER })],
    ['too early', accountDisabled(NOW - 5 * MINUTE - 1)],
    ['too late', accountDisabled(NOW + 40 * MINUTE + 1)],
  ])('by %s', async (_name, record) => {
    expect(await covers(record)).toBeUndefined();
  });

  it('where nothing was noted, or nobody is ours', async () => {
    expect(await covers(accountDisabled(NOW), new Footprints(memoryStorage().tables, [RESPONDER]))).toBeUndefined();
    expect(await covers(accountDisabled(NOW), new Footprints(tables, []))).toBeUndefined();
  });
});

describe('footprints', () => {
  it('are found across midnight, at the turn of a year', async () => {
    const midnight = Date.UTC(2027, 0, 1);
    const own = new Footprints(memoryStorage().tables, [RESPONDER]);
    await own.note(DISABLE, planOf('user', USER), midnight - MINUTE);
    expect(await covers(accountDisabled(midnight + 30 * MINUTE), own)).toBe(OWN_RESPONSE);
    expect(await covers(accountDisabled(midnight - 3 * MINUTE), own)).toBe(OWN_RESPONSE);
    const later = new Footprints(memoryStorage().tables, [RESPONDER]);
    await later.note(DISABLE, planOf('user', USER), midnight + MINUTE);
    expect(await covers(accountDisabled(midnight - 2 * MINUTE), later)).toBe(OWN_RESPONSE);
  });

  it('cost storage nothing where others act', async () => {
    let asked = 0;
    const counting = {
      ...tables,
      query: () => {
        asked += 1;
        return Promise.resolve({ rows: [], more: false });
      },
    };
    await covers(accountDisabled(NOW, { by: USER }), new Footprints(counting, [RESPONDER]));
    expect(asked).toBe(0);
    await covers(accountDisabled(NOW), new Footprints(counting, [RESPONDER]));
    expect(asked).toBe(1);
  });

  it('written a moment later are found: no answer is remembered', async () => {
    const { tables: empty } = memoryStorage();
    const own = new Footprints(empty, [RESPONDER]);
    expect(await covers(accountDisabled(NOW), own)).toBeUndefined();
    await new Footprints(empty, []).note(DISABLE, planOf('user', USER), NOW);
    expect(await covers(accountDisabled(NOW), own)).toBe(OWN_RESPONSE);
  });

  it('hold the targets of a plan of any size', async () => {
    const subjects = Array.from({ length: 500 }, (_, at) => ({
      ...{ kind: 'resource' as const, label: '' },
      key: `k8s:/subscriptions/x:shop/pods/${'p'.repeat(400)}-${at}`,
    }));
    const own = new Footprints(memoryStorage().tables, [RESPONDER]);
    await own.note(DISABLE, planOf('user', 'x', subjects), NOW);
    expect(await covers(accountDisabled(NOW), own)).toBeUndefined();
    const last = { kind: 'resource' as const, key: USER, label: '' };
    await own.note(DISABLE, planOf('user', 'x', [...subjects, last]), NOW);
    expect(await covers(accountDisabled(NOW), own)).toBe(OWN_RESPONSE);
  });

  it('go with their months', async () => {
    await footprints.dropBefore(Date.UTC(2026, 10, 30));
    expect(await covers(accountDisabled(NOW))).toBe(OWN_RESPONSE);
    await footprints.dropBefore(Date.UTC(2026, 11, 1));
    expect(await covers(accountDisabled(NOW))).toBeUndefined();
  });
});
