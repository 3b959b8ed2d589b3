import { beforeEach, describe, expect, it } from 'vitest';
import { parseConfiguration } from '../platform/configuration.ts';
import { Metrics } from '../platform/metrics.ts';
import { memoryStorage } from '../platform/storage/memory.ts';
import { HurriedClock } from '../test/response/hurried-clock.ts';
import { responsePorts } from '../test/response/response-world.ts';
import { Switchboard, switchOff } from '../test/response/switchboard.ts';
import { AlertStore } from './incidents/alert-store.ts';
import { sampleIncident } from './incidents/incident-samples.ts';
import { IncidentStore } from './incidents/incident-store.ts';
import { respondToIncident } from './respond-to-incident.ts';
import { responsePortsOf } from './response-ports.ts';
import type { Response } from './response/response.ts';
import { Responses } from './response/responses.ts';

const INCIDENT = sampleIncident();
const CONFIGURATION = parseConfiguration(
  `response:
    playbooks: { contain: { steps: [{ action: switch-off, with: { wall: hall, names: [a] } }] } }
    bindings: [{ name: ask, playbook: contain, mode: approve }]`,
  'crosstrail.yaml',
);

let board: Switchboard;
let incidents: IncidentStore;
let responses: Responses;
let respond: () => Promise<void>;
beforeEach(async () => {
  board = new Switchboard();
  const [storage, clock, action] = [memoryStorage(), new HurriedClock(), switchOff(board)];
  incidents = new IncidentStore(storage.tables);
  const { connections, approvers, actions } = responsePorts([action], { storage, clock });
  responses = new Responses(
    responsePortsOf({
      ...{ storage, clock, actions, approvers, metrics: new Metrics(), configuration: CONFIGURATION },
      connections: { ...connections, settings: CONFIGURATION.response },
    }),
  );
  const ports = { settings: CONFIGURATION.response, actions, clock, incidents, responses };
  respond = () => respondToIncident(INCIDENT.id, { ...ports, alerts: new AlertStore(storage.tables) });
  await incidents.write(INCIDENT, 1);
});

const only = async (): Promise<Response> => {
  const [response, ...others] = await Array.fromAsync(responses.list({ incident: INCIDENT.id, limit: 10 }));
  if (response === undefined || others.length > 0) throw new Error('there is not one response');
  return response;
};
const close = () => incidents.review(INCIDENT.id, { state: 'closed', verdict: 'benign', by: 'ann', at: 0 });

it('asks people once, however often it is told of an incident', async () => {
  await respond();
  await respond();
  expect(await only()).toMatchObject({ state: 'awaiting-approval', approval: { number: 1 } });
});

describe('an incident that stands no more', () => {
  it.each([
    ['was closed', close, 'the incident was closed'],
    [
      'has no alerts any more',
      () => incidents.replace(INCIDENT.id, undefined, 2),
      'the alerts of the incident were withdrawn',
    ],
  ])('where it %s, has nobody asked any more', async (_, end, why) => {
    await respond();
    await end();
    await respond();
    expect(await only()).toMatchObject({
      state: 'declined',
      steps: [{ state: 'dropped', problem: `not done, for ${why}` }],
    });
  });

  it('has nothing done that is approved too late', async () => {
    await respond();
    const { id, approval } = await only();
    const { planHash = '', number = 0 } = approval ?? {};
    await close();
    const by = { id: 'local:ann', name: 'ann', aliases: [], by: 'this machine' };
    await responses.answer(id, { by, answer: 'approve', reason: undefined, planHash, number });
    expect(await responses.advance(id)).toMatchObject({ state: 'declined', steps: [{ state: 'dropped' }] });
    expect(board.writes).toEqual([]);
  });

  it('keeps what was done until its lease is over', async () => {
    await respond();
    const { id, approval } = await only();
    const { planHash = '', number = 0 } = approval ?? {};
    const by = { id: 'local:ann', name: 'ann', aliases: [], by: 'this machine' };
    await responses.answer(id, { by, answer: 'approve', reason: undefined, planHash, number });
    await responses.advance(id);
    await close();
    await respond();
    expect(await only()).toMatchObject({ state: 'active', steps: [{ state: 'verified' }] });
  });
});
