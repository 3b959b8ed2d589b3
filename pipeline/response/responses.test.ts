import { beforeEach, describe, expect, it } from 'vitest';
import { HurriedClock } from '../../test/response/hurried-clock.ts';
import { proposed, responsePorts } from '../../test/response/response-world.ts';
import { away, Switchboard, switchOff } from '../../test/response/switchboard.ts';
import { ActionError } from '../../playbooks/contract/action-error.ts';
import type { Action, Plan } from '../../playbooks/contract/action.ts';
import { Metrics } from '../../platform/metrics.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { sampleIncident } from '../incidents/incident-samples.ts';
import type { ResponsePorts } from './ports.ts';
import { Responses, type Proposal } from './responses.ts';
import type { Approver, Response } from './response.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const person = (name: string): Approver => ({ id: `local:${name}`, name, aliases: [], by: 'this machine' });
const [ANN, BEN, EVE] = [person('ann'), person('ben'), person('eve')];

const containing = (text: string): unknown => expect.stringContaining(text);
const guardsWith = (verdict: object): unknown => expect.arrayContaining([expect.objectContaining(verdict)]);

let board: Switchboard;
let clock: HurriedClock;
let storage: ReturnType<typeof memoryStorage>;
beforeEach(() => {
  board = new Switchboard();
  clock = new HurriedClock();
  storage = memoryStorage();
});

function world(action: Action = switchOff(board), other: Partial<ResponsePorts> & { configuration?: string } = {}) {
  const asked: Response[] = [];
  const ask = (response: Response): Promise<void> => Promise.resolve(void asked.push(response));
  const responses = new Responses(responsePorts([action], { storage, clock, ask, ...other }));
  const put = (mode: Response['mode'], ...names: string[]): Promise<Response> =>
    proposed(responses.store, [{ action, parameters: { wall: 'hall', names } }], { mode, now: clock.now() });
  const kinds = async (): Promise<string[]> =>
    (await Array.fromAsync(responses.evidence.entries())).map(({ kind }) => kind);
  return { responses, put, asked, kinds };
}

const worked = async (responses: Responses, { id }: Response): Promise<Response> => {
  const response = await responses.advance(id);
  if (response === undefined) throw new Error('there is no such response');
  return response;
};

const answerTo = (
  { approval }: Response,
  by: Approver,
  answer: 'approve' | 'decline' = 'approve',
  reason?: string,
) => ({
  ...{ by, answer, reason, number: approval?.number ?? 0, planHash: approval?.planHash ?? '' },
});

describe('a response that only observes', () => {
  it('plans and ends, and changes nothing', async () => {
    const { responses, put, kinds } = world();
    const response = await worked(responses, await put('observe', 'a'));
    expect(response).toMatchObject({
      state: 'observed',
      steps: [{ state: 'planned', plan: { changes: [{ id: 'a' }] } }],
    });
    expect(board.writes).toEqual([]);
    expect(await kinds()).toEqual(['proposed', 'planned']);
  });
});

describe('an automatic response', () => {
  it('executes, verifies, holds for its lease, and undoes itself', async () => {
    const metrics = new Metrics();
    const { responses, put, kinds } = world(switchOff(board), { metrics });
    const made = await put('automatic', 'a');
    const active = await worked(responses, made);
    expect(active).toMatchObject({
      state: 'active',
      steps: [{ state: 'verified', lease: { until: clock.now() + HOUR } }],
    });
    expect(board.isOff('a')).toBe(true);
    await clock.wait(HOUR);
    await responses.sweep();
    expect(storage.queues.sent('responses')).toEqual([made.id]);
    expect(await worked(responses, made)).toMatchObject({ state: 'ended', steps: [{ state: 'undone' }] });
    expect(board.writes).toEqual([
      { name: 'a', to: 'off' },
      { name: 'a', to: 'on' },
    ]);
    expect(await kinds()).toEqual([
      ...['proposed', 'planned', 'executing', 'change-begun', 'change-made', 'verified'],
      ...['undo-begun', 'change-undone', 'undone'],
    ]);
    expect(await responses.evidence.verify()).toMatchObject({ entries: 9, problems: [] });
    expect(metrics.total('responses', { kind: 'verified', action: 'switch-off' })).toBe(1);
  });

  it('asks people where the decision about the incident is not to block', async () => {
    const incidentOf = () => Promise.resolve(sampleIncident({ decision: 'warn' }));
    const { responses, put } = world(switchOff(board), { incidentOf });
    const response = await worked(responses, await put('automatic', 'a'));
    expect(response).toMatchObject({
      state: 'awaiting-approval',
      steps: [{ guards: guardsWith({ guard: 'decision', says: 'ask' }) }],
    });
    expect(board.writes).toEqual([]);
  });

  it('asks people of what cannot be taken back, and does the rest', async () => {
    const { responses, put } = world(switchOff(board, { reversibility: 'irreversible' }));
    const response = await worked(responses, await put('automatic', 'a'));
    expect(response).toMatchObject({
      state: 'awaiting-approval',
      steps: [{ guards: guardsWith({ guard: 'irreversible', says: 'ask' }) }],
    });
    expect(board.writes).toEqual([]);
    const { outcome } = await responses.answer(response.id, answerTo(response, ANN));
    expect(outcome).toBe('decided');
    expect(await worked(responses, response)).toMatchObject({ steps: [{ state: 'verified' }] });
  });

  it('is put off where the service is away, and fails in the end', async () => {
    const { responses, put } = world();
    const made = await put('automatic', 'a');
    board.trouble = (call) => {
      if (call === 'write') throw away();
    };
    let response = await worked(responses, made);
    expect(response).toMatchObject({ state: 'running', steps: [{ state: 'executing', delayed: { attempts: 1 } }] });
    for (let attempt = 0; attempt < 20 && response.state === 'running'; attempt++) {
      await clock.wait((response.due ?? 0) - clock.now());
      response = await worked(responses, made);
    }
    // Whether something is in place is not known: its lease ends it all the same.
    expect(response).toMatchObject({
      state: 'active',
      steps: [{ state: 'failed', problem: 'the wall does not answer' }],
    });
    board.trouble = () => undefined;
    await clock.wait(HOUR);
    expect(await worked(responses, made)).toMatchObject({ state: 'ended' });
    expect(board.isOff('a')).toBe(false);
  });

  it('waits as long as the service says', async () => {
    const { responses, put } = world();
    const made = await put('automatic', 'a');
    board.trouble = () => {
      throw new ActionError('busy', 'too many requests', 90_000);
    };
    expect(await worked(responses, made)).toMatchObject({ state: 'new', due: clock.now() + 90_000 });
    board.trouble = () => undefined;
    expect(await worked(responses, made)).toMatchObject({ state: 'new' });
    await clock.wait(90_000);
    expect(await worked(responses, made)).toMatchObject({ state: 'active' });
  });

  it('says where what it did has no effect', async () => {
    const ineffective = switchOff(board, {
      verify: ({ id }) =>
        Promise.resolve(
          board.isOff(id) ? { is: 'ineffective', why: 'a rule above lets it through' } : { is: 'absent' },
        ),
    });
    const { responses, put, kinds } = world(ineffective);
    expect(await worked(responses, await put('automatic', 'a'))).toMatchObject({
      state: 'active',
      steps: [{ state: 'unverified', problem: 'a rule above lets it through' }],
    });
    expect(await kinds()).toContain('not-verified');
  });

  it('makes again what is taken back at once, and gives up where that goes on', async () => {
    const lost = switchOff(board, {
      execute: async ({ id }) => {
        await board.turn(id, 'off');
        await board.turn(id, 'on');
      },
    });
    const { responses, put } = world(lost);
    expect(await worked(responses, await put('automatic', 'a'))).toMatchObject({
      steps: [{ state: 'failed', problem: containing('somebody takes it back each time') }],
    });
    expect(board.writes.filter(({ to }) => to === 'off')).toHaveLength(3);
  });
});

describe('a response that people approve', () => {
  it('tells them once, waits, and executes what they approved', async () => {
    const { responses, put, asked } = world();
    const made = await put('approve', 'a', 'b');
    const waiting = await worked(responses, made);
    expect(waiting.state).toBe('awaiting-approval');
    await worked(responses, made);
    expect(asked.map(({ id }) => id)).toEqual([made.id]);
    const answered = await responses.answer(made.id, answerTo(waiting, ANN));
    expect(answered).toMatchObject({ outcome: 'decided', response: { state: 'running', steps: [{ state: 'ready' }] } });
    expect(await worked(responses, made)).toMatchObject({ state: 'active' });
    expect((await responses.answer(made.id, answerTo(waiting, BEN))).outcome).toBe('closed');
  });

  it('tells them later where they cannot be told, and lets nothing wait for that', async () => {
    const told: number[] = [];
    let away = true;
    const ask = () => {
      told.push(clock.now());
      return away ? Promise.reject(new ActionError('busy', 'the chat is away')) : Promise.resolve();
    };
    const { responses, put } = world(undefined, { ask });
    const made = await put('approve', 'a');
    const waiting = await worked(responses, made);
    expect(waiting).toMatchObject({ state: 'awaiting-approval', due: clock.now() + 1000, untold: { attempts: 1 } });
    await worked(responses, made);
    expect(told).toHaveLength(1);
    await clock.wait(1000);
    expect(await worked(responses, made)).toMatchObject({ due: clock.now() + 2000 });
    away = false;
    await clock.wait(2000);
    await responses.sweep();
    expect(storage.queues.sent('responses')).toEqual([made.id]);
    const done = await worked(responses, made);
    expect(done).toMatchObject({ announced: 1, due: done.approval?.expires });
    expect(done.untold).toBeUndefined();
    expect(told).toHaveLength(3);
  });

  it('ends in time where they could never be told', async () => {
    const ask = () => Promise.reject(new ActionError('busy', 'the chat is away'));
    const { responses, put } = world(undefined, { ask });
    const waiting = await worked(responses, await put('approve', 'a'));
    let response = waiting;
    for (let turn = 0; turn < 40 && response.state === 'awaiting-approval'; turn++) {
      await clock.wait((response.due ?? clock.now()) - clock.now());
      response = await worked(responses, response);
    }
    expect(response).toMatchObject({ state: 'declined', changed: waiting.approval?.expires });
  });

  it('takes an answer, and the switch, where the timeline is away, which is told by the next sweep', async () => {
    let away = false;
    const told: number[] = [];
    const tell: ResponsePorts['tell'] = (entries) => {
      if (away) return Promise.reject(new Error('the hub is away'));
      told.push(...entries.map(({ number }) => number));
      return Promise.resolve();
    };
    const { responses, put } = world(undefined, { tell });
    const waiting = await worked(responses, await put('approve', 'a'));
    away = true;
    expect((await responses.answer(waiting.id, answerTo(waiting, ANN))).outcome).toBe('decided');
    await responses.stop({ by: ANN.id, reason: 'a test' });
    expect(await responses.stopped()).toMatchObject({ by: ANN.id });
    await responses.resume({ by: ANN.id, reason: 'a test' });
    expect(await worked(responses, waiting)).toMatchObject({ state: 'active' });
    away = false;
    await responses.sweep();
    const all = await Array.fromAsync(responses.evidence.entries());
    expect(told).toEqual(all.map(({ number }) => number));
  });

  it('does nothing where somebody declines, or nobody answers in time', async () => {
    const { responses, put } = world();
    const declined = await worked(responses, await put('approve', 'a'));
    expect(await responses.answer(declined.id, answerTo(declined, BEN, 'decline', 'it is a test'))).toMatchObject({
      response: { state: 'declined', steps: [{ state: 'dropped', problem: 'ben declined: it is a test' }] },
    });
    const late = await worked(responses, await put('approve', 'b'));
    await clock.wait(HOUR);
    expect((await responses.answer(late.id, answerTo(late, ANN))).outcome).toBe('expired');
    expect(await worked(responses, late)).toMatchObject({ state: 'declined' });
    const silent = await worked(responses, await put('approve', 'c'));
    await clock.wait(HOUR);
    expect(await worked(responses, silent)).toMatchObject({
      state: 'declined',
      steps: [{ problem: 'nobody approved it in time' }],
    });
    expect(board.writes).toEqual([]);
  });

  it('counts nobody who may not approve', async () => {
    const { responses, put } = world();
    const waiting = await worked(responses, await put('approve', 'a'));
    expect((await responses.answer(waiting.id, answerTo(waiting, EVE))).outcome).toBe('not-allowed');
    expect(await worked(responses, waiting)).toMatchObject({ state: 'awaiting-approval' });
  });

  it('asks anew where the plan is another when it is to be executed', async () => {
    let before = 'on';
    const base = switchOff(board);
    const plan: Action['plan'] = async (parameters, context): Promise<Plan> => {
      const planned = await base.plan(parameters, context);
      return { ...planned, changes: planned.changes.map((change) => ({ ...change, before })) };
    };
    const { responses, put, asked, kinds } = world({ ...base, plan });
    const waiting = await worked(responses, await put('approve', 'a'));
    await responses.answer(waiting.id, answerTo(waiting, ANN));
    before = 'dimmed';
    const again = await worked(responses, waiting);
    expect(again).toMatchObject({
      state: 'awaiting-approval',
      approval: { number: 2, answers: [] },
      steps: [{ state: 'planned' }],
    });
    expect(board.writes).toEqual([]);
    expect(asked).toHaveLength(2);
    expect((await responses.answer(waiting.id, answerTo(waiting, ANN))).outcome).toBe('changed');
    await responses.answer(waiting.id, answerTo(again, ANN));
    expect(await worked(responses, waiting)).toMatchObject({ state: 'active' });
    expect(await kinds()).toContain('plan-changed');
  });
});

describe('guards', () => {
  it('are asked again when it is executed', async () => {
    const { responses, put } = world(switchOff(board), {
      configuration: 'response: { guards: { rate: { changes: 2, per: 1h } } }',
    });
    const first = await worked(responses, await put('approve', 'a'));
    const second = await worked(responses, await put('approve', 'b', 'c'));
    expect(second.state).toBe('awaiting-approval');
    for (const one of [first, second]) await responses.answer(one.id, answerTo(one, ANN));
    expect(await worked(responses, first)).toMatchObject({ state: 'active' });
    expect(await worked(responses, second)).toMatchObject({
      state: 'ended',
      steps: [{ state: 'refused', problem: containing('rate') }],
    });
    expect(board.isOff('b')).toBe(false);
  });

  it('open the circuit of an action that fails and fails', async () => {
    const configuration = 'response: { guards: { breaker: { failures: 1, per: 1h } } }';
    const failing = switchOff(board, {
      execute: () => Promise.reject(new ActionError('failed', 'the wall is on fire')),
    });
    const { responses, put } = world(failing, { configuration });
    expect(await worked(responses, await put('automatic', 'a'))).toMatchObject({ steps: [{ state: 'failed' }] });
    expect(await worked(responses, await put('automatic', 'b'))).toMatchObject({
      steps: [
        {
          state: 'refused',
          guards: guardsWith({ guard: 'breaker', says: 'refuse' }),
        },
      ],
    });
  });
});

describe('the switch that stops all', () => {
  it('keeps everything from being executed until it is resumed, and is in the evidence', async () => {
    const { responses, put, kinds } = world();
    await responses.stop({ by: 'local:ann', reason: 'something is wrong' });
    const made = await put('automatic', 'a');
    expect(await worked(responses, made)).toMatchObject({
      state: 'running',
      steps: [{ state: 'ready', problem: containing('local:ann stopped all responses') }],
    });
    expect(await responses.stopped()).toMatchObject({ by: 'local:ann', reason: 'something is wrong' });
    expect(board.writes).toEqual([]);
    await responses.resume({ by: 'local:ben', reason: 'it was nothing' });
    await clock.wait(MINUTE);
    expect(await worked(responses, made)).toMatchObject({ state: 'active' });
    expect(await kinds()).toEqual(expect.arrayContaining(['stopped', 'resumed']));
  });
});

describe('undoing', () => {
  it('is refused where somebody else changed it since, and done where a person insists', async () => {
    let touched = false;
    const base = switchOff(board);
    const action: Action = {
      ...base,
      verify: (change, context) =>
        touched && board.isOff(change.id)
          ? Promise.resolve({ is: 'changed', why: 'it is taped over' })
          : base.verify(change, context),
    };
    const { responses, put, kinds } = world(action);
    const active = await worked(responses, await put('automatic', 'a'));
    touched = true;
    await clock.wait(HOUR);
    const refused = await worked(responses, active);
    expect(refused).toMatchObject({
      state: 'active',
      steps: [{ state: 'undo-refused', problem: containing('it is taped over') }],
    });
    expect(board.isOff('a')).toBe(true);
    const undone = await responses.undo(active.id, { by: 'local:ann', reason: 'I looked', force: true });
    expect(undone).toMatchObject({ state: 'ended', steps: [{ state: 'undone' }] });
    expect(board.isOff('a')).toBe(false);
    expect(await kinds()).toEqual(expect.arrayContaining(['undo-refused', 'undo-asked', 'undone']));
  });

  it('leaves what another response holds too until that ends as well', async () => {
    const { responses, put } = world();
    const first = await worked(responses, await put('automatic', 'a', 'b'));
    const second = await worked(responses, await put('automatic', 'b'));
    expect(board.writes).toHaveLength(2);
    expect(await responses.undo(first.id, { by: 'local:ann', reason: 'over', force: false })).toMatchObject({
      state: 'ended',
      steps: [{ changes: [{ state: 'taken-back' }, { state: 'handed-on' }] }],
    });
    expect([board.isOff('a'), board.isOff('b')]).toEqual([false, true]);
    await responses.undo(second.id, { by: 'local:ann', reason: 'over', force: false });
    expect(board.isOff('b')).toBe(false);
  });

  it('believes only what it sees several times, where a service shows late what was written', async () => {
    let late = 0;
    const base = switchOff(board, { settle: { checks: 3, every: 1000 } });
    const verify: Action['verify'] = (change, context) =>
      late-- > 0 ? Promise.resolve({ is: 'absent' }) : base.verify(change, context);
    const { responses, put } = world({ ...base, verify });
    const active = await worked(responses, await put('automatic', 'a'));
    late = 2;
    await responses.undo(active.id, { by: 'local:ann', reason: 'over', force: false });
    expect(board.isOff('a')).toBe(false);
  });

  it('is refused where nothing is in place', async () => {
    const { responses, put } = world();
    const observed = await worked(responses, await put('observe', 'a'));
    await expect(responses.undo(observed.id, { by: 'local:ann', reason: '', force: false })).rejects.toThrow(
      'nothing of',
    );
  });
});

describe('what is held', () => {
  it('is looked at, and what somebody took back is said and not undone', async () => {
    const { responses, put, kinds } = world();
    const active = await worked(responses, await put('automatic', 'a', 'b'));
    await board.turn('a', 'on');
    await clock.wait(10 * MINUTE);
    expect(await worked(responses, active)).toMatchObject({
      steps: [{ problem: 'somebody took it back: Turn a off', changes: [{ state: 'lost' }, { state: 'made' }] }],
    });
    expect(await kinds()).toContain('drift');
    await clock.wait(HOUR);
    expect(await worked(responses, active)).toMatchObject({ state: 'ended' });
    expect(board.writes.map(({ name, to }) => `${name} ${to}`)).toEqual(['a off', 'b off', 'a on', 'b on']);
  });

  it('is held longer where a person says so, as long as the action allows', async () => {
    const { responses, put } = world();
    const active = await worked(responses, await put('automatic', 'a'));
    const step = active.steps[0]?.id ?? '';
    const until = clock.now() + 5 * HOUR;
    await responses.extend(active.id, step, { until, by: 'local:ann', reason: 'still looking' });
    await clock.wait(2 * HOUR);
    expect(await worked(responses, active)).toMatchObject({
      state: 'active',
      steps: [{ lease: { until, extended: [{ by: 'local:ann' }] } }],
    });
    await expect(
      responses.extend(active.id, step, { until: clock.now() + 25 * HOUR, by: 'local:ann', reason: '' }),
    ).rejects.toThrow('holds at most until');
  });
});

describe('a person at the command', () => {
  it('has an action planned and done, once for each time they ask', async () => {
    const { responses } = world();
    const proposal: Proposal = {
      action: 'switch-off',
      parameters: { wall: 'hall', names: ['a'] },
      mode: 'automatic',
      requester: EVE,
      reason: 'a drill',
    };
    const first = await responses.propose({ ...proposal, lasts: 10 * MINUTE });
    expect(first).toMatchObject({
      state: 'active',
      requester: 'local:eve',
      steps: [{ lease: { until: clock.now() + 10 * MINUTE } }],
    });
    await clock.wait(10 * MINUTE);
    await worked(responses, first);
    expect(await responses.propose(proposal)).toMatchObject({ state: 'active' });
    expect(board.writes).toHaveLength(3);
    await expect(responses.propose({ ...proposal, action: 'switch' })).rejects.toThrow('there is no action switch');
    await expect(responses.propose({ ...proposal, parameters: { wall: 'x'.repeat(4096), names: [] } })).rejects.toThrow(
      'cannot take these parameters',
    );
  });
});

it('waits for its turn at a target, and is worked on as soon as that is free', async () => {
  const { responses, put } = world();
  let other: Promise<Response> | undefined;
  const second = await put('automatic', 'b');
  board.trouble = (call, when) => {
    if (call === 'write' && when === 'before') other ??= worked(responses, second);
  };
  await worked(responses, await put('automatic', 'a'));
  expect(await other).toMatchObject({
    state: 'running',
    steps: [{ state: 'ready', problem: containing('is worked on by the response') }],
  });
  expect(await responses.get(second.id)).toMatchObject({ state: 'active' });
});
