import { textOf } from '../../platform/json.ts';
import type { Transaction } from '../../platform/storage/transaction.ts';
import { stoppedBy, switchedOff } from './guards/runner-refusals.ts';
import { STOP } from './response-rows.ts';
import type { GuardVerdict } from './response.ts';
import type { Work } from './work.ts';

/** While all is stopped, it is looked again after so long whether it still is, milliseconds. */
export const STOPPED_FOR = 30_000;

/** Why nothing is done at all; undefined where nobody stopped it. */
export async function stopOf({ ports }: Work, transaction: Transaction): Promise<GuardVerdict | undefined> {
  if (!ports.connections.settings.enabled) return switchedOff();
  const stop = await transaction.get(STOP);
  if (stop === undefined) return undefined;
  return stoppedBy({ by: textOf(stop['by']) ?? '', at: Number(stop['at']), reason: textOf(stop['reason']) ?? '' });
}
