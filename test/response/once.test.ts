import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../local/demo/random.ts';
import { faultyStorage } from '../../platform/storage/faults.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { ResponseStore } from '../../pipeline/response/response-store.ts';
import { Responses } from '../../pipeline/response/responses.ts';
import type { Response } from '../../pipeline/response/response.ts';
import { hasEnded } from '../../pipeline/response/states.ts';
import { HurriedClock } from './hurried-clock.ts';
import { proposed, responsePorts } from './response-world.ts';
import { away, Switchboard, switchOff } from './switchboard.ts';

const RUNS = process.env['CROSSTRAIL_LONG'] === '1' ? 1000 : 100;
const KILLS = 5;

class KilledError extends Error {}

/** A process that dies at a call, before it or after it took effect; whatever it tries from then on has no effect. */
class Mortal {
  #left = Infinity;
  dead = false;
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  dieAfter(calls: number): void {
    this.#left = calls;
  }

  /** @returns whether the call that is under way has no effect */
  call(when: 'before' | 'after'): void {
    if (when === 'before' && this.dead) throw new KilledError();
    if (when === 'after' && this.dead) throw new KilledError();
    if (--this.#left > 0) return;
    this.dead = true;
    this.#left = Infinity;
    throw new KilledError();
  }

  get random(): SeededRandom {
    return this.#random;
  }
}

/** Three responses, two of which want one switch off, through crashes and services that are away, until all leases are over. */
async function live(
  seed: number,
): Promise<{ kills: number; board: Switchboard; problems: readonly string[]; open: number }> {
  const random = new SeededRandom(seed);
  const [storage, clock, board] = [memoryStorage(), new HurriedClock(), new Switchboard()];
  const store = new ResponseStore(storage.tables, clock);
  const action = switchOff(board, { settle: { checks: 2, every: 500 } });
  const step = (wall: string, ...names: string[]) => ({ action, parameters: { wall, names }, lasts: 5 * 60_000 });
  const now = clock.now();
  await proposed(store, [step('hall', 'a', 'b')], { incident: 'incident-1', now });
  await proposed(store, [step('hall', 'b', 'c'), step('cellar', 'd')], { incident: 'incident-2', now });
  await proposed(store, [step('cellar', 'e')], { incident: 'incident-3', now });
  let kills = 0;
  for (let turn = 0; turn < 400; turn++) {
    const mortal = new Mortal(random);
    if (kills < KILLS) mortal.dieAfter(1 + random.below(120));
    board.trouble = (_, when) => {
      mortal.call(when);
      if (when === 'before' && random.below(25) === 0) throw away();
    };
    const mortalStorage = faultyStorage(storage, () => {
      try {
        mortal.call('before');
        return undefined;
      } catch (error) {
        return {
          when: mortal.random.below(2) === 0 ? 'before' : 'after',
          error: error instanceof Error ? error : new Error(),
        };
      }
    });
    const responses = new Responses(responsePorts([action], { storage: mortalStorage, clock }));
    try {
      await responses.sweep();
      const due: string[] = [];
      for await (const response of responses.list({ open: true, limit: 10 })) due.push(response.id);
      // Several at once, as messages of a queue are.
      const outcomes = await Promise.allSettled(
        due.flatMap((id) => [responses.advance(id), later(random).then(() => responses.advance(id))]),
      );
      for (const outcome of outcomes) if (outcome.status === 'rejected' && !mortal.dead) throw outcome.reason;
    } catch (error) {
      if (!(error instanceof KilledError)) throw error;
    }
    if (mortal.dead) kills++;
    await clock.wait(random.below(3) === 0 ? 4 * 60_000 : 61_000);
    const left = await store.list({ open: true, limit: 10 });
    for (const name of left.flatMap(heldBy)) if (!board.isOff(name)) throw new Error(`${name} is on, and is held`);
    if (left.length === 0) break;
  }
  board.trouble = () => undefined;
  const whole = new Responses(responsePorts([action], { storage, clock }));
  const { problems } = await whole.evidence.verify();
  const open = (await store.list({ limit: 10 })).filter((response) => !hasEnded(response)).length;
  return { kills, board, problems, open };
}

/** What is to be off by now. */
const heldBy = ({ steps }: Response): string[] =>
  steps
    .filter(({ state }) => state === 'verified')
    .flatMap(({ changes }) => changes.filter(({ state }) => state === 'made').map(({ change }) => change.id));

async function later(random: SeededRandom): Promise<void> {
  for (let turns = random.below(2000); turns > 0; turns--) await Promise.resolve();
}

describe('responses that crash anywhere', () => {
  it(
    `do each step once and undo each once, over ${RUNS * KILLS} crash points`,
    async () => {
      let kills = 0;
      for (let seed = 1; seed <= RUNS; seed++) {
        const { board, problems, open, ...lived } = await live(seed);
        kills += lived.kills;
        expect({ seed, problems, open }).toEqual({ seed, problems: [], open: 0 });
        for (const name of ['a', 'b', 'c', 'd', 'e']) {
          const writes = board.writes.filter((write) => write.name === name).map(({ to }) => to);
          // Two want b; where the first has ended before the second began, it is turned off for each.
          const twice = name === 'b' && writes.length > 2;
          expect({ seed, name, writes }).toEqual({
            seed,
            name,
            writes: twice ? ['off', 'on', 'off', 'on'] : ['off', 'on'],
          });
        }
      }
      expect(kills).toBeGreaterThanOrEqual(RUNS * KILLS * 0.99);
    },
    RUNS * 600,
  );
});
