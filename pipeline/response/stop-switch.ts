import { textOf } from '../../platform/json.ts';
import type { Transaction } from '../../platform/storage/transaction.ts';
import { stoppedBy, switchedOff } from './guards/runner-refusals.ts';
import { STOP } from './response-rows.ts';
import type { Draft } from './response-store.ts';
import type { GuardVerdict, Step } from './response.ts';
import { setStep, type Work } from './work.ts';

/** While all is stopped, it is looked again after so long whether it still is, milliseconds. */
const STOPPED_FOR = 30_000;

/** Puts a step off where all is stopped. @returns whether it is */
export async function isStopped(work: Pick<Work, 'ports'>, draft: Draft, step: Step): Promise<boolean> {
  const stop = await stopOf(work, draft.transaction);
  if (stop === undefined) return false;
  const attempts = step.delayed?.attempts ?? 0;
  setStep(draft, { ...step, problem: stop.reason, delayed: { attempts, until: draft.now + STOPPED_FOR } });
  return true;
}

/** Why nothing is done at all; undefined where nobody stopped it. */
async function stopOf({ ports }: Pick<Work, 'ports'>, transaction: Transaction): Promise<GuardVerdict | undefined> {
  if (!ports.connections.settings.enabled) return switchedOff();
  const stop = await transaction.get(STOP);
  if (stop === undefined) return undefined;
  return stoppedBy({ by: textOf(stop['by']) ?? '', at: Number(stop['at']), reason: textOf(stop['reason']) ?? '' });
}
