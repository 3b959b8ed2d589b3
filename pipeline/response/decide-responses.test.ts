import { beforeEach, describe, expect, it } from 'vitest';
import { parseConfiguration, ConfigurationError } from '../../platform/configuration.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { HurriedClock } from '../../test/response/hurried-clock.ts';
import { responsePorts } from '../../test/response/response-world.ts';
import { Switchboard, switchOff } from '../../test/response/switchboard.ts';
import type { Action } from '../../playbooks/contract/action.ts';
import type { Incident } from '../timeline/incident.ts';
import { sampleIncident } from '../incidents/incident-samples.ts';
import { checkPlaybooks } from './check-playbooks.ts';
import { decideResponses } from './decide-responses.ts';
import { Responses } from './responses.ts';

const containing = (text: string): unknown => expect.stringContaining(text);

let board: Switchboard;
let responses: Responses;
let action: Action;
const clock = new HurriedClock();
beforeEach(() => {
  board = new Switchboard();
  action = switchOff(board, { from: ({ addresses }) => addresses.map((address) => ({ names: [address] })) });
  responses = new Responses(responsePorts([action], { storage: memoryStorage(), clock }));
});

const PLAYBOOK = 'playbooks: { contain: { steps: [{ action: switch-off, with: { wall: hall }, lease: 2h }] } }';
const settingsOf = (bindings: string) =>
  parseConfiguration(`response: { ${PLAYBOOK}, bindings: [${bindings}] }`, 'c.yaml').response;
const from = (...addresses: string[]): Incident =>
  sampleIncident({
    graph: {
      nodes: addresses.map((address) => ({ id: `ip:${address}`, label: address, kind: 'address' as const })),
      edges: [],
    },
  });
const decide = (
  incident: Incident,
  bindings: string,
  { rules = [], merged = [] }: { rules?: string[]; merged?: string[] } = {},
) =>
  decideResponses(
    incident,
    { rules },
    {
      settings: settingsOf(bindings),
      actions: new Map([[action.name, action]]),
      store: responses.store,
      now: clock.now(),
      merged,
    },
  );
const listed = () => Array.fromAsync(responses.list({ limit: 100 }));

describe('what bindings ask for', () => {
  it('is proposed once, as observing where no mode is told', async () => {
    const incident = from('198.51.100.23');
    const [id = ''] = await decide(incident, '{ name: all, playbook: contain }');
    expect(await responses.get(id)).toMatchObject({
      ...{ mode: 'observe', binding: 'all', requester: 'binding:all', incident: incident.id },
      steps: [{ action: 'switch-off', parameters: { wall: 'hall', names: ['198.51.100.23'] }, lasts: 7_200_000 }],
    });
    expect(await decide(incident, '{ name: all, playbook: contain }')).toEqual([]);
    expect(await listed()).toHaveLength(1);
  });

  it('joins what waits for approval where the incident grows, and is another response where nobody is asked', async () => {
    const binding = '{ name: all, playbook: contain, mode: approve }';
    const [id = ''] = await decide(from('198.51.100.23'), binding);
    await responses.advance(id);
    expect(await decide(from('198.51.100.23', '198.51.100.24'), binding)).toEqual([id]);
    await responses.advance(id);
    expect(await responses.get(id)).toMatchObject({
      state: 'awaiting-approval',
      approval: { number: 2 },
      steps: [{}, {}],
    });
    const automatic = '{ name: quick, playbook: contain, mode: automatic }';
    const [other = ''] = await decide(from('198.51.100.23', '198.51.100.24', '198.51.100.25'), automatic);
    expect(await responses.get(other)).toMatchObject({ steps: [{ parameters: { names: ['198.51.100.25'] } }] });
  });

  it('is one step where entries of a playbook come to the same', async () => {
    action = switchOff(board, { from: () => [{ names: ['a'] }, { names: ['b'] }, { names: ['a'] }] });
    const [id = ''] = await decide(from(), '{ name: all, playbook: contain }');
    expect((await responses.get(id))?.steps.map(({ parameters }) => parameters['names'])).toEqual([['a'], ['b']]);
  });

  it('was done for incidents that went into this one', async () => {
    const binding = '{ name: all, playbook: contain, mode: automatic }';
    const [id = ''] = await decide(from('198.51.100.23'), binding);
    await responses.advance(id);
    const into = { ...from('198.51.100.23'), id: 'incident-00000000000000000000000000000001' };
    expect(await decide(into, binding, { merged: [sampleIncident().id] })).toEqual([]);
  });

  it('is not observed away: what was only planned is still done when the mode changes', async () => {
    const incident = from('198.51.100.23');
    await decide(incident, '{ name: all, playbook: contain }');
    expect(await decide(incident, '{ name: all, playbook: contain, mode: automatic }')).toHaveLength(1);
  });

  it('touches nothing where the incident names more than the playbook allows', async () => {
    const many = Array.from({ length: 11 }, (_, at) => `198.51.100.${at + 1}`);
    const [id = ''] = await decide(from(...many), '{ name: all, playbook: contain, mode: automatic }');
    expect(await responses.advance(id)).toMatchObject({
      state: 'ended',
      steps: [{ state: 'refused', problem: containing('11 targets') }],
    });
    expect(board.writes).toEqual([]);
  });

  it('says what cannot be planned', async () => {
    const hostile = from('198.51.100.23');
    const long = switchOff(board, { from: () => [{ names: ['x'.repeat(4096)] }] });
    action = long;
    const [id = ''] = await decide(hostile, '{ name: all, playbook: contain, mode: automatic }');
    expect(await responses.advance(id)).toMatchObject({
      state: 'ended',
      steps: [{ state: 'failed', problem: containing('cannot take these parameters') }],
    });
  });
});

describe('a binding', () => {
  it.each([
    ['{ severity: high }', true],
    ['{ severity: critical, decision: [block] }', true],
    ['{ decision: [warn, monitor] }', false],
    ['{ techniques: [T1078] }', true],
    ['{ techniques: [T1078.001] }', false],
    ['{ score: 93 }', false],
    ['{ clouds: [aws] }', true],
    ['{ rules: [rule-1] }', true],
    ['{ rules: [rule-2] }', false],
    ['{ environments: [production] }', false],
    ['{ assets: ["ip:198.51.100.*"] }', true],
    ['{ assets: ["ip:203.0.113.*"] }', false],
    ['{ severity: high, clouds: [GCP] }', false],
  ])('with the condition %s holds: %s', async (when, holds) => {
    const ids = await decide(from('198.51.100.23'), `{ name: all, playbook: contain, when: ${when} }`, {
      rules: ['rule-1'],
    });
    expect(ids.length).toBe(holds ? 1 : 0);
  });

  it.each([
    ['bindings: [{ name: a, playbook: absent }]', 'there is no playbook absent'],
    [
      `${PLAYBOOK}, bindings: [{ name: a, playbook: contain }, { name: a, playbook: contain }]`,
      'two bindings have the name a',
    ],
    [`${PLAYBOOK}, bindings: [{ name: a, playbook: contain, mode: auto }]`, 'response.bindings.0.mode'],
    [
      `${PLAYBOOK}, bindings: [{ name: a, playbook: contain, when: { techniques: [phishing] } }]`,
      'expected a technique',
    ],
  ])('%s cannot be used', (text, reason) => {
    expect(() => parseConfiguration(`response: { ${text} }`, 'c.yaml')).toThrow(reason);
  });
});

describe('playbooks', () => {
  const check =
    (step: string, guards = '{}') =>
    () =>
      checkPlaybooks(
        parseConfiguration(`response: { playbooks: { contain: { steps: [${step}] } }, guards: ${guards} }`, 'c.yaml')
          .response,
        new Map([[action.name, action]]),
      );

  it('are checked against their actions', () => {
    expect(check('{ action: switch-off, with: { wall: hall } }')).not.toThrow();
    expect(check('{ action: switch-on }')).toThrow(ConfigurationError);
    expect(check('{ action: switch-on }')).toThrow('there is no action switch-on; there are switch-off');
    expect(check('{ action: switch-off, with: { wall: 7 } }')).toThrow('response.playbooks.contain.steps.0.with.wall');
    expect(check('{ action: switch-off, lease: 900d }')).toThrow('steps.0.lease: switch-off holds at most');
    const rates = '{ rates: { switch-on: { changes: 1, per: 1h } } }';
    expect(check('{ action: switch-off }', rates)).toThrow(
      'response.guards.rates.switch-on: there is no action switch-on',
    );
  });
});
