import { describe, expect, it, onTestFinished } from 'vitest';
import type { FakeService, FakeWrite } from '../../local/fakes/fake-service.ts';
import { ActionError } from '../../playbooks/contract/action-error.ts';
import type { Action, ActionContext, Change, Verification } from '../../playbooks/contract/action.ts';
import { planHashOf } from '../../playbooks/contract/hashes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Json } from '../../platform/json.ts';
import { HurriedClock } from './hurried-clock.ts';

/** Services as they stand before an action, and how it reaches them. */
export interface Stage {
  /** Listening already; they are closed when the test ends. */
  readonly fakes: readonly FakeService[];
  /** What a new process gives the action. */
  readonly context: () => ActionContext;
  /** All that the action may change, to see that it is as before when it was taken back. */
  readonly state?: (() => Json) | undefined;
}

export interface ContractCase {
  readonly parameters: Json;
  /** A new stage, the same each time. @param clock of which waits are over at once; for the fakes and the context alike */
  readonly start: (clock: Clock) => Promise<Stage>;
  /** Parameters that must reach no service. */
  readonly hostile?: readonly Json[] | undefined;
}

/** What goes wrong: the request is not read, or it is done and nobody hears of it. */
const BREAKS = ['hang up', 'lose answer'] as const;
/** Whether the service can be reached again at once, or the process ends there and another takes its place. */
const PLACES = ['once', 'and the process ends'] as const;
const MOST_POINTS = 200;
const MOST_LOOKS = 50;

/**
 * Registers the tests that every action must pass: planning only reads and gives the same each time, every step bears to be called again, and a break at any request
 * leaves nothing done twice and nothing undone, when it is taken up as the runner does.
 */
export function describeContract(action: Action, contract: ContractCase): void {
  describe(`${action.name} keeps the contract of actions`, () => {
    it('plans by reading only, the same each time', async () => {
      const { stage } = await staged(contract);
      const [plan, again] = [await planned(action, contract, stage), await planned(action, contract, stage)];
      expect(writesOf(stage)).toEqual([]);
      expect(hashOf(action, contract, again)).toBe(hashOf(action, contract, plan));
      expect(plan.changes).not.toEqual([]);
      expect(new Set(plan.changes.map(({ id }) => id)).size).toBe(plan.changes.length);
      // A plan is stored and read again before it is executed.
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    });

    it('executes, is seen held, and is taken back, each once however often it is asked for', async () => {
      const { stage, changes, before } = await staged(contract, action);
      for (const change of changes) expect(await action.verify(change, stage.context())).toEqual({ is: 'absent' });
      expect(writesOf(stage)).toEqual([]);
      await made(action, changes, stage);
      const writes = writesOf(stage);
      expect(writes.length).toBeGreaterThanOrEqual(1);
      for (const change of changes) await action.execute(change, stage.context());
      expect(writesOf(stage)).toEqual(writes);
      if (!canBeUndone(action, changes)) return;
      await takenBack(action, changes, stage);
      expect(stage.state?.()).toEqual(before);
      const undone = writesOf(stage);
      for (const change of changes) await action.undo?.(change, stage.context());
      expect(writesOf(stage)).toEqual(undone);
    });

    for (const place of PLACES) {
      it.each(BREAKS)(`makes its changes once where the service does ‘%s’ at any request, ${place}`, async (answer) => {
        const { stage: calm, changes } = await staged(contract, action);
        await made(action, changes, calm);
        await atEachRequest(async (point) => {
          const { stage } = await staged(contract);
          const struck = await broken(stage, { point, answer, place }, () => made(action, changes, stage));
          await made(action, changes, stage);
          expect(writesOf(stage), `broken at request ${point}`).toEqual(writesOf(calm));
          return struck;
        });
      });

      // What cannot be undone has nothing to take back.
      it.each(action.undo === undefined ? [] : BREAKS)(
        `takes them back once where the service does ‘%s’ at any request, ${place}`,
        async (answer) => {
          const { stage: calm, changes, before } = await staged(contract, action);
          if (!canBeUndone(action, changes)) return;
          await made(action, changes, calm);
          await takenBack(action, changes, calm);
          await atEachRequest(async (point) => {
            const { stage } = await staged(contract);
            await made(action, changes, stage);
            const struck = await broken(stage, { point, answer, place }, () => takenBack(action, changes, stage));
            await takenBack(action, changes, stage);
            expect(writesOf(stage), `broken at request ${point}`).toEqual(writesOf(calm));
            expect(stage.state?.()).toEqual(before);
            return struck;
          });
        },
      );
    }

    it.each(contract.hostile === undefined ? [] : [{ hostile: contract.hostile }])(
      'refuses hostile parameters before any service hears of them',
      async ({ hostile }) => {
        const { stage } = await staged(contract);
        for (const parameters of hostile) {
          const refusal = action.plan(parameters, stage.context());
          await expect(refusal, JSON.stringify(parameters)).rejects.toMatchObject({
            name: 'ActionError',
            kind: 'input',
          });
        }
        expect(stage.fakes.flatMap(({ requests }) => requests)).toEqual([]);
      },
    );
  });
}

interface Staged {
  readonly stage: Stage;
  /** As they are read from where the plan was stored; empty without an action. */
  readonly changes: readonly Change[];
  readonly before: Json | undefined;
}

async function staged(contract: ContractCase, action?: Action): Promise<Staged> {
  const stage = await contract.start(new HurriedClock());
  onTestFinished(async () => {
    await Promise.all(stage.fakes.map((fake) => fake.close()));
  });
  const before = structuredClone(stage.state?.());
  const changes = action === undefined ? [] : (await planned(action, contract, stage)).changes;
  return { stage, changes: JSON.parse(JSON.stringify(changes)) as Change[], before };
}

const planned = (action: Action, { parameters }: ContractCase, stage: Stage) =>
  action.plan(parameters, stage.context());

const hashOf = (action: Action, { parameters }: ContractCase, plan: Awaited<ReturnType<typeof planned>>): string =>
  planHashOf([{ action: action.name, parameters, plan }]);

const writesOf = ({ fakes }: Stage): FakeWrite[] => fakes.flatMap(({ writes }) => writes);

const canBeUndone = (action: Action, changes: readonly Change[]): boolean =>
  action.undo !== undefined && changes.every(({ undo }) => undo !== undefined);

/** Makes changes as the runner does: looks first, executes only what is absent, and looks until it is held. */
async function made(action: Action, changes: readonly Change[], stage: Stage): Promise<void> {
  const context = stage.context();
  for (const change of changes) {
    if ((await action.verify(change, context)).is === 'absent') await action.execute(change, context);
    for (let seen = 0; seen < (action.settle?.checks ?? 1); seen++) {
      if (seen > 0) await context.clock.wait(action.settle?.every ?? 0);
      await seenAs('held', action, change, context);
    }
  }
}

/** Takes changes back as the runner does, the last first. */
async function takenBack(action: Action, changes: readonly Change[], stage: Stage): Promise<void> {
  const context = stage.context();
  for (const change of changes.toReversed()) {
    const found = await action.verify(change, context);
    expect(found.is).not.toBe('changed');
    if (found.is !== 'absent') await action.undo?.(change, context);
    await seenAs('absent', action, change, context);
  }
}

async function seenAs(is: Verification['is'], action: Action, change: Change, context: ActionContext): Promise<void> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const found = await action.verify(change, context);
    if (found.is !== 'settling') {
      expect(found).toMatchObject({ is });
      return;
    }
    await context.clock.wait(found.again);
  }
  throw new Error(`${change.id} still settles after ${MOST_LOOKS} looks`);
}

/** @param attempt of which the request of that number fails; gives whether there was one */
async function atEachRequest(attempt: (point: number) => Promise<boolean>): Promise<void> {
  for (let point = 0; point < MOST_POINTS; point++) if (!(await attempt(point))) return;
  throw new Error(`more than ${MOST_POINTS} requests`);
}

interface Break {
  /** Of the request, from 0, all services together. */
  readonly point: number;
  readonly answer: (typeof BREAKS)[number];
  readonly place: (typeof PLACES)[number];
}

/** Works while a request fails. @returns whether there was one */
async function broken({ fakes }: Stage, { point, answer, place }: Break, work: () => Promise<void>): Promise<boolean> {
  let [met, over] = [0, false];
  for (const fake of fakes) {
    fake.fail({ when: () => !over && met++ === point, answer });
    if (place === 'once') continue;
    fake.fail({ times: Infinity, when: () => !over && met > point, answer: 'hang up' });
  }
  await work().catch((error: unknown) => {
    // Whoever gets no answer may try again later, and is told so.
    if (error instanceof ActionError && error.kind === 'busy') return;
    throw error;
  });
  over = true;
  return met > point;
}
