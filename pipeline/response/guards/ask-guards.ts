import type { GuardVerdict } from '../response.ts';
import type { Guard, GuardQuestion } from './guard.ts';
import { GUARDS } from './registry.ts';
import { refuse } from './verdict.ts';

/**
 * What the guards say of a plan, in the order of the registry; those that have nothing to say are left out. Pure, and never throws: a guard that fails
 * refuses. It is asked when a plan is made, and with the present state again right before it is executed.
 */
export function askGuards(question: GuardQuestion, guards: readonly Guard[] = GUARDS): GuardVerdict[] {
  return guards.flatMap((guard) => {
    const said = sayingOf(guard, question);
    return said === undefined ? [] : [{ guard: guard.name, ...said }];
  });
}

function sayingOf(guard: Guard, question: GuardQuestion): ReturnType<Guard['ask']> {
  try {
    return guard.ask(question);
  } catch (error) {
    const why = error instanceof Error ? error.name : 'unknown';
    return refuse(`The guard could not be asked (${why})`, 'It cannot be overridden: please report this.');
  }
}

/**
 * What verdicts mean together: one that refuses outweighs all others, and one that asks those that pass.
 * @param approved whether people approved this very plan: then nobody need be asked; what is refused stays refused
 */
export function outcomeOf(verdicts: readonly GuardVerdict[], approved: boolean): GuardVerdict['says'] {
  if (verdicts.some(({ says }) => says === 'refuse')) return 'refuse';
  return !approved && verdicts.some(({ says }) => says === 'ask') ? 'ask' : 'pass';
}
