import { z } from 'zod';
import {
  defineAction,
  type Action,
  type Change,
  type Plan,
  type Verification,
} from '../../playbooks/contract/action.ts';
import { ActionError } from '../../playbooks/contract/action-error.ts';

/** What happens to a switch, in order. */
export interface SwitchWrite {
  readonly name: string;
  readonly to: 'on' | 'off';
}

/** A made-up service: a wall of switches, which actions of two kinds turn off, and that can fail as services do. */
export class Switchboard {
  readonly #off = new Set<string>();
  readonly writes: SwitchWrite[] = [];
  /** What happens at each call: may throw, before or after it takes effect. */
  trouble: (call: 'read' | 'write', when: 'before' | 'after') => void = () => undefined;

  isOff(name: string): boolean {
    return this.#off.has(name);
  }

  read(name: string): boolean {
    this.trouble('read', 'before');
    const off = this.#off.has(name);
    this.trouble('read', 'after');
    return off;
  }

  /** Counts also what changes nothing: this service is one that cannot be asked twice. */
  async turn(name: string, to: 'on' | 'off'): Promise<void> {
    this.trouble('write', 'before');
    // On its way for a while, so that others come between.
    for (let turns = 0; turns < 200; turns++) await Promise.resolve();
    this.writes.push({ name, to });
    if (to === 'off') this.#off.add(name);
    else this.#off.delete(name);
    this.trouble('write', 'after');
  }
}

const switches = z.object({ wall: z.string().max(20), names: z.array(z.string().max(20)).min(1).max(5) });

/** Turns switches off, and on again when it is undone. */
export const switchOff = (board: Switchboard, other: Partial<Action> = {}): Action => ({
  ...defineAction<z.infer<typeof switches>>({
    name: 'switch-off',
    group: 'azure',
    title: 'Turn switches off',
    description: 'Turns switches of a wall off.',
    parameters: switches,
    permissions: {},
    reversibility: 'reversible',
    lease: { usual: 3_600_000, longest: 86_400_000 },
    operations: [],
    plan: async ({ wall, names }): Promise<Plan> => ({
      target: { kind: 'wall', id: `wall:${wall}`, label: wall },
      changes: names.map((name): Change => {
        // Only what this change is about: another that turns the same one off first changes nothing here.
        board.read(name);
        const target = { kind: 'switch', id: `switch:${name}`, label: name };
        return {
          ...{ id: name, target, holds: `switch-off|${name}`, summary: `Turn ${name} off` },
          ...{ before: 'on', after: 'off', undo: `Turn ${name} on` },
        };
      }),
      affects: [],
      residual: [],
      subjects: [],
    }),
    execute: ({ id }) => board.turn(id, 'off'),
    verify: async ({ id }): Promise<Verification> => (board.read(id) ? { is: 'held' } : { is: 'absent' }),
    undo: ({ id }) => board.turn(id, 'on'),
  }),
  ...other,
});

/** A service that is away. */
export const away = (): ActionError => new ActionError('busy', 'the wall does not answer');
