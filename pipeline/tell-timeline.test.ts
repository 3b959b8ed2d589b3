import { describe, expect, it } from 'vitest';
import { memoryPorts } from '../test/memory-ports.ts';
import type { Subject } from '../playbooks/contract/action.ts';
import { TIMELINE_HUB } from './ingest.ts';
import type { EvidenceEntry } from './response/evidence.ts';
import type { Response } from './response/response.ts';
import { ownActionEvent, timelineTeller } from './tell-timeline.ts';
import { decodeEvent } from './timeline/codec.ts';
import { armKey, ipKey } from './timeline/entity-keys.ts';
import { violations } from './timeline/ocsf/validate.ts';
import { timelineStore } from './timeline/store.ts';

const NOW = Date.UTC(2026, 10, 20, 10);
const STEP = '0123456789abcdef0123456789abcdef';
const TENANT = '00000000-0000-4000-8000-00000000aaaa';
const ANN = '00000000-0000-4000-8000-0000000000a1';
const NSG =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/shop/providers/microsoft.network/networksecuritygroups/nsg-web';
const TARGET = { kind: 'network security group', id: NSG, label: 'nsg-web' };
const SUMMARY = 'Deny 198.51.100.23 inbound by rule crosstrail-deny-in-00 of nsg-web';

function response(subjects: readonly Subject[] = [{ kind: 'address', value: '198.51.100.23/32' }]): Response {
  const change = {
    ...{ id: 'inbound', holds: 'x', summary: SUMMARY, target: TARGET, before: null, after: null },
    undo: 'Take it out again',
  };
  const ann = { id: `entra:${TENANT}/${ANN}`, name: 'ann@contoso.example', aliases: [], by: 'Entra token' };
  return {
    ...{ id: 'response-1', incident: 'incident-1', title: 'Contain', playbook: 'contain', mode: 'approve' },
    ...{ requester: 'binding:contain', principals: [], state: 'active', created: NOW, changed: NOW },
    steps: [
      {
        ...{ id: STEP, action: 'nsg-deny', parameters: {}, state: 'verified', guards: [] },
        plan: { target: TARGET, changes: [change], affects: [], residual: [], subjects },
        changes: [{ change, state: 'made' }],
      },
    ],
    approval: {
      ...{ planHash: 'x', number: 1, expires: NOW, quorum: 1 },
      answers: [{ by: ann, answer: 'approve', at: NOW }],
    },
  };
}

const entry = (number: number, kind: EvidenceEntry['kind'], more: Partial<EvidenceEntry> = {}): EvidenceEntry => ({
  ...{
    number,
    kind,
    time: NOW + number,
    response: 'response-1',
    step: STEP,
    actor: 'crosstrail',
    data: {},
    previous: '',
  },
  hash: String(number).padStart(64, '0'),
  ...more,
});

describe('what responses did, on the timeline', () => {
  it('stands under the address that was blocked and the thing that was changed, beside what was done to them', async () => {
    const { hubs, tables } = memoryPorts();
    const tell = timelineTeller({ hubs, responseOf: async () => response() });
    const approved = entry(3, 'approved', { step: undefined, actor: `entra:${TENANT}/${ANN}` });
    const told = [entry(1, 'planned'), approved, entry(5, 'change-made', { data: { change: 'inbound' } })];
    await tell(told);
    await tell(told);
    const events = (hubs.sent.get(TIMELINE_HUB) ?? []).map(({ body }) => decodeEvent(body));
    const timeline = timelineStore(tables);
    await timeline.insert(events);
    for (const key of [ipKey('198.51.100.23'), armKey(NSG)]) {
      const found = await timeline.byEntity(key, { from: NOW, order: 'oldest', limit: 10 });
      expect(found.events.map(({ ocsf, principal }) => [ocsf.metadata.event_code, principal])).toEqual([
        ['approved', `entra-user:${TENANT}/${ANN}`],
        ['change-made', 'crosstrail:response'],
      ]);
    }
    expect(events.flatMap(({ signals }) => signals)).toEqual([]);
    expect(events.flatMap(({ ocsf }) => violations(ocsf))).toEqual([]);
  });

  it('says what, why, by whom and where the evidence is', () => {
    const declined = entry(4, 'declined', {
      actor: `entra:${TENANT}/${ANN}`,
      data: { reason: 'that is our scanner' },
    });
    const event = ownActionEvent(declined, response());
    expect(event?.entities[0]).toEqual({
      ...{ kind: 'user', part: 'actor', label: 'ann@contoso.example' },
      key: `entra-user:${TENANT}/${ANN}`,
    });
    expect(event?.ocsf).toMatchObject({
      message: SUMMARY,
      status_detail: 'that is our scanner',
      metadata: { correlation_uid: 'response-1' },
      unmapped: { evidence: { number: 4, hash: '4'.padStart(64, '0') }, incident: 'incident-1', step: STEP },
    });
  });

  it.each([
    ['slack:T0001/U0002', 'slack-user:T0001/U0002'],
    ['local:ann', 'local-user:ann'],
    ['binding:contain', 'crosstrail:response'],
    ['entra:ann', 'crosstrail:response'],
  ])('is by %s: %s', (actor, key) => {
    expect(ownActionEvent(entry(1, 'undone', { actor }), response())?.principal).toBe(key);
  });

  it('names keys alone: no bare ids and names, no networks, and not more than an event may name', () => {
    const pods = Array.from({ length: 200 }, (_, at): Subject => ({
      ...{ kind: 'resource', key: `k8s:/subscriptions/x:shop/pods/${at}`, label: '' },
    }));
    const subjects: Subject[] = [
      {
        ...{ kind: 'principal', label: 'ann', groups: [], privileged: [] },
        keys: ['ann', ANN, `entra-user:${TENANT}/${ANN}`, 'constructor:x', 'aws:arn:aws:iam::111122223333:role/deploy'],
      },
      ...pods,
      { kind: 'address', value: '198.51.100.0/24' },
      { kind: 'address', value: '2001:DB8::1' },
    ];
    const { entities = [] } = ownActionEvent(entry(1, 'verified'), response(subjects)) ?? {};
    expect(entities).toHaveLength(24);
    expect(entities.slice(1, 4).map(({ kind, key }) => [kind, key])).toEqual([
      ['ip', 'ip:2001:db8::1'],
      ['user', `entra-user:${TENANT}/${ANN}`],
      ['role', 'aws:arn:aws:iam::111122223333:role/deploy'],
    ]);
  });

  it('names a thing in a cluster by its key, not by an id that no record has', () => {
    const CLUSTER =
      '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/shop/providers/microsoft.containerservice/managedclusters/shop';
    const key = `k8s:${CLUSTER}:shop/pods/cart-0`;
    const whole = response([{ kind: 'resource', key, label: 'cart-0' }]);
    const target = { kind: 'pod', id: `${CLUSTER}/pods/00000000-0000-4000-8000-0000000000f1`, label: 'cart-0' };
    const steps = whole.steps.map((step) => ({ ...step, plan: step.plan && { ...step.plan, target, changes: [] } }));
    const event = ownActionEvent(entry(1, 'verified'), { ...whole, steps });
    expect(event?.entities.slice(1).map((entity) => entity.key)).toEqual([key]);
  });

  it('is told of all that is stopped too, and not of what was only begun', () => {
    const stopped = entry(1, 'stopped', {
      response: '',
      step: undefined,
      actor: 'local:ann',
      data: { reason: 'drill' },
    });
    expect(ownActionEvent(stopped, undefined)).toMatchObject({
      principal: 'local-user:ann',
      ocsf: { status_detail: 'drill' },
    });
    for (const kind of ['proposed', 'planned', 'executing', 'change-begun', 'delayed', 'undo-begun'] as const) {
      expect(ownActionEvent(entry(1, kind), response())).toBeUndefined();
    }
  });
});
