import { beforeEach, expect, it } from 'vitest';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Action } from '../../playbooks/contract/action.ts';
import { hashOf } from '../../playbooks/contract/hashes.ts';
import { HurriedClock } from '../../test/response/hurried-clock.ts';
import { proposed, responsePorts } from '../../test/response/response-world.ts';
import { Switchboard, switchOff } from '../../test/response/switchboard.ts';
import type { ResponsePorts } from './ports.ts';
import type { Mode, Response } from './response.ts';
import { CLAIM } from './response-store.ts';
import { Responses } from './responses.ts';

const containing = (text: string): unknown => expect.stringContaining(text);

let board: Switchboard;
let clock: HurriedClock;
let storage: ReturnType<typeof memoryStorage>;
beforeEach(() => {
  board = new Switchboard();
  clock = new HurriedClock();
  storage = memoryStorage();
});

async function work(
  action: Action,
  { steps = 1, mode = 'automatic', ...other }: { steps?: number; mode?: Mode } & Partial<ResponsePorts> = {},
): Promise<{ readonly responses: Responses; readonly response: Response | undefined }> {
  const responses = new Responses(responsePorts([action], { storage, clock, ...other }));
  const wanted = Array.from({ length: steps }, (_, at) => ({
    action,
    parameters: { wall: 'hall', names: [`n${at}`] },
  }));
  const { id } = await proposed(responses.store, wanted, { mode, now: clock.now() });
  return { responses, response: await responses.advance(id) };
}

/** Has a plan make so many changes of so many things. */
const many = (changes: number, before = 'on'): Action => {
  const base = switchOff(board);
  return {
    ...base,
    plan: async (parameters, context) => {
      const plan = await base.plan(parameters, context);
      const [first] = plan.changes;
      if (first === undefined) throw new Error('nothing is planned');
      const all = Array.from({ length: changes }, (_, at) => {
        const id = `n${at}`;
        return { ...first, id, before, holds: `switch-off|${id}`, target: { ...first.target, id: `switch:${id}` } };
      });
      return { ...plan, changes: all };
    },
  };
};

it('plans more steps than fit into one transaction, and asks once, of all', async () => {
  const asked: Response[] = [];
  const ask = (response: Response): Promise<void> => Promise.resolve(void asked.push(response));
  const { response } = await work(switchOff(board), { steps: 100, mode: 'approve', ask });
  expect(response).toMatchObject({ state: 'awaiting-approval', approval: { number: 1 } });
  expect(asked).toHaveLength(1);
  expect(response?.steps.every(({ state }) => state === 'planned')).toBe(true);
});

it('keeps its claim while services are slow to plan', async () => {
  const base = switchOff(board);
  const slow: Action = {
    ...base,
    plan: async (parameters, context) => {
      await clock.wait(CLAIM / 2);
      // Another looks whether it can take over.
      await responses.advance(id);
      return base.plan(parameters, context);
    },
  };
  const responses: Responses = new Responses(responsePorts([slow], { storage, clock }));
  const steps = ['a', 'b', 'c', 'd'].map((name) => ({ action: slow, parameters: { wall: 'hall', names: [name] } }));
  const { id } = await proposed(responses.store, steps, { mode: 'observe', now: clock.now() });
  expect(await responses.advance(id)).toMatchObject({ state: 'observed' });
  const kinds = (await Array.fromAsync(responses.evidence.entries())).map(({ kind }) => kind);
  expect(kinds).toEqual(['proposed', 'planned', 'planned', 'planned', 'planned']);
});

it('makes as many changes as one plan may hold, and takes them back', async () => {
  const { responses, response } = await work(many(80));
  expect(response).toMatchObject({ state: 'active', steps: [{ state: 'verified' }] });
  const undone = await responses.undo(response?.id ?? '', { by: 'local:ann', reason: 'over', force: false });
  expect(undone).toMatchObject({ state: 'ended', steps: [{ state: 'undone' }] });
  expect(board.writes).toHaveLength(160);
});

it('says what is too much for one plan', async () => {
  const { response } = await work(many(81));
  expect(response).toMatchObject({
    state: 'ended',
    steps: [{ state: 'failed', problem: containing('would make 81 changes of hall at once, and 80 are the most') }],
  });
});

it('says what is too large to be kept', async () => {
  // Nothing that packs well.
  const noise = Array.from({ length: 20_000 }, (_, at) => hashOf(at)).join('');
  const { response } = await work(many(1, noise));
  expect(response).toMatchObject({
    state: 'ended',
    steps: [{ state: 'failed', problem: containing('too much to be kept') }],
  });
  expect(board.writes).toEqual([]);
});

it('has people told by whoever comes next where telling them failed', async () => {
  let broken = true;
  const asked: string[] = [];
  const ask = ({ id }: Response): Promise<void> =>
    broken ? Promise.reject(new Error('no answer')) : Promise.resolve(void asked.push(id));
  await expect(work(switchOff(board), { mode: 'approve', ask })).rejects.toThrow('no answer');
  const responses = new Responses(responsePorts([switchOff(board)], { storage, clock, ask }));
  broken = false;
  await responses.sweep();
  const [id = ''] = storage.queues.sent('responses');
  await responses.advance(id);
  expect(asked).toEqual([id]);
  await responses.sweep();
  expect(storage.queues.sent('responses')).toEqual([id]);
});
