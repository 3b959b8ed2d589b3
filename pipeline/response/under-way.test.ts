/** What people and others do while a response is being worked on. */
import { beforeEach, describe, expect, it } from 'vitest';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { HurriedClock } from '../../test/response/hurried-clock.ts';
import { proposed, responsePorts } from '../../test/response/response-world.ts';
import { away, Switchboard, switchOff } from '../../test/response/switchboard.ts';
import type { Response } from './response.ts';
import { Responses } from './responses.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WANTED = { by: 'local:ann', reason: 'it was a drill', force: false };

let board: Switchboard;
let clock: HurriedClock;
let responses: Responses;
beforeEach(() => {
  board = new Switchboard();
  clock = new HurriedClock();
  responses = new Responses(responsePorts([switchOff(board)], { storage: memoryStorage(), clock }));
});

const put = (incident: string, ...names: string[]): Promise<Response> =>
  proposed(responses.store, [{ action: switchOff(board), parameters: { wall: 'hall', names } }], {
    incident,
    now: clock.now(),
  });
const work = async ({ id }: Response): Promise<Response> => {
  const response = await responses.advance(id);
  if (response === undefined) throw new Error('there is no such response');
  return response;
};
/** Does something once, while the first switch is being turned. */
function duringTheFirstWrite(act: () => Promise<unknown>): { readonly done: () => Promise<unknown> } {
  let done: Promise<unknown> | undefined;
  board.trouble = (call, when) => {
    if (call === 'write' && when === 'before') done ??= act();
  };
  return { done: () => done ?? Promise.reject(new Error('nothing was written')) };
}
const written = (): string[] => board.writes.map(({ name, to }) => `${name} ${to}`);

describe('the switch that stops all', () => {
  it('ends a step between two of its changes, which goes on when it is resumed', async () => {
    const made = await put('incident-1', 'a', 'b');
    duringTheFirstWrite(() => responses.stop({ by: 'local:ann', reason: 'wait' }));
    expect(await work(made)).toMatchObject({
      steps: [{ state: 'executing', changes: [{ state: 'made' }, { state: 'planned' }] }],
    });
    await clock.wait(MINUTE);
    await work(made);
    expect(written()).toEqual(['a off']);
    await responses.resume({ by: 'local:ann', reason: 'go on' });
    await clock.wait(MINUTE);
    expect(await work(made)).toMatchObject({ state: 'active', steps: [{ state: 'verified' }] });
    expect(written()).toEqual(['a off', 'b off']);
  });

  it('keeps what was put off from being executed', async () => {
    const made = await put('incident-1', 'a');
    board.trouble = (call) => {
      if (call === 'write') throw away();
    };
    await work(made);
    board.trouble = () => undefined;
    await responses.stop({ by: 'local:ann', reason: 'wait' });
    await clock.wait(MINUTE);
    expect(await work(made)).toMatchObject({ steps: [{ state: 'executing' }] });
    expect(board.writes).toEqual([]);
  });

  it('keeps leases from being ended, unless a person asks for it', async () => {
    const active = await work(await put('incident-1', 'a'));
    await responses.stop({ by: 'local:ann', reason: 'wait' });
    await clock.wait(HOUR);
    expect(await work(active)).toMatchObject({ steps: [{ state: 'undoing' }] });
    expect(board.isOff('a')).toBe(true);
    expect(await responses.undo(active.id, WANTED)).toMatchObject({ state: 'ended', steps: [{ state: 'undone' }] });
    expect(board.isOff('a')).toBe(false);
  });
});

describe('a person who has a response undone', () => {
  it('while it is executed is heard before the next change', async () => {
    const made = await put('incident-1', 'a', 'b');
    const during = duringTheFirstWrite(() => responses.undo(made.id, WANTED));
    expect(await work(made)).toMatchObject({ state: 'ended', steps: [{ state: 'undone' }] });
    await during.done();
    expect(written()).toEqual(['a off', 'a on']);
  });

  it('has nothing done of what was not begun', async () => {
    const action = switchOff(board);
    const steps = ['a', 'b'].map((name) => ({ action, parameters: { wall: 'hall', names: [name] } }));
    const made = await proposed(responses.store, steps, { now: clock.now() });
    const during = duringTheFirstWrite(() => responses.undo(made.id, WANTED));
    expect(await work(made)).toMatchObject({ state: 'ended', steps: [{ state: 'undone' }, { state: 'dropped' }] });
    await during.done();
    expect(written()).toEqual(['a off', 'a on']);
  });

  it('has what is stopped not done at all', async () => {
    await responses.stop({ by: 'local:ann', reason: 'wait' });
    const made = await work(await put('incident-1', 'a'));
    expect(made).toMatchObject({ steps: [{ state: 'ready' }] });
    expect(await responses.undo(made.id, WANTED)).toMatchObject({ state: 'declined', steps: [{ state: 'dropped' }] });
  });

  it('may insist while it is tried again and again', async () => {
    const active = await work(await put('incident-1', 'a'));
    board.trouble = (call) => {
      if (call === 'write') throw away();
    };
    await responses.undo(active.id, WANTED);
    const insisted = await responses.undo(active.id, { ...WANTED, force: true });
    expect(insisted).toMatchObject({ steps: [{ state: 'undoing', undo: { force: true } }] });
  });
});

describe('what somebody took back', () => {
  it('is held no more by who held it: whoever makes it anew takes it back in the end', async () => {
    const first = await work(await put('incident-1', 'a'));
    await board.turn('a', 'on');
    await clock.wait(10 * MINUTE);
    expect(await work(first)).toMatchObject({ state: 'ended', steps: [{ changes: [{ state: 'lost' }] }] });
    const second = await work(await put('incident-2', 'a'));
    expect(board.isOff('a')).toBe(true);
    expect(await responses.undo(second.id, WANTED)).toMatchObject({ steps: [{ changes: [{ state: 'taken-back' }] }] });
    expect(board.isOff('a')).toBe(false);
  });
});

it('is done again for the same incident where a person asks again', async () => {
  const done = await work(await put('incident-1', 'a'));
  await responses.undo(done.id, WANTED);
  const again = await responses.propose({
    ...{ action: 'switch-off', parameters: { wall: 'hall', names: ['a'] }, incident: 'incident-1', mode: 'automatic' },
    ...{ requester: { id: 'local:ben', name: 'ben', aliases: [], by: 'this machine' }, reason: 'it was none' },
  });
  expect(again).toMatchObject({ state: 'active', steps: [{ state: 'verified' }] });
  expect(board.isOff('a')).toBe(true);
});
