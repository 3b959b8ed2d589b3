import { beforeEach, describe, expect, it } from 'vitest';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Action, Plan } from '../../playbooks/contract/action.ts';
import { HurriedClock } from '../../test/response/hurried-clock.ts';
import { proposed, responsePorts } from '../../test/response/response-world.ts';
import { away, Switchboard, switchOff } from '../../test/response/switchboard.ts';
import { advance } from './advance.ts';
import type { ResponsePorts } from './ports.ts';
import { PARTITION, TABLE } from './response-rows.ts';
import type { Response, Step } from './response.ts';
import { Responses } from './responses.ts';

let board: Switchboard;
let clock: HurriedClock;
let storage: ReturnType<typeof memoryStorage>;
beforeEach(() => {
  board = new Switchboard();
  clock = new HurriedClock();
  storage = memoryStorage();
});

function world(action: Action = switchOff(board), other: Partial<ResponsePorts> & { configuration?: string } = {}) {
  const ports = responsePorts([action], { storage, clock, ...other });
  const responses = new Responses(ports);
  const woken = new Set<string>();
  const put = (incident: string, mode: Response['mode'], ...names: string[]): Promise<Response> =>
    proposed(responses.store, [{ action, parameters: { wall: 'hall', names } }], { incident, mode, now: clock.now() });
  const work = async ({ id }: Response): Promise<Step> => {
    // By itself: whom it wakes is worked on when the test says so.
    const [step] = (await advance(id, { ports, store: responses.store, woken }))?.steps ?? [];
    if (step === undefined) throw new Error('there is no such response');
    return step;
  };
  return { responses, put, work, woken };
}

/** Who is in a queue, of all targets. */
async function queued(): Promise<readonly string[]> {
  const { rows } = await storage.tables.query(TABLE, PARTITION, { from: 'target|', to: 'target|~', limit: 1000 });
  return rows.map(({ row }) => row);
}

/** Works on a response in the middle of a write of another. */
function duringTheFirstWrite(act: () => Promise<unknown>): { readonly done: () => Promise<unknown> } {
  let done: Promise<unknown> | undefined;
  board.trouble = (call, when) => {
    if (call === 'write' && when === 'before') done ??= act();
  };
  return { done: () => done ?? Promise.reject(new Error('nothing was written')) };
}

describe('who waits for a target', () => {
  it('goes on at once when it is woken', async () => {
    const { put, work, woken } = world();
    const second = await put('incident-2', 'automatic', 'b');
    const during = duringTheFirstWrite(() => work(second));
    await work(await put('incident-1', 'automatic', 'a'));
    expect(await during.done()).toMatchObject({ state: 'ready', delayed: { turn: true } });
    expect([...woken]).toEqual([second.id]);
    expect(await work(second)).toMatchObject({ state: 'verified' });
    expect(await queued()).toEqual([]);
  });

  it('goes on at once when it is woken to undo', async () => {
    const { responses, put, work } = world();
    const first = await put('incident-1', 'automatic', 'a');
    await work(first);
    const during = duringTheFirstWrite(() =>
      responses.undo(first.id, { by: 'local:ann', reason: 'over', force: false }),
    );
    await work(await put('incident-2', 'automatic', 'b'));
    expect(await during.done()).toMatchObject({ steps: [{ state: 'undoing', delayed: { turn: true } }] });
    expect(await work(first)).toMatchObject({ state: 'undone' });
    expect(await queued()).toEqual([]);
  });

  it.each<[string, Partial<Plan>, Step['state']]>([
    ['there is nothing left to do', { changes: [] }, 'verified'],
    ['a guard refuses it', { subjects: [{ kind: 'address', value: '127.0.0.1' }] }, 'refused'],
    ['a guard wants people to be asked', { share: { of: 2, total: 3, what: 'switches' } }, 'planned'],
  ])('keeps nobody waiting where %s by then', async (_, now, state) => {
    let other: Partial<Plan> = {};
    const base = switchOff(board);
    const { put, work } = world({
      ...base,
      plan: async (parameters, context) => ({ ...(await base.plan(parameters, context)), ...other }),
    });
    const second = await put('incident-2', 'automatic', 'b');
    const during = duringTheFirstWrite(() => work(second));
    await work(await put('incident-1', 'automatic', 'a'));
    await during.done();
    expect(await queued()).not.toEqual([]);
    other = now;
    expect(await work(second)).toMatchObject({ state });
    expect(await queued()).toEqual([]);
  });

  it('keeps nobody waiting while all is stopped', async () => {
    const { responses, put, work } = world();
    const second = await put('incident-2', 'automatic', 'b');
    const during = duringTheFirstWrite(() => work(second));
    const first = await put('incident-1', 'automatic', 'a');
    await work(first);
    await during.done();
    await responses.stop({ by: 'local:ann', reason: 'wait' });
    expect(await work(second)).toMatchObject({ state: 'ready' });
    expect(await queued()).toEqual([]);
    const undone = await responses.undo(first.id, { by: 'local:ann', reason: 'over', force: false });
    expect(undone).toMatchObject({ state: 'ended', steps: [{ state: 'undone' }] });
  });
});

it('gives up its places where what it wants is another by the time of its turn', async () => {
  let also: readonly string[] = ['b'];
  const base = switchOff(board);
  const action: Action = {
    ...base,
    // What others changed meanwhile is not to be changed any more.
    plan: async (parameters, context) => {
      const plan = await base.plan(parameters, context);
      const wanted = plan.changes.filter(({ id }) => !['b', 'c'].includes(id) || also.includes(id));
      return { ...plan, changes: wanted };
    },
  };
  const { put, work } = world(action);
  const second = await put('incident-2', 'automatic', 'b', 'c', 'd');
  const during = duringTheFirstWrite(() => work(second));
  await work(await put('incident-1', 'automatic', 'a'));
  await during.done();
  expect(await queued()).toHaveLength(3);
  also = ['c'];
  expect(await work(second)).toMatchObject({ state: 'verified', changes: [{}, {}] });
  expect(await queued()).toEqual([]);
});

it('keeps nobody waiting while its service is away', async () => {
  const { put, work } = world();
  const second = await put('incident-2', 'automatic', 'b');
  const during = duringTheFirstWrite(() => work(second));
  await work(await put('incident-1', 'automatic', 'a'));
  await during.done();
  board.trouble = () => {
    throw away();
  };
  expect(await work(second)).toMatchObject({ state: 'ready', delayed: { attempts: 1 } });
  expect(await queued()).toEqual([]);
});
